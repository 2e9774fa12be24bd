import { createHash } from 'node:crypto';
import type { AnyContractProcedure } from '@orpc/contract';
import { z } from 'zod';

/** A JSON schema, as far as input is made from it. */
export interface InputSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly InputSchema[];
  readonly oneOf?: readonly InputSchema[];
  readonly allOf?: readonly InputSchema[];
  readonly properties?: Readonly<Record<string, InputSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: InputSchema | boolean;
  readonly items?: InputSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, InputSchema>>;
}

/** A procedure of the contract, with the schema of what it takes; null where it takes nothing. */
export interface Procedure {
  readonly path: readonly string[];
  readonly schema: InputSchema | null;
}

/** A source of numbers from 0 up to 1. */
export type Random = () => number;

/** The same numbers for the same seed. */
export function repeatableRandom(seed: string): Random {
  let turn = 0;
  return () => {
    turn += 1;
    return createHash('sha256').update(`${seed} ${turn}`).digest().readUInt32BE(0) / 2 ** 32;
  };
}

/** Reads the input of a procedure out of the contract. */
export function procedureSchema(procedure: AnyContractProcedure, path: readonly string[]): Procedure {
  const schema = procedure['~orpc'].inputSchema;
  if (!(schema instanceof z.ZodType)) return { path, schema: null };
  return { path, schema: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as InputSchema };
}

/** Texts that some part of an app takes for something else than text, and some that it takes. No host among them is a real one. */
const texts: readonly string[] = [
  '',
  'a',
  'db1',
  'orders',
  'session',
  '127.0.0.1',
  'http://127.0.0.1:1/patroni',
  'c-1',
  '0'.repeat(64),
  '__proto__',
  'constructor',
  'toString',
  'user:__proto__',
  '\ud800',
  'x\u0000y',
  '\u202egnp.exe',
  "'; rm -rf / #",
  '$(id)',
  '../../../etc/passwd',
  'file:///etc/passwd',
  '\\\\host.invalid\\share',
  '-oProxyCommand=id',
  '{"a":',
  '- &a [*a]\n',
  'a: &x [1]\nb: [*x, *x]\n',
  '\u001b[2J',
  'x'.repeat(5_000),
  '🐘'.repeat(200),
  '<img src=x onerror=alert(1)>',
];

const others: readonly unknown[] = [
  null,
  undefined,
  true,
  -1,
  1e308,
  Number.NaN,
  2n ** 70n,
  [],
  {},
  [[[[]]]],
  { constructor: { name: 1 } },
  new Date(8.64e15),
  new Map([['a', 1n]]),
  new Set([1]),
];

const MOST_DEPTH = 12;

/** A value that mostly fits the schema, so that it gets past the first check, and is wrong in places. */
export function hostileInput(root: InputSchema, random: Random): unknown {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const make = (schema: InputSchema, depth: number): unknown => {
    if (depth > MOST_DEPTH || random() < 0.02) return random() < 0.5 ? pick(texts) : pick(others);
    if (schema.$ref !== undefined) return make(root.$defs?.[schema.$ref.replace(/^.*\//, '')] ?? {}, depth + 1);
    if ('const' in schema) return schema.const;
    if (schema.enum !== undefined) return pick(schema.enum);
    const options = schema.anyOf ?? schema.oneOf;
    if (options !== undefined) return make(pick(options) ?? {}, depth + 1);
    return makeOfType(schema, depth);
  };
  const makeOfType = (schema: InputSchema, depth: number): unknown => {
    switch (schema.type) {
      case 'object':
        return makeObject(schema, depth);
      case 'array':
        return Array.from({ length: Math.floor(random() * 4) }, () => make(schema.items ?? {}, depth + 1));
      case 'string':
        return pick(texts);
      case 'integer':
      case 'number':
        return pick([schema.minimum ?? 0, schema.maximum ?? 10, 1, (schema.maximum ?? 10) + 1, 0.5]);
      case 'boolean':
        return random() < 0.5;
      case 'null':
        return null;
      default:
        return random() < 0.5 ? pick(texts) : pick(others);
    }
  };
  const makeObject = (schema: InputSchema, depth: number): unknown => {
    const { properties = {}, required = [], additionalProperties } = schema;
    const present = Object.entries(properties).filter(([name]) => required.includes(name) || random() < 0.5);
    const own = present.map(([name, inner]) => [name, make(inner, depth + 1)] as const);
    if (typeof additionalProperties !== 'object') return Object.fromEntries(own);
    const more = [pick(texts), pick(texts)].map((name) => [name ?? '', make(additionalProperties, depth + 1)] as const);
    return Object.fromEntries([...own, ...more]);
  };
  return make(root, 0);
}

/** A copy with one or two of its values replaced by hostile ones. */
export function spoiled(value: unknown, random: Random): unknown {
  const copy: unknown = structuredClone(value);
  for (let times = random() < 0.5 ? 1 : 2; times > 0; times -= 1) spoilOne(copy, random);
  return copy;
}

function spoilOne(root: unknown, random: Random): void {
  let part: unknown = root;
  for (;;) {
    if (typeof part !== 'object' || part === null) return;
    const names = Object.keys(part);
    const name = names[Math.floor(random() * names.length)];
    if (name === undefined) return;
    const inner: unknown = Reflect.get(part, name);
    if (typeof inner === 'object' && inner !== null && random() < 0.85) part = inner;
    else {
      const list = random() < 0.7 ? texts : others;
      Reflect.set(part, name, list[Math.floor(random() * list.length)]);
      return;
    }
  }
}
