import type { AssessmentReport } from '../../model/upgrade/assessment';
import { shellWord } from '../words/shell-words';
import { bytesInWords, namesInWords, spanInWords } from '../words/wording';

/** One part of what an upgrade would take: sentences, and commands where there are any. */
export interface UpgradeDemand {
  readonly title: string;
  /** `todo`: somebody has to do something before; `good`: nothing; `info`: to be known. */
  readonly tone: 'good' | 'info' | 'todo';
  readonly lines: readonly string[];
  readonly commands: readonly string[];
}

const demand = (
  title: string,
  tone: UpgradeDemand['tone'],
  lines: readonly string[],
  commands: readonly string[] = [],
): UpgradeDemand => ({ title, tone, lines, commands });

/** The major version that an assessed member runs. */
export function majorOfReport({ from }: Pick<AssessmentReport, 'from'>): number {
  return Math.floor(from / 10_000);
}

/** How many bytes a second the copy made; null where it was not measured. */
function copyRate({ copy }: Pick<AssessmentReport, 'copy'>): number | null {
  return copy === null || copy.ms < 100 ? null : (copy.bytes / copy.ms) * 1000;
}

/** What the upgrade would take, in the order in which somebody would deal with it. */
export function demandsOf(report: AssessmentReport): readonly UpgradeDemand[] {
  return [
    databasesDemand(report),
    extensionsDemand(report),
    parametersDemand(report),
    defaultsDemand(report),
    slotsDemand(report),
    preparedDemand(report),
    checksumsDemand(report),
    timeDemand(report),
    replicasDemand(report),
    patroniDemand(report),
    backDemand(report),
  ];
}

const many = (count: number, one: string, more = `${one}s`): string => `${count} ${count === 1 ? one : more}`;

function databasesDemand({ databases }: AssessmentReport): UpgradeDemand {
  if (databases.length === 0) return demand('Databases', 'info', ['Not known: the copy was not asked.']);
  const sum = (value: (one: (typeof databases)[number]) => number): number =>
    databases.reduce((total, one) => total + value(one), 0);
  return demand('Databases', 'info', [
    `${many(databases.length, 'database')} with ${bytesInWords(sum(({ bytes }) => bytes))}, ` +
      `${many(
        sum(({ relations }) => relations),
        'relation',
      )} and ${many(
        sum(({ largeObjects }) => largeObjects),
        'large object',
      )}.`,
    ...databases.map(
      ({ name, bytes, relations }) => `${name}: ${bytesInWords(bytes)}, ${many(relations, 'relation')}.`,
    ),
  ]);
}

function extensionsDemand(report: AssessmentReport): UpgradeDemand {
  const { databases, missingExtensions, otherExtensions, missingLibraries, notOffered, target } = report;
  if (databases.length === 0) return demand('Extensions', 'info', ['Not known: the copy was not asked.']);
  const where = (name: string): string =>
    namesInWords(databases.filter((one) => one.extensions.some((each) => each.name === name)).map((one) => one.name));
  const lines = [
    ...missingExtensions.map(
      ({ name, package: owner }) =>
        `${name} (in ${where(name)}) is not there for ${target}` +
        `${owner === null ? '' : `; now ${owner} brings it`}. Install it for ${target} first, or drop it.`,
    ),
    ...missingLibraries.map((name) => `The library ${name} of shared_preload_libraries is not there for ${target}.`),
    ...notOffered.map((name) => `No package source of the server offers ${name}.`),
    ...otherExtensions.map(
      ({ name, now, then }) =>
        `${name} is ${now} in ${where(name)}; ${target} has ${then}: ALTER EXTENSION ... UPDATE afterwards.`,
    ),
  ];
  const isBad = missingExtensions.length + missingLibraries.length > 0;
  if (lines.length === 0) return demand('Extensions', 'good', [`All extensions in use are there for ${target}.`]);
  return demand('Extensions', isBad ? 'todo' : 'info', lines);
}

function parametersDemand({
  unknownParameters,
  refusedParameters,
  target,
  targetVersion,
}: AssessmentReport): UpgradeDemand {
  if (targetVersion === '') return demand('Parameters', 'info', ['Not known: the new version was not asked.']);
  const lines = [
    ...unknownParameters.map((name) => `${name} is set, and ${target} does not know it: take it out before it starts.`),
    ...refusedParameters.map(({ why }) => `${target} says: ${why}`),
  ];
  return lines.length === 0
    ? demand('Parameters', 'good', [
        `${target} knows every parameter that is set, and takes the values that are no free text.`,
      ])
    : demand('Parameters', 'todo', lines);
}

