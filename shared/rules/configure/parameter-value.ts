import type { ParameterDefinition } from '../../model/configure/parameter';

/** How PostgreSQL reads a value: as pg_settings would show it, or why it refuses it. */
export type ReadValue =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'refused'; readonly sentence: string; readonly advice: string };

/** What one of each unit is in the smallest of its kind: bytes, or microseconds (guc.c). Units are told apart by case. */
const MEMORY: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};
const TIME: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  min: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
};

interface Unit {
  readonly factors: Readonly<Record<string, number>>;
  readonly size: number;
}

/** A parameter's own unit, such as `8kB` or `ms`; null where it has none. */
function unitOf(unit: string | null): Unit | null {
  const [, count = '', word = ''] = /^(\d*)([A-Za-z]+)$/.exec(unit ?? '') ?? [];
  const factors = [MEMORY, TIME].find((table) => Object.hasOwn(table, word));
  if (factors === undefined) return null;
  return { factors, size: Number(count === '' ? 1 : count) * (factors[word] ?? 1) };
}

/** A value of the configuration as the text that Patroni hands to PostgreSQL; null for what is no single value. */
export function parameterText(value: unknown): string | null {
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
}

/** The words PostgreSQL takes for on and off (parse_bool): also their beginnings, as long as they are one's only. */
export function readSwitchWord(text: string): boolean | null {
  const word = text.toLowerCase();
  if (word === '' || word === 'o') return null;
  if (word === '1' || word === 'on' || 'true'.startsWith(word) || 'yes'.startsWith(word)) return true;
  return word === '0' || 'off'.startsWith(word) || 'false'.startsWith(word) || 'no'.startsWith(word) ? false : null;
}

const refused = (sentence: string, advice: string): ReadValue => ({ kind: 'refused', sentence, advice });

function readSwitch(definition: ParameterDefinition, text: string): ReadValue {
  const value = readSwitchWord(text);
  return value === null
    ? refused(`${definition.name} is on or off, not ${quoted(text)}.`, 'Write on or off.')
    : { kind: 'value', value: value ? 'on' : 'off' };
}

/** Words that PostgreSQL takes beside those it lists, or shows as another one. */
const OTHER_WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  wal_level: { archive: 'replica', hot_standby: 'replica' },
  wal_compression: { on: 'pglz', true: 'pglz', yes: 'pglz', 1: 'pglz' },
};

function readWord({ name, choices }: ParameterDefinition, text: string): ReadValue {
  const word = text.toLowerCase();
  const listed = choices.find((choice) => choice.toLowerCase() === word);
  const asSwitch = readSwitchWord(word);
  const asWord = asSwitch === null ? undefined : choices.find((choice) => choice === (asSwitch ? 'on' : 'off'));
  const other = Object.hasOwn(OTHER_WORDS, name) ? OTHER_WORDS[name] : undefined;
  const value = (other !== undefined && Object.hasOwn(other, word) ? other[word] : undefined) ?? listed ?? asWord;
  return value === undefined
    ? refused(`${name} does not take ${quoted(text)}.`, `Choose one of: ${choices.join(', ')}.`)
    : { kind: 'value', value };
}

const NUMBER = /^\s*([-+]?(?:0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?))\s*([A-Za-z]*)\s*$/i;

/** The number in the parameter's own unit, or why it is none. */
function readNumber(definition: ParameterDefinition, text: string): { readonly number: number } | ReadValue {
  const { name } = definition;
  const unit = unitOf(definition.unit);
  const [, digits = '', word = ''] = NUMBER.exec(text) ?? [];
  const number = digits === '' ? null : readDigits(digits, definition.type);
  if (number === null && BINARY.test(text)) return refuseBinary(name, text);
  if (number === null) return refused(`${name} must be a number, not ${quoted(text)}.`, numberAdvice(definition));
  if (word === '') return { number };
  if (unit === null) return refused(`${name} has no unit, but ${quoted(text)} has one.`, 'Write the number alone.');
  const factor = Object.hasOwn(unit.factors, word) ? unit.factors[word] : undefined;
  if (factor !== undefined) return { number: (number * factor) / unit.size };
  const meant = Object.keys(unit.factors).find((known) => known.toLowerCase() === word.toLowerCase());
  return refused(
    `${word} is not a unit that ${name} takes${meant === undefined ? '' : '; case counts'}.`,
    meant === undefined ? `Use one of ${Object.keys(unit.factors).join(', ')}.` : `Write ${meant}.`,
  );
}

/** Binary digits, which strtol of the GNU C library takes since 2.38 and no other takes. */
const BINARY = /^\s*[-+]?0b[01]+/i;

const refuseBinary = (name: string, text: string): ReadValue =>
  refused(
    `${name} must be a number that every PostgreSQL reads; ${quoted(text)} counts only where its C library reads binary digits.`,
    'Write it in decimal.',
  );

/** Below it C's strtod says that a number is too small for it. */
const SMALLEST = 2.2250738585072014e-308;

/**
 * Numbers in C's ways (guc.c, parse_int and parse_real): 0x10 is 16, and for whole numbers 010 is 8 while 08 is none; null where
 * it cannot be read.
 */
