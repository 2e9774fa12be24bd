import type { Backup, BackupHost, BackupStanding, BackupStanza } from '../../model/backups/backup';
import type { Finding } from '../../model/cluster/cluster-state';
import { momentInWords, namesInWords, spanInWords } from '../words/wording';

/** After how long without a new backup it is said unless the user sets another time, hours: a daily one with two hours of grace. */
export const BACKUP_LIMIT_HOURS = 26;
const HOUR_MS = 3_600_000;

/** The stanza that is named in a command of pgBackRest; null where it names none. */
export function stanzaInCommand(command: string): string | null {
  const found = /pgbackrest\b.*?--stanza(?:=|\s+)(?:"([^"]+)"|'([^']+)'|([^\s"';|&]+))/.exec(command);
  return found?.[1] ?? found?.[2] ?? found?.[3] ?? null;
}

/**
 * Whether a stanza is that of a cluster: it holds its database system. Before its first backup it is the one that archive_command
 * names. A stanza of another database system is another cluster's, whatever it is called.
 */
function isStanzaOf(
  stanza: Pick<BackupStanza, 'name' | 'systemIdentifiers'>,
  systemIdentifier: string | null,
  named: ReadonlySet<string>,
): boolean {
  if (systemIdentifier !== null && systemIdentifier !== '' && stanza.systemIdentifiers.length > 0)
    return stanza.systemIdentifiers.includes(systemIdentifier);
  return named.has(stanza.name);
}

/** The stanzas of a cluster on a server. */
export function stanzasOf(
  hosts: readonly BackupHost[],
  host: BackupHost,
  systemIdentifier: string | null,
): readonly BackupStanza[] {
  const named = new Set(hosts.flatMap(({ archiving }) => stanzaInCommand(archiving?.command ?? '') ?? []));
  return (host.pgbackrest?.stanzas ?? []).filter((stanza) => isStanzaOf(stanza, systemIdentifier, named));
}

/** The backups of a stanza that are of this database system. */
function backupsOf(stanza: BackupStanza, systemIdentifier: string | null): readonly Backup[] {
  return stanza.backups.filter(
    (backup) =>
      systemIdentifier === null || backup.systemIdentifier === null || backup.systemIdentifier === systemIdentifier,
  );
}

/** Why a server does not tell all that it knows of backups; null where it was read whole. */
function whyNotRead({ server, error, pgbackrest, member, archivingProblem }: BackupHost): string | null {
  if (error !== null) return `${server} could not be looked at: ${error.message}`;
  if (pgbackrest !== null && pgbackrest.stanzas === null)
    return `pgBackRest on ${server} could not be asked: ${pgbackrest.problem ?? 'it said nothing.'}`;
  const broken = (pgbackrest?.stanzas ?? []).find(({ state }) => state === 'broken');
  if (broken !== undefined) return `pgBackRest on ${server} says of ${broken.name}: ${broken.message}`;
  return member !== null && archivingProblem !== null ? `${server}: ${archivingProblem}` : null;
}

/**
 * What can be said of the backups of a cluster. That there are none is said only where every member's server was read and none knows
 * another program; `missing` are the members that are not reached over SSH.
 */
export function judgeBackups(
  hosts: readonly BackupHost[],
  systemIdentifier: string | null,
  missing: readonly string[],
): BackupStanding {
  const found = hosts
    .flatMap((host) => stanzasOf(hosts, host, systemIdentifier))
    .flatMap((stanza) => backupsOf(stanza, systemIdentifier).map((backup) => ({ stanza: stanza.name, backup })))
    .toSorted((a, b) => b.backup.endedAt - a.backup.endedAt)[0];
  if (found !== undefined) return { kind: 'backed_up', stanza: found.stanza, newest: found.backup };
  const tools = [...new Set(hosts.flatMap(({ others }) => others))];
  const unread = hosts.flatMap((host) => whyNotRead(host) ?? []);
  const unreached = missing.length === 0 ? [] : [`${namesInWords(missing)} cannot be looked at: not reached over SSH.`];
  if (unread.length + unreached.length > 0) return { kind: 'not_known', why: [...unreached, ...unread] };
  if (tools.length > 0) return { kind: 'elsewhere', tools };
  if (hosts.length === 0) return { kind: 'not_known', why: ['No server of this cluster was looked at.'] };
  return { kind: 'none', why: whyNone(hosts, systemIdentifier) };
}

function whyNone(hosts: readonly BackupHost[], systemIdentifier: string | null): string {
  if (hosts.every(({ pgbackrest }) => pgbackrest === null))
    return 'pgBackRest is not installed on any of its servers, and no other program for backups was seen there.';
  const own = hosts.flatMap((host) => stanzasOf(hosts, host, systemIdentifier));
  if (own.length > 0) return `The stanza ${own[0]?.name ?? ''} of pgBackRest holds no backup.`;
  const others = [...new Set(hosts.flatMap(({ pgbackrest }) => (pgbackrest?.stanzas ?? []).map(({ name }) => name)))];
  return others.length === 0
    ? 'pgBackRest is installed, and no stanza is configured.'
    : `pgBackRest knows ${namesInWords(others)}, but no stanza of this cluster's database system.`;
}

/**
 * What is wrong with the backups of a cluster; nothing where that cannot be told. `limitHours`: how old the newest backup may be.
 * That there is none is said and not held against the health of the cluster; whoever wants to be woken for it has the alert.
 */
export function findBackupTrouble(standing: BackupStanding, limitHours: number, now: number): readonly Finding[] {
  switch (standing.kind) {
    case 'none':
      return [
        {
          code: 'backup.none',
          severity: 'info',
          member: null,
          sentence: 'There is no backup of this cluster: a replica repeats every mistake that is made on the leader.',
          evidence: standing.why,
          advice: 'Set backups up under Maintenance, Backups.',
        },
      ];
    case 'backed_up':
      return tooOld(standing.newest, standing.stanza, limitHours, now);
    case 'elsewhere':
    case 'not_known':
      return [];
  }
}

function tooOld(newest: Backup, stanza: string, limitHours: number, now: number): readonly Finding[] {
  const age = now - newest.endedAt;
  if (age <= limitHours * HOUR_MS) return [];
  return [
    {
      code: 'backup.too_old',
      severity: 'warning',
      member: null,
      sentence: `The newest backup is ${spanInWords(age)} old, more than ${limitHours} h.`,
      evidence: `${newest.label} of stanza ${stanza} ended ${momentInWords(newest.endedAt)}.`,
      advice: 'See whether its timer or cron entry still runs, and what pgBackRest says when a backup is made by hand.',
    },
  ];
}
