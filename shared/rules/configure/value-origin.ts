import type { FileSetting, ParameterDefinition, ParameterValue } from '../../model/configure/parameter';
import { isSameValue, parameterText } from './parameter-value';

/** Where a running value comes from, and why it wins over the other places. */
export interface ValueOrigin {
  readonly from: string;
  readonly why: string;
}

/** What the member's own patroni.yml says of a parameter. */
export type OwnValue =
  /** It was not read. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not_set' }
  | { readonly kind: 'set'; readonly value: unknown; readonly file: string };

interface Question {
  readonly definition: ParameterDefinition;
  readonly held: ParameterValue;
  readonly fileSettings: readonly FileSetting[];
  /** The value in the dynamic configuration; undefined where it is not set there. */
  readonly inDcs: unknown;
  readonly own: OwnValue;
}

const COMMAND_LINE_WHY =
  'Patroni passes it on the command line, which wins over every file and over ALTER SYSTEM. Only the DCS can change it.';

/** What Patroni makes of settings of a member's own file that have another name (patroni/postgresql/config.py). */
const FROM_OWN_FILE: Readonly<Record<string, string>> = {
  listen_addresses: 'postgresql.listen',
  port: 'postgresql.listen',
  cluster_name: 'scope',
};

/** What Patroni writes into postgresql.conf by what it knows of the cluster (patroni/postgresql/config.py). */
const WRITTEN_BY_PATRONI: ReadonlySet<string> = new Set([
  ...['primary_conninfo', 'primary_slot_name', 'recovery_target_timeline', 'synchronous_standby_names'],
  ...['hba_file', 'ident_file', 'hot_standby_feedback', 'unix_socket_directories', 'recovery_target'],
]);

function place({ file, line }: ParameterValue): string {
  return file === null ? '' : ` (${file}${line === null ? '' : `, line ${line}`})`;
}

/**
 * Says where a value comes from by what pg_settings and the files of the server say, and by what the member's own patroni.yml says
 * where that was read. Patroni writes what it has from the DCS and from that file into one postgresql.conf; the own file wins.
 */
export function originOf(question: Question): ValueOrigin {
  const { definition, held } = question;
  switch (held.source) {
    case 'command line':
      return fromCommandLine(question);
    case 'default':
      return { from: 'built into PostgreSQL', why: whyDefault(question) };
    case 'environment variable':
      return { from: 'environment of PostgreSQL', why: 'A file that sets it would win.' };
    case 'configuration file':
      return fromFile(question);
    case 'override':
      return { from: 'PostgreSQL itself', why: `It finds ${definition.name} out by itself; nothing can set it.` };
    default:
      return { from: held.source, why: 'It is set for this database, role or session, which wins over the files.' };
  }
}

function fromCommandLine({ definition, inDcs, own }: Question): ValueOrigin {
  const setting = Object.hasOwn(FROM_OWN_FILE, definition.name) ? FROM_OWN_FILE[definition.name] : undefined;
  if (setting !== undefined)
    return {
      from: `${setting} of patroni.yml, by the command line`,
      why: `Patroni makes it from ${setting} of the member's own file, whatever stands elsewhere.`,
    };
  const ignored = own.kind === 'set' ? ` What ${own.file} says of it does nothing.` : '';
  const why = `${COMMAND_LINE_WHY}${ignored}`;
  return inDcs === undefined
    ? { from: "command line, Patroni's default", why }
    : { from: 'DCS, by the command line', why };
}

function whyDefault({ definition, inDcs, own }: Question): string {
  if (own.kind === 'set')
    return `${own.file} sets it, but PostgreSQL has not read that yet, or does not take the value.`;
  return inDcs === undefined
    ? `Nothing sets ${definition.name}.`
    : 'The DCS sets it, but PostgreSQL has not read that yet, or does not take the value.';
}

function fromFile(question: Question): ValueOrigin {
  const { definition, held, fileSettings, inDcs, own } = question;
  if (held.file?.endsWith('/postgresql.auto.conf') === true) {
    const other = fileSettings.find((one) => one.name === definition.name && one.file !== held.file);
    const beaten = inDcs !== undefined || own.kind === 'set' || other !== undefined;
    return {
      from: `ALTER SYSTEM${place(held)}`,
      why:
        'postgresql.auto.conf is read last and wins over every other file.' +
        `${beaten ? ' It hides what Patroni has written.' : ''} ALTER SYSTEM RESET removes it.`,
    };
  }
  switch (own.kind) {
    case 'set':
      return fromOwnFile(question, own);
    case 'not_set':
      return fromDcsOrOther(question);
    case 'unknown':
      return guessed(question);
  }
}

