import { z } from 'zod';
import { appError, toErrorData } from '../../../shared/model/app-error';
import type { SlotOnDisk, WalDirectory, WalWord } from '../../../shared/model/repair/wal';
import { replicationQuestions } from '../../../shared/rules/postgres/replication-questions';
import { asRootOrSelf } from '../member-files/read-member-file';
import { askCatalog } from '../postgres/ask-catalog';
import { readReplication } from '../postgres/read-replication';
import { rowsOfAnswer } from '../postgres/sql-session';
import type { MemberSite } from './read-data';
import type { RepairScene } from './repair-work';
import { WAL_LOOK_SCRIPT } from './wal-scripts';

const LOOK_MS = 90_000;
const DEFAULT_SEGMENT = 16 * 1024 * 1024;
const MB = 1024 * 1024;

/** What a member's PostgreSQL says, or why it says nothing. */
export interface AskedWal {
  readonly word: WalWord | null;
  readonly why: string | null;
}

/** The WAL of a member as its server tells it now. Rejects with `repair.unread` and `ssh.*`. */
export async function readWalDirectory(site: MemberSite, now: () => number): Promise<WalDirectory> {
  const at = now();
  const { stdout } = await asRootOrSelf(site.asRoot, (sudo) =>
    site.remote.script(WAL_LOOK_SCRIPT, [site.directory], { timeoutMs: LOOK_MS, sudo }),
  );
  const facts = readWalLook(stdout);
  if (facts === null)
    throw appError('repair.unread', `${site.remote.name} did not answer completely what WAL is in ${site.directory}.`, {
      target: site.member,
      retryable: true,
      hint: 'Look again.',
    });
  return { member: site.member, server: site.remote.name, ...facts, at };
}

/** Asks the PostgreSQL of a member for its slots and its archiver. Never rejects. */
export async function askWal({ deps, entry }: RepairScene, member: string): Promise<AskedWal> {
  try {
    const place = deps.postgresPlace(entry.id, member);
    const { answers, source } = await askCatalog(place, walQuestions, deps.now);
    const { recovery, slots, slotLimit, archiver } = readReplication(answers, member);
    const [kept] = rowsOfAnswer(answers.get('kept'), keptRow, member);
    const fails =
      archiver !== null &&
      archiver.mode !== 'off' &&
      (!recovery || archiver.mode === 'always') &&
      archiver.lastFailedAt !== null &&
      (archiver.lastArchivedAt === null || archiver.lastArchivedAt < archiver.lastFailedAt);
    const word = archiver === null ? null : { ...archiver, fails };
    const keptBytes = kept?.mb == null || kept.mb <= 0 ? null : kept.mb * MB;
    return { word: { recovery, slots, slotLimit, kept: keptBytes, archiver: word, at: source.asOf }, why: null };
  } catch (thrown) {
    return { word: null, why: toErrorData(thrown).message };
  }
}

const keptRow = z.object({ mb: z.number().nullable() });
const walQuestions = {
  ...replicationQuestions,
  kept: { columns: { mb: `(SELECT setting::bigint FROM pg_settings WHERE name = 'wal_keep_size')` }, from: '' },
} as const;

type WalLook = Omit<WalDirectory, 'member' | 'server' | 'at'>;

function textOf(word: string | undefined): string {
  return word === undefined || word === '-' ? '' : Buffer.from(word, 'base64').toString('utf8');
}

function numberOf(word: string | undefined): number | null {
  return word !== undefined && /^\d{1,19}$/.test(word) ? Number(word) : null;
}

/** Where a segment begins, by its name; null when it is none (PostgreSQL, access/xlog_internal.h). */
export function segmentPosition(name: string | undefined, segmentSize: number): number | null {
  const [, log, segment] = /^[0-9A-F]{8}([0-9A-F]{8})([0-9A-F]{8})$/.exec(name ?? '') ?? [];
  if (log === undefined || segment === undefined) return null;
  return parseInt(log, 16) * 2 ** 32 + parseInt(segment, 16) * segmentSize;
}

/** Reads what the script printed; null when it is not whole. */
export function readWalLook(output: string): WalLook | null {
  const lines = output.split('\n').map((line) => line.trim());
  const [first, last] = [lines.indexOf('matriarch-wal 1'), lines.lastIndexOf('end')];
  if (first < 0 || last < first) return null;
  const words = lines.slice(first + 1, last).map((line) => line.split(' '));
  const one = (keyword: string): readonly string[] => words.find(([word]) => word === keyword)?.slice(1) ?? [];
  const all = (keyword: string): readonly (readonly string[])[] =>
    words.filter(([word]) => word === keyword).map((line) => line.slice(1));
  const segmentSize = numberOf(one('segment')[0]) ?? DEFAULT_SEGMENT;
  const [size, free] = one('disk').map(numberOf);
  return {
    directory: textOf(one('directory')[0]),
    runs: words.some(([word]) => word === 'runs'),
    size: numberOf(one('wal')[0]),
    segments: numberOf(one('wal')[1]),
    segmentSize,
    waiting: numberOf(one('waiting')[0]),
    disk: size == null || free == null ? null : { size, free },
    newest: segmentPosition(one('newest')[0], segmentSize),
    slots: all('slot').flatMap(readSlotFile),
    others: besideOf(all('beside')),
  };
}

function readSlotFile([name, database, restart]: readonly string[]): readonly SlotOnDisk[] {
  const [oid, position] = [numberOf(database), numberOf(restart)];
  if (oid === null || position === null) return [];
  return [{ name: textOf(name), kind: oid === 0 ? 'physical' : 'logical', restart: position === 0 ? null : position }];
}

/** What is worth naming, the largest first; what lies within something that is named is not named again. */
function besideOf(rows: readonly (readonly string[])[]): WalLook['others'] {
  const read = rows.flatMap(([path, bytes]) => {
    const size = numberOf(bytes);
    return size === null || size < MB ? [] : [{ path: textOf(path), size }];
  });
  const inner = (path: string): boolean =>
    read.some((other) => other.path !== path && other.path.startsWith(`${path}/`));
  return read
    .filter(({ path }) => !inner(path))
    .toSorted((a, b) => b.size - a.size)
    .slice(0, 6);
}
