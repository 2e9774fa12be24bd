import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppErrorData } from '../../../../shared/model/app-error';
import type { LogGap, LogPage, LogRecord, LogServer, LogUpdate } from '../../../../shared/model/logs/log-record';
import {
  EVERY_RECORD,
  filterRecords,
  findHits,
  readLogSearch,
  type LogChoice,
  type LogSearch,
} from '../../../../shared/rules/logs/filter-records';
import { mergeByTime } from '../../../../shared/rules/logs/merge-records';
import type { Undo } from '../../../../shared/model/undo';
import { startMatcher, type Matcher, type MatchWorker } from './matcher';

/** A stretch of time whose lines were not loaded; `from` null: all that is older. Times are ms since the epoch. */
export interface LogHole {
  readonly from: number | null;
  readonly to: number;
}

/** One row of the list. */
export type LogRow =
  | { readonly kind: 'record'; readonly record: LogRecord }
  | { readonly kind: 'gap'; readonly gap: LogGap }
  | { readonly kind: 'hole'; readonly hole: LogHole };

/** What the page shows of a cluster's logs. */
export interface LogScreenState {
  readonly servers: readonly LogServer[];
  readonly rows: readonly LogRow[];
  /** Entries that are held, shown or not. */
  readonly held: number;
  /** Indexes of the rows that are hit by the search. */
  readonly hits: readonly number[];
  readonly choice: LogChoice;
  readonly typed: string;
  /** Only rows that are hit are shown. */
  readonly onlyHits: boolean;
  readonly search: LogSearch;
  readonly started: boolean;
  readonly loading: boolean;
  readonly problem: AppErrorData | null;
}

/** How the core is asked. */
export interface LogScreenDeps {
  follow(onUpdate: (update: LogUpdate) => void, onProblem: (problem: AppErrorData) => void): Undo;
  page(from: number | null, before: number, most: number): Promise<LogPage>;
  acknowledge(followId: string, batch: number): void;
  readonly startWorker: () => MatchWorker;
  readonly now: () => number;
  readonly errorOf: (thrown: unknown) => AppErrorData;
}

/** More entries than this are not held: the oldest are let go, and can be loaded again. */
const MOST_HELD = 250_000;
const LET_GO = 50_000;
const PAGE_LINES = 1_000;

const FIRST: LogScreenState = {
  servers: [],
  rows: [],
  held: 0,
  hits: [],
  choice: EVERY_RECORD,
  typed: '',
  onlyHits: true,
  search: { kind: 'none' },
  started: false,
  loading: false,
  problem: null,
};

/** The logs of one cluster on the page: what is held of them, and which of it is shown. */
export class LogScreen {
  readonly store: StoreApi<LogScreenState> = createStore(() => FIRST);
  readonly #source: LogScreenDeps;
  #records: readonly LogRecord[] = [];
  #gaps = new Map<string, LogGap>();
  #holes: readonly LogHole[] = [];
  /** Batches that came before the first page. */
  #early: LogRecord[] | null = [];
  #followId = '';
  #matcher: Matcher | null = null;
  #closed = false;

  constructor(source: LogScreenDeps) {
    this.#source = source;
  }

