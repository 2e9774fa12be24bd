import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogRecord } from '../../shared/model/logs/log-record';
import { readJournalEntry } from '../../shared/rules/logs/journal-entry';
import { describeFailover } from '../../shared/rules/logs/failover-account';
import { putClockAhead } from './support/ahead-clock';
import type { ReferenceCluster } from './support/cluster-file';
import { followLogs, type FollowedLogs } from './support/followed-logs';
import { openLab, type Lab, type NodeName } from './support/lab';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
/** How far the clock of n2 is ahead, ms. */
const AHEAD_MS = 90_000;

describe('the logs of a cluster of real servers', () => {
  let lab: Lab;
  let cluster: ReferenceCluster;
  let followed: FollowedLogs;

  const primary = (): Promise<NodeName> =>
    waitFor('exactly one PostgreSQL is writable', 90_000, async () => {
      const writable = await lab.primaries(cluster);
      return writable.length === 1 ? writable[0] : undefined;
    });

  beforeAll(async () => {
    lab = await openLab({ name: 'logs', net: 151, suite: 'trixie', image: 'stack' });
    cluster = await lab.cluster({ layout: 'plain', nodes: NODES });
    await putClockAhead(lab, 'n2', { ms: AHEAD_MS, unit: cluster.unit });
    await primary();
    followed = await followLogs(lab, NODES);
    await followed.allRead(MINUTE);
  }, 10 * MINUTE);

  afterAll(async () => {
    await followed?.close();
    await lab?.down();
  }, 3 * MINUTE);

  it("measure each server's clock, and take its offset off", () => {
    const offset = (name: NodeName): number => followed.heard.servers.get(name)?.clock?.offsetMs ?? Number.NaN;
    expect(Math.abs(offset('n2') - AHEAD_MS)).toBeLessThan(1_000);
    expect(Math.abs(offset('n1'))).toBeLessThan(1_000);
    const late = followed.heard.records.filter((record) => record.at > Date.now() + 2_000);
    expect(late.map((record) => `${record.member} ${record.text}`)).toEqual([]);
  });

  it(
    'tell a failover in the order in which it happened, and why, though one clock is 90 s ahead',
    async () => {
      const from = await primary();
      await lab.crash(from);
      const to = await primary();
      const promoted = await waitFor('the promotion is read', MINUTE, () =>
        Promise.resolve(followed.heard.of(to, /promoted self to leader/)),
      );
      const killed = followed.heard.of(from, /code=killed/);
      expect(killed?.at).toBeLessThan(promoted.at);
      const account = describeFailover({
        at: promoted.at,
        records: followed.heard.records,
        gaps: [...followed.heard.gaps.values()],
        events: [],
        history: [],
      });
      expect(account).toMatchObject({ cause: 'killed', from, to });
      await lab.uncrash(from);
    },
    4 * MINUTE,
  );

  it(
    'have every line that journalctl itself has, in its order, over a rotation of the journal and a cut connection',
    async () => {
      await lab.partition({ kind: 'cut', nodes: ['n3'] });
      await waitFor<true>('the gap is told', MINUTE, () =>
        Promise.resolve(followed.heard.gapOf('n3', 'open') || undefined),
      );
      await lab.node('n3').console('journalctl --rotate >/dev/null 2>&1');
      await lab.heal();
      await waitFor<true>('the gap is filled', 90_000, () =>
        Promise.resolve(followed.heard.gapOf('n3', 'filled') || undefined),
      );
      const begin = followed.heard.records.find((record) => record.member === 'n3')?.serverAt ?? 0;
      const journal = await lab
        .node('n3')
        .console(
          `journalctl -u patroni.service -q -o json --since=@${String(Math.ceil(begin / 1000) + 1)} --output-fields=MESSAGE`,
        );
      const own = journal.split('\n').flatMap((line) => readJournalEntry(line, String) ?? []);
      const tail = (message: string): string => message.trim().split('\n').at(-1)?.slice(-12) ?? '';
      const mine = (): readonly LogRecord[] => followed.heard.records.filter((record) => record.member === 'n3');
      const unread = (): readonly string[] => {
        const text = mine()
          .map((record) => record.text)
          .join('\n');
        return own.map((entry) => entry.message).filter((message) => !text.includes(tail(message)));
      };
      await expect.poll(unread, { timeout: 30_000 }).toEqual([]);
      expect(own.length).toBeGreaterThan(5);
      const read = mine().map((record) => record.id.slice('n3:'.length));
      const order = own.map((entry) => entry.cursor);
      expect(read.filter((id) => order.includes(id))).toEqual(order.filter((cursor) => read.includes(cursor)));
      expect(new Set(read).size).toBe(read.length);
    },
    5 * MINUTE,
  );
});
