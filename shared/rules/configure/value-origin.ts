import type { FileSetting, ParameterDefinition, ParameterValue } from '../../model/configure/parameter';
import { isSameValue, parameterText } from './parameter-value';

/** Where a running value comes from, and why it wins over the other places. */
export interface ValueOrigin {
  readonly from: string;
  readonly why: string;
}

interface Question {
  readonly definition: ParameterDefinition;
  readonly held: ParameterValue;
  readonly fileSettings: readonly FileSetting[];
  /** The value in the dynamic configuration; undefined where it is not set there. */
  readonly inDcs: unknown;
}

const COMMAND_LINE_WHY =
  'Patroni passes it on the command line, which wins over every file and over ALTER SYSTEM. Only the DCS can change it.';

function place({ file, line }: ParameterValue): string {
  return file === null ? '' : ` (${file}${line === null ? '' : `, line ${line}`})`;
}

/**
 * Says where a value comes from by what pg_settings and the files of the server say. Patroni writes what it has from the DCS and
 * from a member's own patroni.yml into one postgresql.conf; the own file wins.
 */
export function originOf(question: Question): ValueOrigin {
  const { definition, held, inDcs } = question;
  if (held.source === 'command line')
    return inDcs === undefined
      ? { from: "command line, Patroni's default", why: COMMAND_LINE_WHY }
      : { from: 'DCS, by the command line', why: COMMAND_LINE_WHY };
  if (held.source === 'default') return { from: 'built into PostgreSQL', why: `Nothing sets ${definition.name}.` };
  if (held.source === 'environment variable')
    return { from: 'environment of PostgreSQL', why: 'A file that sets it would win.' };
  if (held.source !== 'configuration file')
    return { from: held.source, why: 'It is set for this database, role or session, which wins over the files.' };
  return fromFile(question);
}

function fromFile({ definition, held, fileSettings, inDcs }: Question): ValueOrigin {
  if (held.file?.endsWith('/postgresql.auto.conf') === true) {
    const other = fileSettings.find((one) => one.name === definition.name && one.file !== held.file);
    const beaten = inDcs !== undefined || other !== undefined ? ' It hides what Patroni has written.' : '';
    return {
      from: `ALTER SYSTEM${place(held)}`,
      why: `postgresql.auto.conf is read last and wins over every other file.${beaten} ALTER SYSTEM RESET removes it.`,
    };
  }
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
