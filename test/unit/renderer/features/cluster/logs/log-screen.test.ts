import { afterEach, describe, expect, it, vi } from 'vitest';
import { appError, toErrorData } from '../../../../../../shared/model/app-error';
import type { LogGap, LogPage, LogRecord, LogUpdate } from '../../../../../../shared/model/logs/log-record';
import { LogScreen, type LogRow } from '../../../../../../renderer/features/cluster/logs/log-screen';
import { MATCH_LIMIT_MS, type MatchWorker } from '../../../../../../renderer/features/cluster/logs/matcher';

const record = (id: string, at: number, text = id): LogRecord => ({
  id,
  member: 'db1',
  serverId: 'db1',
  service: 'patroni',
  source: 'patroni.service',
  at,
  serverAt: at,
  level: 'info',
  text,
  cutBytes: 0,
});
const gap: LogGap = {
  id: 'g',
  member: 'db1',
  serverId: 'db1',
  from: 25,
  to: null,
  cause: 'cut_off',
  state: 'open',
  sentence: 'db1 is not reached',
};

const word = (row: LogRow): string => {
  switch (row.kind) {
    case 'record':
      return row.record.id;
    case 'gap':
      return `[${row.gap.state}]`;
    case 'hole':
      return `(${String(row.hole.from)}-${String(row.hole.to)})`;
  }
};

function makeScreen(pages: readonly Partial<LogPage>[], startWorker?: () => MatchWorker) {
  let push: (update: LogUpdate) => void = () => undefined;
  const acknowledged: number[] = [];
  const asked: (readonly [number | null, number])[] = [];
  let batch = 0;
  const screen = new LogScreen({
    follow: (onUpdate) => {
      push = onUpdate;
      return () => undefined;
    },
    page: (from, before) => {
      const page = pages[asked.length];
      asked.push([from, before]);
      if (page === undefined) return Promise.reject(appError('ssh.timeout', 'no answer'));
      return Promise.resolve({ records: [], gaps: [], from: 0, atEnd: true, ...page });
    },
    acknowledge: (_followId, number) => acknowledged.push(number),
    startWorker:
      startWorker ??
      (() => {
        throw new Error('no worker');
      }),
    now: () => 1_000,
    errorOf: toErrorData,
  });
  screen.start();
  const receive = (records: readonly LogRecord[], gaps: readonly LogGap[] = []) =>
    push({ kind: 'batch', number: (batch += 1), records, gaps, servers: [] });
  const reopen = (records: readonly LogRecord[]) => {
    push({ kind: 'started', followId: 'again', servers: [] });
    receive(records);
  };
  return { screen, receive, reopen, acknowledged, asked, rows: () => screen.store.getState().rows.map(word) };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('the log view', () => {
  it('begins with the newest page, joins what came meanwhile, and acknowledges each batch', async () => {
    const { receive, rows, acknowledged } = makeScreen([
      { records: [record('a', 10), record('b', 20)], from: 10, atEnd: false },
    ]);
    receive([record('too old to be whole', 5), record('b', 20), record('c', 30)]);
    await vi.waitFor(() => expect(rows()).toEqual(['(null-10)', 'a', 'b', 'c']));
    receive([record('late', 15)]);
    expect(rows()).toEqual(['(null-10)', 'a', 'late', 'b', 'c']);
    expect(acknowledged).toEqual([1, 2]);
  });

  it('shows a gap in its place, and as filled when it is', async () => {
    const { receive, rows } = makeScreen([{ records: [record('a', 10), record('b', 30)] }]);
    await vi.waitFor(() => expect(rows()).toHaveLength(2));
    receive([], [gap]);
    expect(rows()).toEqual(['a', '[open]', 'b']);
    receive([record('c', 28)], [{ ...gap, to: 29, state: 'filled' }]);
    expect(rows()).toEqual(['a', '[filled]', 'c', 'b']);
  });

  it('loads older lines page by page until there are none', async () => {
    const { screen, rows, asked } = makeScreen([
      { records: [record('c', 30)], from: 30, atEnd: false },
      { records: [record('b', 20)], from: 20, atEnd: false },
      { records: [record('a', 10)], from: 10, atEnd: true },
    ]);
    await vi.waitFor(() => expect(rows()).toEqual(['(null-30)', 'c']));
    for (const expected of [
      ['(null-20)', 'b', 'c'],
      ['a', 'b', 'c'],
    ]) {
      const [first] = screen.store.getState().rows;
      if (first?.kind === 'hole') await screen.fill(first.hole);
      expect(rows()).toEqual(expected);
    }
    expect(asked.map(([, before]) => before)).toEqual([1_000, 30, 20]);
  });

  it('shows what lies between a moment that was jumped to and the present as not loaded', async () => {
    const { screen, rows } = makeScreen([
      { records: [record('now', 900)], from: 900, atEnd: false },
      { records: [record('then', 100)], from: 50, atEnd: true },
    ]);
    await vi.waitFor(() => expect(rows()).toHaveLength(2));
    await screen.loadAround(100, { beforeMs: 50, afterMs: 50 });
    expect(rows()).toEqual(['(null-50)', 'then', '(150-900)', 'now']);
    expect(screen.rowAt(100)).toBe(1);
  });

  it('loads what was written while the core was lost, and no line twice', async () => {
    const { reopen, rows, asked } = makeScreen([
      { records: [record('a', 10)] },
      { records: [record('b', 20), record('c', 30)], from: 10, atEnd: false },
    ]);
    await vi.waitFor(() => expect(rows()).toEqual(['a']));
    reopen([record('c', 30), record('d', 40)]);
    await vi.waitFor(() => expect(rows()).toEqual(['a', 'b', 'c', 'd']));
    expect(asked[1]).toEqual([10, 1_000]);
  });

  it('counts hits among all lines, or shows only them', async () => {
    const { screen, rows } = makeScreen([
      { records: [record('a', 1, 'lock'), record('b', 2, 'x'), record('c', 3, 'LOCK')] },
    ]);
    await vi.waitFor(() => expect(rows()).toHaveLength(3));
    screen.find('lock');
    expect(rows()).toEqual(['a', 'c']);
    screen.showOnlyHits(false);
    expect(rows()).toEqual(['a', 'b', 'c']);
    expect(screen.store.getState().hits).toEqual([0, 2]);
    screen.find('/(/');
    expect(screen.store.getState().search).toMatchObject({ kind: 'wrong' });
    expect(rows()).toHaveLength(3);
  });

  it('ends an expression that takes too long, and says so; the lines are still there', async () => {
    const terminate = vi.fn();
    const stuck: MatchWorker = { postMessage: () => undefined, addEventListener: () => undefined, terminate };
    const { screen, rows } = makeScreen([{ records: [record('a', 1, 'aaaa!')] }], () => stuck);
    await vi.waitFor(() => expect(rows()).toHaveLength(1));
    vi.useFakeTimers();
    screen.find('/(a+)+$/');
    vi.advanceTimersByTime(MATCH_LIMIT_MS + 1);
    expect(terminate).toHaveBeenCalled();
    expect(screen.store.getState().search).toMatchObject({
      kind: 'wrong',
      sentence: expect.stringContaining('too long'),
    });
    expect(rows()).toEqual(['a']);
  });
});