function defaultsDemand({ changedDefaults, targetVersion }: AssessmentReport): UpgradeDemand {
  if (targetVersion === '') return demand('Defaults', 'info', ['Not known: the new version was not asked.']);
  if (changedDefaults.length === 0)
    return demand('Defaults', 'good', ['No parameter that is left to its default has another one.']);
  return demand(
    'Defaults',
    'info',
    changedDefaults.map(({ name, before, after }) => `${name}: ${before || 'empty'}, then ${after || 'empty'}.`),
  );
}

function slotsDemand(report: AssessmentReport): UpgradeDemand {
  const { logicalSlots } = report;
  if (logicalSlots === null) return demand('Logical slots', 'info', ['Not known: the leader was not asked.']);
  if (logicalSlots.length === 0) return demand('Logical slots', 'good', ['The leader has none.']);
  const fate =
    majorOfReport(report) >= 17
      ? 'pg_upgrade takes them over where their readers have everything; a copy has none, so that this was not checked.'
      : 'pg_upgrade does not take them over: end their readers, and make slots and copies anew afterwards.';
  return demand('Logical slots', 'todo', [
    fate,
    ...logicalSlots.map(({ name, plugin, database }) => `${name} (${plugin}) in ${database}.`),
  ]);
}

function preparedDemand({ preparedTransactions: count }: AssessmentReport): UpgradeDemand {
  if (count === null) return demand('Prepared transactions', 'info', ['Not known: the copy was not asked.']);
  return count === 0
    ? demand('Prepared transactions', 'good', ['There were none.'])
    : demand('Prepared transactions', 'todo', [`There were ${count}: end each of them before.`]);
}

function checksumsDemand({ checksums, target }: AssessmentReport): UpgradeDemand {
  if (checksums === null) return demand('Checksums', 'info', ['Not known: the copy was not asked.']);
  const option = checksums ? '--data-checksums' : '--no-data-checksums';
  return demand('Checksums', 'info', [
    `They are ${checksums ? 'on' : 'off'}, and have to be so in the new cluster` +
      `${checksums || target >= 18 ? ` (initdb ${option})` : ''}.`,
  ]);
}

function timeDemand(report: AssessmentReport): UpgradeDemand {
  const rate = copyRate(report);
  const { copy, checkMs, databases, from, target } = report;
  const relations = databases.reduce((sum, one) => sum + one.relations, 0);
  const measured =
    copy === null || rate === null
      ? 'No rate of a copy was measured.'
      : `The copy of ${bytesInWords(copy.bytes)} took ${spanInWords(copy.ms)}: ${bytesInWords(rate)} a second` +
        `${copy.maxRateMb === null ? '.' : `, held to ${copy.maxRateMb} MB a second.`}`;
  const byCopy =
    copy === null || rate === null ? 'not known' : `about ${spanInWords(copy.ms)} for the files, at that rate`;
  return demand('Time without a primary', 'info', [
    measured,
    `pg_upgrade --copy: ${byCopy}, and the schema. The present data stays as it is: the way back is to start it.`,
    `pg_upgrade --link: no file is copied; the schema of ${many(relations, 'relation')} is dumped and restored. ` +
      `How long that takes was not measured${checkMs === null ? '' : `; its checks took ${spanInWords(checkMs)}`}.`,
    `Once the new cluster of ${target} has started after --link, the data of ${Math.floor(from / 10_000)} cannot be used any more.`,
    'Afterwards all statistics of the planner are made anew (vacuumdb --analyze-in-stages), before which queries may be slow.',
  ]);
}

function replicasDemand(report: AssessmentReport): UpgradeDemand {
  const { replicas, copy } = report;
  if (replicas.length === 0) return demand('Replicas', 'info', ['There is none to be made anew.']);
  const each =
    copy === null ? 'for a time that is not known' : `for about ${spanInWords(copy.ms)} at the rate of the copy`;
  return demand('Replicas', 'todo', [
    `${namesInWords(replicas)} ${replicas.length === 1 ? 'has' : 'have'} to be copied anew, each ${each} or what the network allows. ` +
      'Until the first of them streams nobody could take over.',
  ]);
}

