import type { z } from 'zod';

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of settings',
  record: 'a group of settings',
};

const kindInWords = (kind: string): string => KINDS[kind] ?? kind;

/** How much of something: characters of a text, entries of a list, the number itself. */
function amountInWords(origin: string, amount: number | bigint): string {
  const unit = { string: 'character', array: 'entry' }[origin];
  if (unit === undefined) return String(amount);
  const plural = unit === 'entry' ? 'entries' : `${unit}s`;
  return `${String(amount)} ${Number(amount) === 1 ? unit : plural}`;
}

function tooSmall({ origin, minimum, inclusive }: z.core.$ZodIssueTooSmall): string {
  if (origin === 'string' && Number(minimum) === 1) return 'is empty';
  if (origin === 'array' && Number(minimum) === 1) return 'has no entry';
  const least = inclusive === false ? 'must be more than' : 'must be at least';
  return `${least} ${amountInWords(origin, minimum)}`;
}

function tooBig({ origin, maximum, inclusive }: z.core.$ZodIssueTooBig): string {
  const most = inclusive === false ? 'must be less than' : 'must be at most';
  return `${most} ${amountInWords(origin, maximum)}`;
}

/**
 * What is wrong with a value, after its name: "must be a number". The schema's own messages are for developers; those
 * that a schema of this project words itself stay as they are.
 */
export function issueInWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && /undefined/.test(issue.message)
        ? 'is missing'
        : `must be ${kindInWords(issue.expected)}`;
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return tooBig(issue);
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of ${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `has ${issue.keys.length === 1 ? 'a setting' : 'settings'} that nothing reads: ${issue.keys.join(', ')}`;
    case 'not_multiple_of':
      return `must be a multiple of ${String(issue.divisor)}`;
    case 'invalid_union':
      return 'has none of the forms that may stand here';
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return ownWords(issue.message);
  }
}

/** The message of a schema of this project, as the rest of a sentence. */
function ownWords(message: string): string {
  return /^Invalid /.test(message) ? 'cannot be read' : message;
}
