import { logLevels, logServices, type LogRecord } from '../../shared/model/logs/log-record';
import { filterRecords, readLogSearch } from '../../shared/rules/logs/filter-records';
import { mergeByTime } from '../../shared/rules/logs/merge-records';
import { LogScreen, type LogScreenDeps } from '../../renderer/features/cluster/logs/log-screen';
import { benchRow, percentile, type Bench } from '../support/bench/bench';

const LINES = 200_000;
const ROUNDS = 9;
const BATCH = 500;

const WORDS =
  'no action. I am (db1), a secondary, and following a leader; checkpoint complete: wrote buffers, sync and write';

function manyRecords(): readonly LogRecord[] {
  const words = WORDS.split(' ');
  return Array.from({ length: LINES }, (_, index): LogRecord => {
    const text = Array.from({ length: 14 }, (_unused, at) => words[(index * 7 + at * 3) % words.length]).join(' ');
    return {
      id: `s${String(index % 3)}:${String(index)}`,
      member: `db${String((index % 3) + 1)}`,
      serverId: `s${String(index % 3)}`,
      service: logServices[index % 3] ?? 'patroni',
      source: 'patroni.service',
      at: index * 10,
      serverAt: index * 10,
      level: logLevels[index % 5] ?? 'info',
      text: index % 1000 === 0 ? `${text} promoted self to leader` : text,
      cutBytes: 0,
    };
  });
}

function medianTime(work: () => unknown): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const begin = performance.now();
    work();
    return performance.now() - begin;
  });
  return percentile(times, 0.5);
}

/** What the page does with 200,000 lines: the filter, beside the plainest loop over the same texts; a batch that joins them. */
export default (async () => {
  const records = manyRecords();
  const search = readLogSearch('Promoted self');
  const has = search.kind === 'text' ? (record: LogRecord) => search.pattern.test(record.text) : () => false;
  const choice = { members: new Set(['db1', 'db2']), services: null, level: 'info' } as const;
  const plain = medianTime(() => records.filter((record) => record.text.toLowerCase().includes('promoted self')));
  const filtered = medianTime(() => filterRecords(records, choice, has));
  const fresh = records
    .slice(0, BATCH)
    .map((record, index) => ({ ...record, id: `new${index}`, at: LINES * 10 + index }));
  const merged = medianTime(() => mergeByTime(records, fresh));
  const copied = medianTime(() => [...records, ...fresh]);
  return [
    benchRow('logs: filter 200,000 lines', 'ms', filtered, null, 100),
    benchRow('logs: filter against a plain loop', 'ms', filtered, plain, 3),
    benchRow('logs: 500 lines join 200,000', 'ms', merged, copied, 10),
    benchRow('logs: 200,000 lines filtered on the page', 'ms', await typed(records), null, 100),
  ];
}) satisfies Bench;

/** From a changed search to the rows of the list. */
async function typed(records: readonly LogRecord[]): Promise<number> {
  const source: LogScreenDeps = {
    follow: () => () => undefined,
    page: () => Promise.resolve({ records, gaps: [], from: 0, atEnd: true }),
    acknowledge: () => undefined,
    startWorker: () => {
      throw new Error('No expression is tried here.');
    },
    now: () => LINES * 10,
    errorOf: () => {
      throw new Error('Nothing fails here.');
    },
  };
  const screen = new LogScreen(source);
  const stop = screen.start();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const time = medianTime(() => {
    screen.find('');
    screen.find('promoted self');
  });
  stop();
  return time;
}
