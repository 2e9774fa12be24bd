/** A value of a Patroni configuration as the app keeps it: see `readScalar` for numbers and times that JavaScript has not. */
export type ConfigValue = string | number | boolean | null | readonly ConfigValue[] | ConfigSection;

/** A mapping of a Patroni configuration. */
export interface ConfigSection {
  readonly [key: string]: ConfigValue;
}

/** The types of YAML 1.1 that PyYAML's safe loader makes values of, without their prefix `tag:yaml.org,2002:`. */
export type ScalarTag = 'bool' | 'float' | 'int' | 'merge' | 'null' | 'str' | 'timestamp' | 'value' | 'binary';

const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const FLOAT = new RegExp(
  '^(?:[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+][0-9]+)?' +
    '|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?' +
    '|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*' +
    '|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN))$',
);
const INT = new RegExp(
  '^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+' +
    '|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$',
);
const NULL = /^(?:~|null|Null|NULL|)$/;
const TIME =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::(\d\d))?))?)?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

/** The type that PyYAML gives an unquoted text (yaml/resolver.py): that of YAML 1.1, not of YAML 1.2 or JSON. */
export function tagOfPlain(text: string): ScalarTag {
  if (BOOL.test(text)) return 'bool';
  if (FLOAT.test(text)) return 'float';
  if (INT.test(text)) return 'int';
  if (text === '<<') return 'merge';
  if (NULL.test(text)) return 'null';
  if (DATE.test(text) || (TIME.test(text) && text.includes(':'))) return 'timestamp';
  return text === '=' ? 'value' : 'str';
}

/**
 * The value of a scalar (yaml/constructor.py), or undefined for what PyYAML refuses. Numbers that JavaScript would write in another
 * way than Python, and times, are kept as Python writes them, because Patroni uses them as text: `1.0e+10` is `10000000000.0`.
 */
export function readScalar(tag: ScalarTag, text: string): ConfigValue | undefined {
  switch (tag) {
    case 'str':
      return text;
    case 'null':
      return null;
    case 'bool':
      return readBool(text);
    case 'int':
      return readInt(text);
    case 'float':
      return readFloat(text);
    case 'timestamp':
      return readTime(text);
    case 'binary':
    case 'merge':
    case 'value':
      return undefined;
  }
}

function readBool(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (['yes', 'true', 'on'].includes(word)) return true;
  return ['no', 'false', 'off'].includes(word) ? false : undefined;
}

function readInt(text: string): ConfigValue | undefined {
  const [sign, digits] = signOf(text.replaceAll('_', ''));
  const value = readWhole(digits);
  if (value === undefined) return undefined;
  const signed = sign * value;
  return signed >= BigInt(Number.MIN_SAFE_INTEGER) && signed <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(signed)
    : signed.toString();
}

function signOf(text: string): readonly [1n | -1n, string] {
  const rest = text.replace(/^[-+]/, '');
  return [text.startsWith('-') ? -1n : 1n, rest];
}

function readWhole(digits: string): bigint | undefined {
  if (/^0b[01]+$/.test(digits) || /^0x[0-9a-f]+$/i.test(digits)) return BigInt(digits);
  if (/^0[0-7]*$/.test(digits)) return BigInt(`0o${digits}`);
  if (/^\d+(?::\d+)+$/.test(digits)) return digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  return /^\d+$/.test(digits) && !digits.startsWith('0') ? BigInt(digits) : undefined;
}

function readFloat(text: string): ConfigValue | undefined {
  const lower = text.replaceAll('_', '').toLowerCase();
  const sign = lower.startsWith('-') ? -1 : 1;
  const digits = lower.replace(/^[-+]/, '');
  if (digits === '.inf') return printFloat(sign * Infinity);
  if (digits === '.nan') return printFloat(NaN);
  const parts = digits.split(':');
  if (!parts.every((part) => /^(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/.test(part))) return undefined;
  const value = parts.reduce((sum, part) => sum * 60 + Number(part), 0);
  const printed = printFloat(sign * value);
  return /^-?\d+\.\d*[1-9]$/.test(printed) ? sign * value : printed;
}

/** A floating point number as Python's `str` writes it. */
function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const [mantissa = '0', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  const isNegative = value < 0 || Object.is(value, -0);
  const sign = isNegative ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < -4 || exponent >= 16) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits.slice(0, 1)}${fraction}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

function readTime(text: string): string | undefined {
  const [
    ,
    year = '',
    month = '',
    day = '',
    hour,
    minute = '',
    second = '',
    fraction = '',
    ,
    sign,
    zoneHour,
    zoneMinute,
  ] = TIME.exec(text) ?? [];
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (!isDate(date)) return undefined;
  if (hour === undefined) return date;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const micro = fraction.slice(0, 6).padEnd(6, '0');
  const time = `${hour.padStart(2, '0')}:${minute}:${second}${/^0*$/.test(micro) ? '' : `.${micro}`}`;
  return `${date} ${time}${printZone(text, sign, zoneHour, zoneMinute)}`;
}

function isDate(date: string): boolean {
  const at = new Date(`${date}T00:00:00Z`);
  return !date.startsWith('0000') && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date);
}

function printZone(text: string, sign: string | undefined, hour: string | undefined, minute = '00'): string {
  if (text.endsWith('Z')) return '+00:00';
  if (sign === undefined || hour === undefined) return '';
  const isZero = Number(hour) === 0 && Number(minute) === 0;
  return `${isZero ? '+' : sign}${hour.padStart(2, '0')}:${minute}`;
}

/** A value as text, as Python's `str` writes it: Patroni makes texts of names, passwords and addresses in this way. Null for none. */
export function textOfValue(value: ConfigValue | undefined): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : printFloat(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return null;
}