/** Patroni's own order (its documentation, "Major upgrade of PostgreSQL version"). */
function patroniDemand(report: AssessmentReport): UpgradeDemand {
  const { scope, target } = report;
  const old = majorOfReport(report);
  const [from, to] = [`/usr/lib/postgresql/${old}/bin`, `/usr/lib/postgresql/${target}/bin`];
  return demand(
    'The steps with Patroni',
    'info',
    [
      'Make a backup and prove it. Then stop Patroni on the replicas first, so that nobody takes over, and on the leader last: ' +
        'PostgreSQL stops with it.',
      `On the former leader make the new cluster, and let pg_upgrade run as it was checked here. Set bin_dir and data_dir of PostgreSQL ` +
        `${target} in patroni.yml of every member.`,
      'The new cluster has another system identifier: what the DCS has of this cluster is removed. ' +
        'Its dynamic configuration goes with it, and is taken from patroni.dynamic.json, which is copied into the new data directory.',
      'Start Patroni there; once it leads, install the new version on the replicas, and start their Patroni with an empty data directory.',
    ],
    [
      'systemctl stop patroni',
      `${to}/pg_upgrade --check -b ${from} -B ${to} -d OLD_DATA -D NEW_DATA`,
      `${to}/pg_upgrade -b ${from} -B ${to} -d OLD_DATA -D NEW_DATA`,
      'cp -p OLD_DATA/patroni.dynamic.json NEW_DATA/',
      `patronictl remove ${shellWord(scope)}`,
      'systemctl start patroni',
      `${to}/vacuumdb --all --analyze-in-stages`,
    ],
  );
}

function backDemand(report: AssessmentReport): UpgradeDemand {
  const old = majorOfReport(report);
  return demand('The way back', 'info', [
    `Before anything is written to the new cluster, and not after --link: stop Patroni, set bin_dir and data_dir of ${old} again, ` +
      'remove the cluster from the DCS once more, and start the former leader, then the replicas with their former data.',
    `After --link the replicas still have their data of ${old}, as long as it was not removed: one of them can become the primary.`,
    'After writes to the new cluster the way back is a backup from before, without what was written since, or a dump of the new cluster.',
  ]);
}

/** What is better and what is worse than in the assessment before. */
export function comparedWith(report: AssessmentReport, before: AssessmentReport | null): readonly string[] {
  if (before === null) return [];
  const problems = (one: AssessmentReport): ReadonlyMap<string, string> =>
    new Map([
      ...one.checks
        .filter(({ result }) => result === 'fatal' || result === 'failed')
        .map(({ name }) => [`check ${name}`, `pg_upgrade stops at "${name}"`] as const),
      ...one.missingExtensions.map(({ name }) => [`extension ${name}`, `the extension ${name} is missing`] as const),
      ...one.missingLibraries.map((name) => [`library ${name}`, `the library ${name} is missing`] as const),
      ...one.unknownParameters.map((name) => [`parameter ${name}`, `${name} is set and not known`] as const),
      ...(one.logicalSlots ?? []).map(({ name }) => [`slot ${name}`, `the logical slot ${name} is there`] as const),
    ]);
  const [now, then] = [problems(report), problems(before)];
  const gone = [...then].filter(([key]) => !now.has(key)).map(([, text]) => text);
  const fresh = [...now].filter(([key]) => !then.has(key)).map(([, text]) => text);
  const size = report.copy === null || before.copy === null ? 0 : report.copy.bytes - before.copy.bytes;
  return [
    ...(fresh.length === 0 ? [] : [`New: ${fresh.join('; ')}.`]),
    ...(gone.length === 0 ? [] : [`No longer: ${gone.join('; ')}.`]),
    ...(Math.abs(size) < 1024 ** 2
      ? []
      : [`The copy is ${bytesInWords(Math.abs(size))} ${size > 0 ? 'larger' : 'smaller'}.`]),
    ...(fresh.length + gone.length === 0 ? ['The same problems, or none, as before.'] : []),
  ];
}

/** The assessment before this one of the same step; `reports` are newest first. */
export function assessmentBefore(
  report: AssessmentReport,
  reports: readonly AssessmentReport[],
): AssessmentReport | null {
  return (
    reports.find(
      (one) =>
        one.startedAt < report.startedAt &&
        one.target === report.target &&
        one.verdict !== 'failed' &&
        majorOfReport(one) === majorOfReport(report),
    ) ?? null
  );
}

/** What is told of an assessment beside its result: pairs of a name and a text. */
export function assessmentFacts(report: AssessmentReport): readonly (readonly [string, string])[] {
  const { from, member, server, targetVersion, target, installed, packagesRemoved, left, startedAt, endedAt } = report;
  return [
    ['Copied', `${member} on ${server}, PostgreSQL ${majorOfReport(report)}.${from % 10_000}`],
    ['New version', targetVersion || String(target)],
    ['Took', spanInWords(endedAt - startedAt)],
    ['Packages installed for it', installed.length === 0 ? 'none' : namesInWords(installed)],
    ...(installed.length === 0 ? [] : [['These packages', packagesRemoved ? 'removed again' : 'left there'] as const]),
    ['The copy', left.length === 0 ? 'removed' : `not all removed: ${left.join(', ')}`],
  ];
}
