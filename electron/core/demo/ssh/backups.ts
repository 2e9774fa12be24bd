import { BACKUP_SCRIPT_FIRST_LINE } from '../../backups/backup-script';
import { answersQueries } from '../model/postgres';
import type { DemoHost } from '../network/network';

/** Whether a script is the one that looks for backups. */
export function isBackupScript(script: string): boolean {
  return script.startsWith(BACKUP_SCRIPT_FIRST_LINE);
}

const HOUR = 3600;
const DAY = 24 * HOUR;
const GB = 1024 ** 3;
/** When the backups of a night begin, seconds after midnight UTC. */
const AT = 1.5 * HOUR;

/** What the script prints on a simulated server: pgBackRest with a full backup each week and one of the changes each night. */
export function backupAnswer(host: DemoHost): string {
  const { sim } = host.driver;
  const parts: readonly (readonly [string, string])[] = [
    ['version', 'pgBackRest 2.54.2\n'],
    ['file', '/etc/pgbackrest.conf'],
    ['text', configuration(host)],
    ['info', JSON.stringify(info(host)).replace(/"system-id":"(\d+)"/g, '"system-id":$1')],
    ['archiving', archiving(host)],
    ['timers', timers(sim.now)],
  ];
  const lines = parts.map(([name, text]) => `${name} ${Buffer.from(text).toString('base64')}`);
  return [...lines, 'end', ''].join('\n');
}

function configuration({ driver: { sim } }: DemoHost): string {
  return [
    '[global]',
    'repo1-host=backup.example',
    'repo1-host-user=pgbackrest',
    'repo1-retention-full=2',
    'repo1-cipher-type=aes-256-cbc',
    'repo1-cipher-pass=••••••',
    '',
    `[${sim.spec.scope}]`,
    'pg1-path=/var/lib/postgresql/17/main',
    '',
  ].join('\n');
}

/** The last night's backup that has begun, seconds since the epoch. */
function lastNight(nowMs: number): number {
  const now = Math.floor(nowMs / 1000);
  const today = Math.floor(now / DAY) * DAY + AT;
  return today + HOUR < now ? today : today - DAY;
}

function stamp(seconds: number): string {
  const text = new Date(seconds * 1000).toISOString();
  return `${text.slice(0, 10).replaceAll('-', '')}-${text.slice(11, 19).replaceAll(':', '')}`;
}

const wal = (number: number): string => `00000003000000000000${number.toString(16).toUpperCase().padStart(4, '0')}`;

function info({ driver: { sim } }: DemoHost): unknown {
  const newest = lastNight(sim.now);
  const nights = Array.from({ length: 10 }, (_, index) => newest - (9 - index) * DAY);
  const labels: string[] = [];
  const backups = nights.map((start, index) => {
    const isFull = index % 7 === 0;
    const full = labels.findLast((one) => one.endsWith('F') && one.length === 16) ?? '';
    const label = isFull ? `${stamp(start)}F` : `${full}_${stamp(start)}D`;
    labels.push(label);
    const size = 41 * GB + index * 180 * 1024 ** 2;
    return {
      label,
      type: isFull ? 'full' : 'diff',
      timestamp: { start, stop: start + (isFull ? 1_260 : 190) },
      archive: { start: wal(16 + index * 6), stop: wal(16 + index * 6) },
      info: { size, delta: size, repository: { delta: isFull ? 12 * GB : 0.4 * GB * (index % 7), size: 12 * GB } },
      database: { id: 1, 'repo-key': 1 },
      prior: isFull ? null : full,
      error: false,
    };
  });
  return [
    {
      name: sim.spec.scope,
      status: { code: 0, message: 'ok', lock: { backup: { held: false } } },
      cipher: 'aes-256-cbc',
      db: [{ id: 1, 'repo-key': 1, 'system-id': sim.systemIdentifier, version: '17' }],
      repo: [{ key: 1, cipher: 'aes-256-cbc', status: { code: 0, message: 'ok' } }],
      archive: [{ id: '17-1', database: { id: 1, 'repo-key': 1 }, min: wal(16), max: wal(75) }],
      backup: backups,
    },
  ];
}

function archiving(host: DemoHost): string {
  const { sim } = host.driver;
  if (!answersQueries(host.member)) return 'psql: error: the simulated PostgreSQL does not accept connections\n';
  return JSON.stringify({
    mode: 'on',
    command: `pgbackrest --stanza=${sim.spec.scope} archive-push %p`,
    library: '',
    lastWal: wal(75),
    lastAt: sim.now - 42_000,
    failedAt: null,
    system: sim.systemIdentifier,
    directory: '/var/lib/postgresql/17/main',
  });
}

function timers(nowMs: number): string {
  const words = (seconds: number): string => {
    const text = new Date(seconds * 1000).toISOString();
    return `Thu ${text.slice(0, 10)} ${text.slice(11, 19)} UTC`;
  };
  const last = lastNight(nowMs);
  return [
    'Id=pgbackrest-backup.timer',
    'ActiveState=active',
    `NextElapseUSecRealtime=${words(last + DAY)}`,
    `LastTriggerUSec=${words(last)}`,
    '',
  ].join('\n');
}
