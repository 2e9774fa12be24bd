import { z } from 'zod';
import type { Backup, BackupStanza, WalArchive } from '../../model/backups/backup';

const place = z.looseObject({ id: z.number().optional(), 'repo-key': z.number().default(1) });
const archive = z.looseObject({
  id: z.string().default(''),
  database: place.optional(),
  min: z.string().nullish(),
  max: z.string().nullish(),
});
const backup = z.looseObject({
  label: z.string(),
  type: z.enum(['full', 'diff', 'incr']),
  timestamp: z.looseObject({ start: z.number(), stop: z.number() }),
  info: z
    .looseObject({
      size: z.number().optional(),
      repository: z.looseObject({ delta: z.number().optional() }).optional(),
    })
    .optional(),
  archive: z.looseObject({ start: z.string().nullish(), stop: z.string().nullish() }).optional(),
  lsn: z.looseObject({ stop: z.string().nullish() }).optional(),
  prior: z.string().nullish(),
  error: z.boolean().nullish(),
  database: place.optional(),
});
const stanza = z.looseObject({
  name: z.string(),
  status: z.looseObject({
    code: z.number(),
    message: z.string().default(''),
    lock: z.looseObject({ backup: z.looseObject({ held: z.boolean() }).optional() }).optional(),
  }),
  cipher: z.string().nullish(),
  repo: z
    .array(z.looseObject({ status: z.looseObject({ code: z.number(), message: z.string().default('') }).optional() }))
    .optional(),
  db: z.array(place.extend({ 'system-id': z.string().optional() })).default([]),
  archive: z.array(archive).default([]),
  backup: z.array(backup).default([]),
});
type Stanza = z.infer<typeof stanza>;

/**
 * "missing stanza path", "no valid backups" and "missing stanza data" (command/info/info.c): nothing is there yet, and nothing is
 * wrong.
 */
const EMPTY = [1, 2, 3];

/**
 * What `pgbackrest info --output=json` prints; null for anything else. System identifiers have more digits than a number of
 * JavaScript, and are taken as text.
 */
export function readBackupInfo(output: string): readonly BackupStanza[] | null {
  const parsed = z.array(stanza).safeParse(parseJson(output.replaceAll(/("system-id"\s*:\s*)(\d+)/g, '$1"$2"')));
  return parsed.success ? parsed.data.map(toStanza) : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toStanza(one: Stanza): BackupStanza {
  const { code, message } = one.status;
  const backups = one.backup.map((each) => toBackup(one, each));
  const said = (one.repo ?? []).flatMap(({ status }) =>
    status === undefined || status.code === 0 ? [] : [status.message],
  );
  return {
    name: one.name,
    state: stateOf(code),
    message: [...new Set([message, ...said])].filter((part) => part !== '').join(', '),
    encrypted: one.cipher === undefined || one.cipher === null ? null : one.cipher !== 'none',
    running: one.status.lock?.backup?.held ?? null,
    systemIdentifiers: [...new Set(one.db.flatMap((db) => db['system-id'] ?? []))],
    backups: backups.toSorted((a, b) => a.endedAt - b.endedAt),
    archives: one.archive.map(toArchive),
  };
}

function stateOf(code: number): BackupStanza['state'] {
  if (code === 0) return 'ok';
  return EMPTY.includes(code) ? 'empty' : 'broken';
}

function toBackup(of: Stanza, one: Stanza['backup'][number]): Backup {
  const repository = one.database?.['repo-key'] ?? 1;
  const system = of.db.find((db) => db.id === one.database?.id && db['repo-key'] === repository);
  return {
    label: one.label,
    kind: one.type,
    startedAt: one.timestamp.start * 1000,
    endedAt: one.timestamp.stop * 1000,
    ...sizesOf(one),
    ...walOf(one),
    prior: one.prior ?? null,
    damaged: one.error ?? null,
    repository,
    systemIdentifier: system?.['system-id'] ?? null,
  };
}

function sizesOf({ info }: Stanza['backup'][number]): Pick<Backup, 'size' | 'stored'> {
  return { size: info?.size ?? null, stored: info?.repository?.delta ?? null };
}

function walOf({ archive: needed, lsn }: Stanza['backup'][number]): Pick<Backup, 'firstWal' | 'lastWal' | 'lastLsn'> {
  return {
    firstWal: needed?.start ?? null,
    lastWal: needed?.stop ?? null,
    lastLsn: lsnOf(lsn?.stop ?? ''),
  };
}

function toArchive({ id, database, min, max }: Stanza['archive'][number]): WalArchive {
  return { id, repository: database?.['repo-key'] ?? 1, first: min ?? null, last: max ?? null };
}

/** PostgreSQL's `0/3000138` as bytes. */
function lsnOf(text: string): number | null {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) ?? [];
  return high === undefined || low === undefined
    ? null
    : Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16);
}
