import { mkdirSync } from 'node:fs';
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { ConfigRevision } from '../../../shared/model/configure/config-history';
import type { Undo } from '../../../shared/model/undo';
import { configChanges, stableText } from '../../../shared/rules/configure/config-patch';
import type { ClusterHub } from '../clusters/hub';
import { clusterLock } from '../jobs/cluster-lock';
import { openAppendLog, readLines, rewrite } from '../jobs/append-log';
import type { JobEngine } from '../jobs/job-engine';

/** What the history of the dynamic configuration works with. `user` is written beside the app's own changes. */
export interface ConfigHistoryDeps {
  readonly hub: ClusterHub;
  readonly jobs: JobEngine;
  readonly now: () => number;
  readonly user: string;
  /** Where a cluster's history is kept; null keeps it in memory only. */
  readonly directory: (clusterId: string) => string | null;
}

/** Every change of a cluster's dynamic configuration that the app saw, whoever made it. */
export interface ConfigHistory {
  /** Newest first. */
  list(clusterId: string): readonly ConfigRevision[];
  close(): void;
}

/** More than anybody looks through; older ones are dropped. */
const MOST_REVISIONS = 500;

type Json = Readonly<Record<string, unknown>>;

const lineSchema = z.object({
  id: z.string(),
  at: z.number(),
  by: z.union([
    z.object({ kind: z.literal('user'), name: z.string() }),
    z.object({ kind: z.enum(['others', 'unseen', 'first']) }),
  ]),
  changes: z.array(z.object({ path: z.array(z.string()), before: z.unknown(), after: z.unknown() })),
  /** The whole configuration after it: what the next one is compared with, also after a restart of the app. */
  config: z.record(z.string(), z.unknown()),
});
type Line = z.infer<typeof lineSchema>;

/** One cluster's history: the lines, and the configuration last seen. */
interface Book {
  readonly file: string | null;
  lines: Line[];
  /** Whether the configuration was seen since the app started. */
  isAwake: boolean;
}

/** Follows every cluster, and writes down each change. */
export function createConfigHistory(deps: ConfigHistoryDeps): ConfigHistory {
  const books = new Map<string, Book>();
  const follows = new Map<string, Undo>();
  const bookOf = (clusterId: string): Book => {
    const known = books.get(clusterId);
    if (known !== undefined) return known;
    const book = openBook(deps.directory(clusterId), clusterId);
    books.set(clusterId, book);
    return book;
  };
  const forget = (clusterId: string): void => {
    follows.get(clusterId)?.();
    follows.delete(clusterId);
    books.delete(clusterId);
  };
  const follow = (clusterId: string): void => {
    if (follows.has(clusterId)) return;
    follows.set(
      clusterId,
      deps.hub.follow(clusterId, (state) => {
        if (state.config !== null) see(deps, bookOf(clusterId), state, state.config.raw);
      }),
    );
  };
  const undo = deps.hub.fleet((update) => {
    if (update.kind === 'snapshot') for (const { clusterId } of update.clusters) follow(clusterId);
    else
      for (const [clusterId, summary] of Object.entries(update.clusters)) {
        if (summary === null) forget(clusterId);
        else follow(clusterId);
      }
  });
  return {
    list: (clusterId) => bookOf(clusterId).lines.flatMap(toRevision).reverse(),
    close: () => {
      undo();
      for (const one of [...follows.keys()]) forget(one);
    },
  };
}

/** The first line says only what was there when the app first looked. */
function toRevision({ id, at, by, changes }: Line): readonly ConfigRevision[] {
  if (by.kind === 'first') return [];
  return [{ id, at, by: by.kind === 'user' ? by : { kind: by.kind }, changes }];
}

/** A cluster's id may hold anything; its file is named by a digest of it. */
function openBook(directory: string | null, clusterId: string): Book {
  if (directory === null) return { file: null, lines: [], isAwake: false };
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, `${createHash('sha256').update(clusterId).digest('hex').slice(0, 32)}.jsonl`);
  const lines = readLines(file).flatMap((line) => lineSchema.safeParse(line).data ?? []);
  return { file, lines, isAwake: false };
}

function see(deps: ConfigHistoryDeps, book: Book, state: ClusterState, config: Json): void {
  const last = book.lines.at(-1);
  const wasAwake = book.isAwake;
  book.isAwake = true;
  if (last !== undefined && stableText(last.config) === stableText(config)) return;
  const changes = last === undefined ? [] : configChanges(last.config, config);
  write(book, {
    id: randomUUID(),
    at: deps.now(),
    by: last === undefined ? { kind: 'first' } : authorOf(deps, state.clusterId, wasAwake),
    changes: changes.map(({ path, before, after }) => ({ path: [...path], before, after })),
    config: { ...config },
  });
}

function authorOf({ jobs, user }: ConfigHistoryDeps, clusterId: string, wasAwake: boolean): Line['by'] {
  if (!wasAwake) return { kind: 'unseen' };
  const job = jobs.holder(clusterLock(clusterId));
  const isOurs = job !== null && ['change_config', 'pause', 'resume'].includes(job.kind);
  return isOurs ? { kind: 'user', name: user } : { kind: 'others' };
}

function write(book: Book, line: Line): void {
  book.lines.push(line);
  const isTooLong = book.lines.length > MOST_REVISIONS;
  if (isTooLong) book.lines = book.lines.slice(-MOST_REVISIONS / 2);
  if (book.file === null) return;
  if (isTooLong) rewrite(book.file, book.lines);
  else {
    const log = openAppendLog(book.file);
    log.append(line, true);
    log.close();
  }
}
