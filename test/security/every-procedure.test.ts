import { isContractProcedure } from '@orpc/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract } from '../../shared/contract/index';
import { startApp, type TestApp, type TestConnection } from '../support/app/app';
import {
  hostileInput,
  procedureSchema,
  repeatableRandom,
  spoiled,
  type InputSchema,
  type Procedure,
  type Random,
} from '../support/app/hostile-input';
import { specFixture } from '../support/deploy/facts';

/** Another seed looks elsewhere; the one of a failure is printed and finds it again. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_101);
const CALLS_EACH = 24;
const AT_ONCE = 12;
const ALL_WITHIN_MS = 60_000;
/** Calls that dial a server or ask the user may take longer; they are left then. */
const PATIENCE_MS = 1_500;

type Callable = (input?: unknown, options?: { readonly signal: AbortSignal }) => Promise<unknown>;

describe(`every procedure of the core, called with hostile input (seed ${SEED})`, () => {
  let app: TestApp;
  let page: TestConnection;

  beforeAll(async () => {
    app = await startApp({ page: false, ask: () => Promise.resolve(false) });
    page = await app.connect();
    await page.client.vault.useSession();
  });
  afterAll(async () => {
    page.close();
    await app.close();
  });

  const faults: string[] = [];

  async function callOne({ path, schema }: Procedure, turn: number): Promise<void> {
    const random = repeatableRandom(`${SEED} ${path.join('.')} ${turn}`);
    const input = schema === null ? undefined : inputFor(schema, random);
    const what = `${path.join('.')} turn ${turn}: ${String(JSON.stringify(input, printBig)).slice(0, 300)}`;
    const leave = new AbortController();
    const timer = setTimeout(() => {
      leave.abort();
    }, PATIENCE_MS);
    try {
      const call = path.reduce<unknown>((part, name) => Reflect.get(Object(part), name), page.client) as Callable;
      const answer = await call(input, { signal: leave.signal });
      if (isStream(answer)) await answer.return?.();
    } catch (thrown) {
      const fault = leave.signal.aborted ? null : faultOf(thrown);
      if (fault !== null) faults.push(`${what}\n  ${fault}`);
    } finally {
      clearTimeout(timer);
    }
  }

  it('answers or refuses with a code: it foresees all of it, shows no stack, and lives on', async () => {
    const procedures = proceduresOf(contract, []);
    expect(procedures.length).toBeGreaterThan(60);
    const calls = procedures.flatMap((procedure) =>
      Array.from({ length: procedure.schema === null ? 1 : CALLS_EACH }, (_, turn) => ({ procedure, turn })),
    );
    const giveUp = Date.now() + ALL_WITHIN_MS;
    let done = 0;
    const worker = async (): Promise<void> => {
      for (let next = calls.shift(); next !== undefined && Date.now() < giveUp; next = calls.shift()) {
        await callOne(next.procedure, next.turn);
        done += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    expect(faults.join('\n')).toBe('');
    expect(done).toBeGreaterThan(procedures.length);
    expect(await page.client.app.info()).toMatchObject({ user: 'tester' });
    expect(app.app.server.newUrl()).toContain('#token=');
  }, 120_000);
});

/** A spec is refused as a whole for any fault in it, so most of them are good ones that were made wrong in one or two places. */
function inputFor(schema: InputSchema, random: Random): unknown {
  const input = hostileInput(schema, random);
  if (schema.properties?.['spec'] === undefined || random() < 0.2) return input;
  return { ...Object(input), spec: spoiled(nearbySpec, random) };
}

/** Nothing listens there, so whatever is dialled is refused at once. */
const fixture = specFixture();
const nearbySpec = {
  ...fixture,
  servers: fixture.servers.map((server) => ({ ...server, ssh: { host: '127.0.0.1', port: 1, user: 'nobody' } })),
};

/** What is wrong with a refusal; null when it is as it should be. */
function faultOf(thrown: unknown): string | null {
  const text = JSON.stringify(thrown, printBig) + String(thrown);
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : null;
  // What cannot even be decoded is refused by the transport, and the page says of it what it says of bad input.
  if (code === 'BAD_REQUEST') return null;
  if (code !== 'APP') return `was refused otherwise: ${text.slice(0, 300)}`;
  if (codeOf(thrown) === 'app.unexpected') return `was not foreseen: ${text.slice(0, 300)}`;
  return /\n\s+at .*:\d+:\d+/.test(text) ? `shows a stack: ${text.slice(0, 300)}` : null;
}

/** The code of the error itself; what it came from may be an error of the system, which has no code here. */
function codeOf(thrown: unknown): unknown {
  const data: unknown = Reflect.get(Object(thrown), 'data');
  return Reflect.get(Object(data), 'code');
}

function printBig(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

function isStream(answer: unknown): answer is AsyncIterator<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
}

/** Every procedure but those that start a fleet of simulated servers: how many is not what is tried here. */
function proceduresOf(part: unknown, path: readonly string[]): Procedure[] {
  if (isContractProcedure(part)) return path[0] === 'demo' && path[1] === 'start' ? [] : [procedureSchema(part, path)];
  return Object.entries(Object(part)).flatMap(([name, inner]) => proceduresOf(inner, [...path, name]));
}