function readDigits(digits: string, type: ParameterDefinition['type']): number | null {
  const [sign, rest] = [digits.startsWith('-') ? -1 : 1, digits.replace(/^[-+]/, '')];
  if (/^0x/i.test(rest)) return sign * Number.parseInt(rest, 16);
  if (type === 'integer' && /^0\d+$/.test(rest)) return /^[0-7]+$/.test(rest) ? sign * Number.parseInt(rest, 8) : null;
  const number = Number(rest);
  return number < SMALLEST && /^[^e]*[1-9]/i.test(rest) ? null : sign * number;
}

/** The nearest whole number, and of two the even one (C's rint). */
function roundEven(number: number): number {
  const below = Math.floor(number);
  if (number - below !== 0.5) return Math.round(number);
  return below % 2 === 0 ? below : below + 1;
}

function numberAdvice({ unit }: ParameterDefinition): string {
  const own = unitOf(unit);
  if (own === null) return 'Write a number.';
  return `Write a number with one of the units ${Object.keys(own.factors).join(', ')}; without a unit it counts in ${unit ?? ''}.`;
}

function readInteger(definition: ParameterDefinition, text: string): ReadValue {
  const read = readNumber(definition, text);
  return 'number' in read ? inRange(definition, roundEven(read.number)) : read;
}

function inRange(definition: ParameterDefinition, number: number): ReadValue {
  const { name, min, max } = definition;
  const isBelow = min !== null && number < Number(min);
  const isAbove = max !== null && number > Number(max);
  if (!isBelow && !isAbove) return refusalOfItsOwn(definition, number) ?? { kind: 'value', value: String(number) };
  const range = `${valueInWords(definition, min)} to ${valueInWords(definition, max)}`;
  return refused(
    `${name} must be from ${range}; ${valueInWords(definition, String(number))} is too ${isBelow ? 'low' : 'high'}.`,
    `Choose a value from ${range}.`,
  );
}

/** Pages of one bank of a cache of transaction states (slru.c, check_slru_buffers). */
const BANK_PAGES = 16;
const CACHES: ReadonlySet<string> = new Set([
  ...['commit_timestamp_buffers', 'multixact_member_buffers', 'multixact_offset_buffers', 'notify_buffers'],
  ...['serializable_buffers', 'subtransaction_buffers', 'transaction_buffers'],
]);
/** vacuum.c, check_vacuum_buffer_usage_limit; in kB. */
const LEAST_VACUUM_RING = 128;

/** What PostgreSQL refuses of a number within its range, by rules that pg_settings does not show; null where it takes it. */
function refusalOfItsOwn(definition: ParameterDefinition, number: number): ReadValue | null {
  const { name } = definition;
  const words = valueInWords(definition, String(number));
  if (CACHES.has(name) && number % BANK_PAGES !== 0) {
    const step = valueInWords(definition, String(BANK_PAGES));
    return refused(`${name} must be a multiple of ${step}, which ${words} is not.`, `Choose a multiple of ${step}.`);
  }
  if (name === 'vacuum_buffer_usage_limit' && number !== 0 && number < LEAST_VACUUM_RING) {
    const least = valueInWords(definition, String(LEAST_VACUUM_RING));
    return refused(`${name} must be 0 or at least ${least}; ${words} is too low.`, `Choose 0 or at least ${least}.`);
  }
  return null;
}

function quoted(text: string): string {
  return `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`;
}

/** Reads a value as PostgreSQL reads it from its configuration file. Text of a string parameter is not judged. */
export function readParameterValue(definition: ParameterDefinition, text: string): ReadValue {
  switch (definition.type) {
    case 'bool':
      return readSwitch(definition, text);
    case 'enum':
      return readWord(definition, text);
    case 'integer':
      return readInteger(definition, text);
    case 'real': {
      const read = readNumber(definition, text);
      return 'number' in read ? inRange(definition, read.number) : read;
    }
    case 'string':
      return { kind: 'value', value: text };
  }
}

/** Whether two texts are one value to PostgreSQL: `1GB` and `1048576kB`, `on` and `true`. */
export function isSameValue(definition: ParameterDefinition | undefined, one: string, other: string): boolean {
  if (definition === undefined || one === other) return one === other;
  const [a, b] = [readParameterValue(definition, one), readParameterValue(definition, other)];
  return a.kind === 'value' && b.kind === 'value' && a.value === b.value;
}

/** A value in the parameter's unit (as pg_settings shows it) in the largest unit that fits it, e.g. 16384 of 8kB: `128MB`. */
export function valueInWords(definition: ParameterDefinition, value: string | null): string {
  if (value === null) return 'not set';
  const unit = unitOf(definition.unit);
  const number = Number(value);
  if (unit === null || !Number.isFinite(number) || number <= 0 || value === '') return value;
  const amount = number * unit.size;
  const best = Object.entries(unit.factors)
    .reverse()
    .find(([, factor]) => amount % factor === 0 && amount >= factor);
  return best === undefined ? `${value}${definition.unit ?? ''}` : `${amount / best[1]}${best[0]}`;
}
