import type { ParameterDefinition } from '../../../shared/model/configure/parameter';
import { parameterContextOf, parameterTypeOf } from '../../../shared/rules/configure/parameter-table';
import { readParameterValue } from '../../../shared/rules/configure/parameter-value';
import type { ScratchAnswers } from './scratch-postgres';

type Case = readonly [name: string, text: string];

/** The parameters of the server, as the app reads them from pg_settings. */
export function definitionsOf(answers: ScratchAnswers): readonly ParameterDefinition[] {
  return answers.definitions.map(([name, type, unit, context, min, max, choices, builtIn]) => ({
    name,
    type: parameterTypeOf(type),
    unit,
    context: parameterContextOf(context),
    min,
    max,
    choices: choices ?? [],
    builtIn,
    group: '',
    description: '',
  }));
}

const SWITCHES = [
  ...[
    'on',
    'off',
    'ON',
    'of',
    'o',
    't',
    'tru',
    'f',
    'fals',
    'y',
    'ye',
    'n',
    'no',
    '1',
    '0',
    '2',
    '',
    ' on',
    'on ',
    'enabled',
  ],
  ...['truee', '01', 'null', '1.0'],
];
const NUMBERS = [
  ...[
    '0',
    '1',
    '7',
    '007',
    '010',
    '08',
    '0x10',
    '0X1f',
    '-0x10',
    '0x',
    '1e2',
    '1E2',
    '1e',
    '1.5',
    '.5',
    '5.',
    '1.4999',
    '2.5',
    '3.5',
    '-1',
  ],
  ...[
    '+7',
    '- 7',
    ' 7 ',
    '7 8',
    '',
    ' ',
    'seven',
    'NaN',
    'inf',
    '1_000',
    '1,000',
    '99999999999',
    '2147483647',
    '2147483648',
    '1e400',
  ],
  ...['0b11', '0o17', '1:30', '-2147483649', '0.0001', '1e-400', '100000000000000000000'],
];
const UNITS = [
  ...[
    '8B',
    '8192B',
    '8kB',
    '9kB',
    '8 kB',
    '8KB',
    '8k',
    '8MB',
    '8mb',
    '1GB',
    '1TB',
    '1.5GB',
    '0.5MB',
    '100us',
    '1500us',
    '8ms',
    '8s',
    '2min',
  ],
  ...[
    '2m',
    '1h',
    '1.5h',
    '1d',
    '1D',
    '8 ms ',
    '8msx',
    '8.5s',
    '0x10kB',
    '1e1MB',
    '-1kB',
    '2147483648kB',
    '1000000TB',
    '8kBkB',
  ],
];

function valuesFor({ type, unit, min, max, choices }: ParameterDefinition): readonly string[] {
  const ends = [min, max].flatMap((end) =>
    end === null ? [] : [end, String(Number(end) - 1), String(Number(end) + 1), String(Number(end) + 0.4)],
  );
  switch (type) {
    case 'bool':
      return SWITCHES;
    case 'enum':
      return [
        ...choices,
        ...choices.map((word) => word.toUpperCase()),
        ...['on', 'off', 'true', 'no', '1', '', 'nonsense', ' on'],
      ];
    case 'integer':
    case 'real':
      return [...NUMBERS, ...ends, ...(unit === null ? ['8kB', '8ms'] : UNITS)];
    case 'string':
      return [];
  }
}

/** Parameters that are not changed on a scratch server, because the statement itself would go another way. */
const LEFT_ALONE: ReadonlySet<string> = new Set([
  'transaction_deferrable',
  'transaction_isolation',
  'transaction_read_only',
  'allow_alter_system',
]);

/** Values for every parameter that can be changed; those of numbers in full for a few of each kind only. */
export function makeValueCases(definitions: readonly ParameterDefinition[]): readonly Case[] {
  const seen = new Map<string, number>();
  return definitions
    .filter(({ context, name }) => context !== 'internal' && !LEFT_ALONE.has(name))
    .flatMap((definition) => {
      const kind = `${definition.type} ${definition.unit ?? ''} ${definition.context === 'user' ? 'user' : ''}`;
      const count = (seen.get(kind) ?? 0) + 1;
      seen.set(kind, count);
      const values = [...new Set(valuesFor(definition))];
      const wanted = count <= 4 || definition.type === 'enum' ? values : values.slice(-12);
      return wanted.map((value): Case => [definition.name, value]);
    });
}

/** Cases that a session can set, so that the server shows what it makes of them. */
export function localCases(definitions: readonly ParameterDefinition[], cases: readonly Case[]): readonly Case[] {
  const own = new Set(
    definitions.flatMap(({ name, context }) => (['user', 'superuser'].includes(context) ? [name] : [])),
  );
  return cases.filter(([name]) => own.has(name));
}

/** What a value is for PostgreSQL beyond its type and range is for the server alone to say: these refuse more than that. */
const OWN_CHECKS = new RegExp(
  [
    ...['effective_io_concurrency', 'maintenance_io_concurrency', 'max_stack_depth', 'wal_sync', 'huge_page', 'ssl'],
    ...['bonjour', 'debug_io_direct', '_flush_after', 'autovacuum_max_workers', 'max_connections', 'max_wal_senders'],
    'max_worker_processes',
  ].join('|'),
);

/** Values that are taken here and refused by PostgreSQL, or the other way round, or read as something else. */
export function compareValues(
  definitions: readonly ParameterDefinition[],
  asked: { readonly values: readonly Case[]; readonly local: readonly Case[] },
  answers: ScratchAnswers,
): readonly string[] {
  const of = new Map(definitions.map((one) => [one.name, one]));
  const judge = ([name, text]: Case) => {
    const definition = of.get(name);
    if (definition === undefined) throw new Error(name);
    return readParameterValue(definition, text);
  };
  const verdicts = asked.values.flatMap((one, index) => {
    const [mine, real] = [judge(one), answers.values[index] ?? null];
    if ((mine.kind === 'value') === (real === null)) return [];
    if (mine.kind === 'value' && OWN_CHECKS.test(one[0])) return [];
    // Binary digits are refused here with that reason: whether they count is for the C library of the server.
    if (mine.kind === 'refused' && mine.sentence.includes('C library')) return [];
    return [`${one[0]} = "${one[1]}": here ${JSON.stringify(mine)}, PostgreSQL ${real ?? 'takes it'}`];
  });
  const shown = asked.local.flatMap((one, index) => {
    const [mine, real] = [judge(one), answers.local[index] ?? null];
    if (real === null || mine.kind !== 'value') return [];
    // Real numbers are shown with six digits; those of TCP count for connections over the network only.
    const isSame = mine.value === real || Number(Number(mine.value).toPrecision(6)) === Number(real);
    if (one[0].startsWith('tcp_')) return [];
    return isSame ? [] : [`${one[0]} = "${one[1]}": here ${mine.value}, PostgreSQL shows ${real}`];
  });
  return [...verdicts, ...shown];
}
