import { appendFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { availabilitySpanSchema, type AvailabilitySpan } from '../../../shared/model/availability/availability';
import { makePrivateDirectory, readPrivateFile, writePrivateFile } from '../platform/private-file';

/** What is on disk of one cluster. `damaged` is how many lines could not be read: they are said to be missing, never guessed. */
export interface StoredSpans {
  readonly spans: readonly AvailabilitySpan[];
  readonly damaged: number;
}

/**
 * The spans of clusters on disk: those that are over in a file a month (UTC, by their end), and the one that goes on in a file of its own
 * that is written again and again.
 */
export interface SpanFiles {
  /** Those that end in or after a moment, ms since the epoch. */
  read(clusterId: string, since: number): Promise<StoredSpans>;
  add(clusterId: string, spans: readonly AvailabilitySpan[]): Promise<void>;
  /** Null: none goes on. */
  keepOpen(clusterId: string, span: AvailabilitySpan | null): Promise<void>;
  /** The one that went on when it was last written; null where none did, or it cannot be read. */
  open(clusterId: string): Promise<AvailabilitySpan | null>;
  /** The first month that has a file, as a moment in it; null where there is none. */
  first(clusterId: string): Promise<number | null>;
}

const OPEN = 'now.json';
const isMonthFile = (name: string): boolean => /^\d{4}-\d{2}\.jsonl$/.test(name);
const monthFile = (at: number): string => `${new Date(at).toISOString().slice(0, 7)}.jsonl`;

/** The files below a directory. */
export function createSpanFiles(directory: string): SpanFiles {
  const place = (clusterId: string): string => join(directory, encodeURIComponent(clusterId));
  const monthsOf = async (clusterId: string): Promise<readonly string[]> =>
    (await readdir(place(clusterId)).catch((): string[] => [])).filter(isMonthFile).toSorted();
  return {
    read: async (clusterId, since) => {
      const names = (await monthsOf(clusterId)).filter((name) => name >= monthFile(since));
      const texts = await Promise.all(names.map((name) => readPrivateFile(join(place(clusterId), name))));
      const lines = texts.flatMap((text) => (text ?? '').split('\n')).filter((line) => line !== '');
      const spans = lines.flatMap((line) => spanOf(line) ?? []);
      return { spans, damaged: lines.length - spans.length };
    },
    add: async (clusterId, spans) => {
      if (spans.length === 0) return;
      await makePrivateDirectory(place(clusterId));
      // A line that a crash cut off must not take the next one with it.
      for (const span of spans)
        await appendFile(join(place(clusterId), monthFile(span.to)), `\n${JSON.stringify(span)}\n`, { mode: 0o600 });
    },
    keepOpen: async (clusterId, span) => {
      const path = join(place(clusterId), OPEN);
      if (span === null) await rm(path, { force: true });
      else await writePrivateFile(path, JSON.stringify(span));
    },
    open: async (clusterId) => spanOf((await readPrivateFile(join(place(clusterId), OPEN))) ?? ''),
    first: async (clusterId) => {
      const [name] = await monthsOf(clusterId);
      return name === undefined ? null : Date.parse(`${name.slice(0, 7)}-15T00:00:00Z`);
    },
  };
}

/** The same in memory, for clusters that leave nothing behind. */
export function createSpanMemory(): SpanFiles {
  const held = new Map<string, { spans: readonly AvailabilitySpan[]; open: AvailabilitySpan | null }>();
  const of = (clusterId: string): { spans: readonly AvailabilitySpan[]; open: AvailabilitySpan | null } => {
    const one = held.get(clusterId) ?? { spans: [], open: null };
    held.set(clusterId, one);
    return one;
  };
  return {
    read: (clusterId, since) => {
      return Promise.resolve({ spans: of(clusterId).spans.filter(({ to }) => to >= since), damaged: 0 });
    },
    add: (clusterId, spans) => {
      const one = of(clusterId);
      one.spans = [...one.spans, ...spans].slice(-5000);
      return Promise.resolve();
    },
    keepOpen: (clusterId, span) => {
      of(clusterId).open = span;
      return Promise.resolve();
    },
    open: (clusterId) => Promise.resolve(of(clusterId).open),
    first: (clusterId) => Promise.resolve(of(clusterId).spans[0]?.from ?? of(clusterId).open?.from ?? null),
  };
}

function spanOf(line: string): AvailabilitySpan | null {
  try {
    const parsed = availabilitySpanSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