function fromOwnFile({ definition, held, inDcs }: Question, own: Extract<OwnValue, { kind: 'set' }>): ValueOrigin {
  const text = parameterText(own.value);
  const from = `patroni.yml of the member (${own.file})`;
  const dcs = parameterText(inDcs);
  const beaten = dcs === null ? 'The DCS does not set it.' : `It wins over the DCS, which has ${dcs} for all members.`;
  if (text !== null && isSameValue(definition, text, held.value ?? '')) return { from, why: beaten };
  const waits = held.pendingRestart
    ? 'it counts after a restart'
    : 'it counts after a reload, or PostgreSQL does not take it';
  return { from: `what was there before${place(held)}`, why: `${own.file} has ${text ?? 'another value'}: ${waits}.` };
}

function fromDcsOrOther({ definition, held, inDcs }: Question): ValueOrigin {
  const text = parameterText(inDcs);
  if (text !== null) {
    if (isSameValue(definition, text, held.value ?? ''))
      return {
        from: `DCS${place(held)}`,
        why: "Patroni writes it from the dynamic configuration; the member's own file does not set it.",
      };
    const waits = held.pendingRestart
      ? 'it counts after a restart'
      : 'the change has not arrived yet, or PostgreSQL does not take it';
    return { from: `what was there before${place(held)}`, why: `The DCS has ${text}: ${waits}.` };
  }
  if (held.file?.endsWith('/postgresql.base.conf') === true)
    return {
      from: `postgresql.base.conf${place(held)}`,
      why: 'It is what the server had before Patroni took it over; Patroni includes it first, and everything else wins over it.',
    };
  return WRITTEN_BY_PATRONI.has(definition.name)
    ? { from: `Patroni itself${place(held)}`, why: 'Patroni writes it by what it knows of the cluster.' }
    : {
        from: `another file${place(held)}`,
        why: "Neither the DCS nor the member's own patroni.yml sets it: a file that one of them includes does (custom_conf).",
      };
}

/** What can be said where the member's own file was not read. */
function guessed({ definition, held, inDcs }: Question): ValueOrigin {
  const text = parameterText(inDcs);
  if (text !== null && isSameValue(definition, text, held.value ?? ''))
    return { from: `DCS${place(held)}`, why: 'Patroni writes it from the dynamic configuration.' };
  return text === null
    ? {
        from: `own file of the member${place(held)}`,
        why: 'The DCS does not set it: it stands in patroni.yml of this member, or in a file that it includes.',
      }
    : {
        from: `own file of the member${place(held)}`,
        why: `The DCS has ${text}: patroni.yml of this member wins over it, or the change has not arrived yet.`,
      };
}

/** A place that sets a value, with what it sets; `wins` is the one that PostgreSQL runs with. */
export interface ValuePlace {
  readonly place: string;
  readonly value: string;
  readonly wins: boolean;
}

/** Every place that sets a parameter, the strongest first; what is built in stands last. */
export function valuePlaces(question: Question): readonly ValuePlace[] {
  const { definition, held, fileSettings, inDcs, own } = question;
  const onCommandLine = held.source === 'command line';
  const altered = fileSettings.findLast(
    ({ name, file }) => name === definition.name && file.endsWith('/postgresql.auto.conf'),
  );
  const isAltered = held.file?.endsWith('/postgresql.auto.conf') === true;
  const ownText = own.kind === 'set' ? parameterText(own.value) : null;
  const dcsText = parameterText(inDcs);
  const found: readonly (readonly [string, string | null])[] = [
    ['command line', onCommandLine ? held.value : null],
    ['ALTER SYSTEM', altered?.value ?? (isAltered ? held.value : null)],
    ['patroni.yml of the member', ownText],
    ['DCS', dcsText],
    ['environment of PostgreSQL', held.source === 'environment variable' ? held.value : null],
    ['built into PostgreSQL', definition.builtIn],
  ];
  const places = found.flatMap(([where, value]) => (value === null ? [] : [{ place: where, value }]));
  // Of places with the running value the strongest one wins; the command line carries what the DCS or Patroni has.
  const winner = places.findIndex(({ value }) => isSameValue(definition, value, held.value ?? ''));
  return places.map((one, index) => ({ ...one, wins: index === winner }));
}