  /** Begins to follow and to read, until undone. */
  start(): Undo {
    this.#closed = false;
    const undo = this.#source.follow(
      (update) => this.#receive(update),
      (problem) => this.store.setState({ problem }),
    );
    void this.#begin();
    return () => {
      this.#closed = true;
      this.#matcher?.close();
      undo();
    };
  }

  choose(choice: LogChoice): void {
    this.store.setState({ choice });
    this.#draw();
  }

  showOnlyHits(onlyHits: boolean): void {
    this.store.setState({ onlyHits });
    this.#draw();
  }

  find(typed: string): void {
    const search = readLogSearch(typed);
    this.#matcher?.close();
    this.#matcher = search.kind === 'expression' ? this.#startMatcher(search) : null;
    this.store.setState({ typed, search });
    this.#draw();
  }

  /** Loads the newest lines of a stretch that was not loaded. */
  async fill(hole: LogHole): Promise<void> {
    await this.#load(hole.from, hole.to, (page) => {
      const rest = page.atEnd || (hole.from !== null && page.from <= hole.from) ? [] : [{ ...hole, to: page.from }];
      this.#holes = this.#holes.flatMap((one) => (one === hole ? rest : [one]));
    });
  }

  /** Loads what was written around a time, and resolves when it is shown. */
  async loadAround(at: number, span: { readonly beforeMs: number; readonly afterMs: number }): Promise<LogPage | null> {
    const [from, to] = [at - span.beforeMs, Math.min(at + span.afterMs, this.#source.now())];
    return this.#load(from, to, (page) => {
      const begin = Math.max(from, page.from);
      this.#holes = this.#holes.flatMap((hole) => cutOut(hole, begin, to));
    });
  }

  /** The place of a time in the list. */
  rowAt(at: number): number {
    const { rows } = this.store.getState();
    const index = rows.findIndex((row) => timeOf(row) >= at);
    return index < 0 ? rows.length - 1 : index;
  }

  /** Where a row's text is hit, as begin and end of each hit. */
  hitsIn(record: LogRecord): readonly (readonly [number, number])[] {
    const { search } = this.store.getState();
    if (search.kind === 'text') return findHits(record.text, search.pattern);
    const hit = search.kind === 'expression' ? this.#matcher?.hit(record) : null;
    return hit === null || hit === undefined ? [] : [hit];
  }

  /** The entries that are shown, oldest first. */
  shown(): readonly LogRecord[] {
    return this.store.getState().rows.flatMap((row) => (row.kind === 'record' ? [row.record] : []));
  }

  async #begin(): Promise<void> {
    const now = this.#source.now();
    const page = await this.#load(null, now, (first) => {
      this.#holes = first.atEnd ? [] : [{ from: null, to: first.from }];
    });
    const early = this.#early ?? [];
    this.#early = null;
    // The first lines of the followers reach further back for one server than for another.
    this.#add(early.filter((record) => page === null || record.at >= page.from));
    this.store.setState({ started: true });
    this.#draw();
  }

  /** The core was lost for a while: what was written meanwhile is loaded, as much as one page holds. */
  #catchUp(): void {
    const hole: LogHole = { from: this.#records.at(-1)?.at ?? null, to: this.#source.now() };
    this.#holes = [...this.#holes, hole];
    void this.fill(hole);
  }

  async #load(from: number | null, before: number, then: (page: LogPage) => void): Promise<LogPage | null> {
    this.store.setState({ loading: true });
    try {
      const page = await this.#source.page(from, before, PAGE_LINES);
      if (this.#closed) return null;
      for (const gap of page.gaps) this.#gaps.set(gap.id, gap);
      then(page);
      this.#add(page.records);
      this.store.setState({ loading: false });
      this.#draw();
      return page;
    } catch (thrown) {
      this.store.setState({ loading: false, problem: this.#source.errorOf(thrown) });
      return null;
    }
  }

  #receive(update: LogUpdate): void {
    this.store.setState({ servers: update.servers, problem: null });
    if (update.kind === 'started') {
      this.#followId = update.followId;
      if (this.store.getState().started) this.#catchUp();
      return;
    }
    this.#source.acknowledge(this.#followId, update.number);
    for (const gap of update.gaps) this.#gaps.set(gap.id, gap);
    if (this.#early !== null) {
      this.#early.push(...update.records);
      return;
    }
    if (update.records.length === 0 && update.gaps.length === 0) return;
    this.#add(update.records);
    this.#draw();
  }

  #add(records: readonly LogRecord[]): void {
    this.#records = mergeByTime(this.#records, records);
    this.#matcher?.add(records);
    if (this.#records.length <= MOST_HELD) return;
    this.#records = this.#records.slice(LET_GO);
    const oldest = this.#records[0]?.at ?? 0;
    this.#holes = [{ from: null, to: oldest }, ...this.#holes.filter((hole) => (hole.from ?? -1) > oldest)];
  }

  #startMatcher(expression: { readonly source: string; readonly flags: string }): Matcher {
    const matcher = startMatcher({
      expression,
      startWorker: this.#source.startWorker,
      onNews: () => this.#draw(),
      onLate: () => {
        this.#matcher = null;
        const sentence = 'This expression takes too long on these lines, so it was stopped. Simplify it.';
        this.store.setState({ search: { kind: 'wrong', sentence } });
        this.#draw();
      },
    });
    matcher.add(this.#records);
    return matcher;
  }

  #draw(): void {
    if (this.#closed) return;
    const { choice, search, onlyHits } = this.store.getState();
    const isSearched = search.kind === 'text' || search.kind === 'expression';
    const has = this.#hasHit(search);
    const shown = filterRecords(this.#records, choice, isSearched && onlyHits ? has : () => true);
    const rows = withBreaks(shown, this.#gapsOf(choice), this.#holes);
    const hits = isSearched
      ? rows.flatMap((row, index) => (row.kind === 'record' && (onlyHits || has(row.record)) ? [index] : []))
      : [];
    this.store.setState({ rows, hits, held: this.#records.length });
  }

  #hasHit(search: LogSearch): (record: LogRecord) => boolean {
    switch (search.kind) {
      case 'text':
        return (record) => search.pattern.test(record.text);
      case 'expression':
        return (record) => this.#matcher?.hit(record) !== null;
      case 'none':
      case 'wrong':
        return () => true;
    }
  }

  #gapsOf({ members }: LogChoice): readonly LogGap[] {
    return [...this.#gaps.values()].filter((gap) => members === null || members.has(gap.member));
  }
}

/** When a row happened; ms since the epoch. */
function timeOf(row: LogRow): number {
  switch (row.kind) {
    case 'record':
      return row.record.at;
    case 'gap':
      return row.gap.from;
    case 'hole':
      return row.hole.to;
  }
}

function withBreaks(
  records: readonly LogRecord[],
  gaps: readonly LogGap[],
  holes: readonly LogHole[],
): readonly LogRow[] {
  const breaks: readonly LogRow[] = [
    ...holes.map((hole) => ({ kind: 'hole' as const, hole })),
    ...gaps.map((gap) => ({ kind: 'gap' as const, gap })),
  ].sort((one, other) => timeOf(one) - timeOf(other));
  const rows: LogRow[] = [];
  let at = 0;
  for (const record of records) {
    for (let next = breaks[at]; next !== undefined && timeOf(next) <= record.at; next = breaks[at]) {
      rows.push(next);
      at += 1;
    }
    rows.push({ kind: 'record', record });
  }
  return [...rows, ...breaks.slice(at)];
}

/** What remains of a hole when a stretch of it was loaded. */
function cutOut(hole: LogHole, from: number, to: number): readonly LogHole[] {
  if (to >= hole.to && from >= hole.to) return [hole];
  if (to <= (hole.from ?? -Infinity)) return [hole];
  const older = from > (hole.from ?? -Infinity) ? [{ from: hole.from, to: from }] : [];
  const newer = to < hole.to ? [{ from: to, to: hole.to }] : [];
  return [...older, ...newer];
}
