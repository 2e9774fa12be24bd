import { appendFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TimelineChange } from '../../shared/model/cluster/cluster-state';
import type { LogRecord } from '../../shared/model/logs/log-record';
import { describeFailover, type FailoverAccount } from '../../shared/rules/logs/failover-account';
import type { FailoverCause } from '../../shared/rules/logs/failover-evidence';
import { putClockAhead } from './support/ahead-clock';
import type { ReferenceCluster } from './support/cluster-file';
import { followLogs, type FollowedLogs } from './support/followed-logs';
import { openLab, type Lab, type NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
/** What the page reads around a change of the leader, ms. */
const AROUND = { beforeMs: 180_000, afterMs: 90_000 };
/** How far the clock of one server is ahead, ms. */
const AHEAD_MS = 90_000;

const releases = releasesToTest(
  'Why the leader changed',
  [
    { suite: 'bookworm', layout: 'debian-layout', net: 162 },
    { suite: 'trixie', layout: 'plain', net: 163 },
  ] as const,
  'trixie',
);

interface Scene {
  readonly lab: Lab;
  readonly cluster: ReferenceCluster;
  readonly leader: NodeName;
  readonly others: readonly NodeName[];
}

/** A reason for which the leader changes on real servers, and what the account must say of it. */
interface Reason {
  readonly name: string;
  begin(scene: Scene): Promise<unknown>;
  end(scene: Scene): Promise<unknown>;
  /** The new leader is there only after `end`. */
  readonly afterEnd?: boolean;
  /** What can be told while the fault lasts, where that is less than afterwards. */
  readonly meanwhile?: FailoverCause;
  readonly cause: FailoverCause;
  /** The sentence of the cause, and the line that it rests on. */
  readonly says: RegExp;
  readonly restsOn: RegExp;
  /** What is not known, and said to be so. */
  readonly missing?: RegExp;
}

const onAll = (lab: Lab, nodes: readonly NodeName[], script: string): Promise<unknown> =>
  Promise.all(nodes.map((name) => lab.node(name).console(script)));

/** A session that wants a gigabyte; its connection breaks when the kernel ends it. */
async function wantMemory({ lab, cluster, leader }: Scene): Promise<void> {
  await lab.limitMemory(leader, 200);
  await lab
    .node(leader)
    .psql('select length(array_agg(repeat(md5(i::text), 4))::text) from generate_series(1, 5000000) i', {
      scope: cluster.scope,
    })
    .catch(() => undefined);
}

/** Takes what is free beside the leader's WAL, then has it write more than one segment. */
async function fillDisk({ lab, cluster, leader }: Scene): Promise<void> {
  await lab.node(leader).console('dd if=/dev/zero of=/mnt/wal/filler bs=1M 2>/dev/null || true');
  const sql = 'create table filler as select repeat(md5(i::text), 20) from generate_series(1, 120000) i';
  await lab
    .node(leader)
    .psql(sql, { scope: cluster.scope })
    .catch(() => undefined);
}

/** Empties the small disk and puts the WAL back beside the data: a power cut would lose what lies in memory. */
async function takeSmallDisk({ lab, cluster, leader }: Scene): Promise<void> {
  await lab.node(leader).console(
    `set -e; systemctl stop '${cluster.unit}'
wal='${cluster.dataDir}/pg_wal'; rm -f /mnt/wal/filler "$wal"; mkdir -m 700 "$wal"; chown postgres:postgres "$wal"
cp -a /mnt/wal/. "$wal/"; umount /mnt/wal
systemctl start '${cluster.unit}'`,
  );
}

const reasons: readonly Reason[] = [
  {
    name: 'PostgreSQL is killed',
    begin: ({ lab, leader }) =>
      lab.node(leader).console("pkill -KILL -o -u postgres -f '(bin/postgres|postgres) .*(-D|config_file)'"),
    end: () => Promise.resolve(),
    cause: 'postgres_crash',
    says: /PostgreSQL on n\d was no longer running/,
    restsOn: /Postgresql is not running|unexpected postmaster exit/,
    missing: /no last word of PostgreSQL/,
  },
  {
    name: 'the kernel kills a session for memory',
    begin: wantMemory,
    end: ({ lab, leader }) => lab.limitMemory(leader, null),
    cause: 'postgres_crash',
    says: /process of PostgreSQL on n\d was killed/,
    restsOn: /was terminated by signal 9/,
    missing: /kernel/,
  },
  {
    name: 'somebody asks for a switchover',
    begin: ({ lab, cluster, leader, others }) =>
      lab.node(leader).patronictl(['switchover', '--force', `--leader=${leader}`, `--candidate=${others[0] ?? ''}`], {
        scope: cluster.scope,
      }),
    end: () => Promise.resolve(),
    cause: 'manual',
    says: /Somebody asked for it/,
    restsOn: /switchover request|manual failover/,
  },
  {
    name: 'the disk of the WAL is full',
    begin: fillDisk,
    end: takeSmallDisk,
    cause: 'disk_full',
    says: /file system on n\d was full/,
    restsOn: /No space left on device/,
  },
  {
    name: 'Patroni and PostgreSQL are killed',
    begin: ({ lab, leader }) => lab.crash(leader),
    end: ({ lab, leader }) => lab.uncrash(leader),
    cause: 'killed',
    says: /Patroni on n\d was killed/,
    restsOn: /code=killed/,
  },
  {
    name: 'the server of the leader is cut off',
    begin: ({ lab, leader }) => lab.partition({ kind: 'cut', nodes: [leader] }),
    end: ({ lab }) => lab.heal(),
    meanwhile: 'power_cut',
    cause: 'cut_off',
    says: /n\d could not reach the DCS, which the others still reached/,
    restsOn: /DCS is not accessible|Failed to get list of machines/,
  },
  {
    name: 'the server of the leader loses its power',
    begin: ({ lab, leader }) => lab.kill(leader),
    end: ({ lab, leader }) => lab.up([leader]),
    meanwhile: 'power_cut',
    cause: 'power_cut',
    says: /n\d went silent without a last word/,
    restsOn: /leader with the lock/,
  },
  {
    name: 'etcd loses its quorum',
    begin: async ({ lab, others, leader }) => {
      await onAll(lab, others, 'systemctl kill -s KILL etcd; systemctl stop etcd');
      await waitFor('the leader steps down', 90_000, async () =>
        (await lab
          .node(leader)
          .psql('select pg_is_in_recovery()')
          .catch(() => 'f')) === 't'
          ? true
          : undefined,
      );
    },
    end: ({ lab, others }) => onAll(lab, others, 'systemctl start --no-block etcd'),
    afterEnd: true,
    cause: 'dcs_lost',
    says: /DCS did not answer/,
    restsOn: /DCS is not accessible|Failed to get list of machines/,
  },
];

describe.each(releases)('the account of why the leader changed ($suite)', ({ suite, layout, net }) => {
  let lab: Lab;
  let cluster: ReferenceCluster;
  let followed: FollowedLogs;

  /** All members run, and all but the leader stream from it. */
  const well = (): Promise<NodeName> =>
    waitFor('one leads and two follow', 3 * MINUTE, async () => {
      const [leader, ...more] = await lab.primaries(cluster);
      if (leader === undefined || more.length > 0) return undefined;
      const streaming = await lab
        .node(leader)
        .psql("select count(*) from pg_stat_replication where state = 'streaming'", { scope: cluster.scope })
        .catch(() => '');
      return streaming === '2' ? leader : undefined;
    });

  /** Puts a server's WAL on a disk of its own with 32 MB to spare. */
  const giveSmallDisk = async (name: NodeName): Promise<void> => {
    await lab.node(name).console(
      `set -e; systemctl stop '${cluster.unit}'
wal='${cluster.dataDir}/pg_wal'; size=$(du -sm "$wal" | cut -f1)
mkdir -p /mnt/wal; mount -t tmpfs -o size=$((size + 32))m,mode=700,uid=$(id -u postgres),gid=$(id -g postgres) tmpfs /mnt/wal
cp -a "$wal/." /mnt/wal/; rm -rf "$wal"; ln -s /mnt/wal "$wal"; chown -h postgres:postgres "$wal"
systemctl start '${cluster.unit}'`,
    );
    await well();
  };

  /** Patroni's own history, asked of the member. */
  const history = async (leader: NodeName): Promise<readonly TimelineChange[]> => {
    const text = await lab
      .node(leader)
      .console(`curl -sk '${cluster.rest.scheme}://${lab.node(leader).ip}:8008/history'`);
    const rows = JSON.parse(text) as readonly (readonly [number, number, string, string?, string?])[];
    return rows.map(([timeline, lsn, reason, at, newLeader]) => ({
      timeline,
      lsn,
      reason,
      at: at === undefined ? null : Date.parse(at),
      newLeader: newLeader ?? null,
    }));
  };

  const tell = async (promoted: LogRecord, leader: NodeName): Promise<FailoverAccount> =>
    describeFailover({
      at: promoted.at,
      records: followed.heard.records.filter(
        ({ at }) => at >= promoted.at - AROUND.beforeMs && at <= promoted.at + AROUND.afterMs,
      ),
      gaps: [...followed.heard.gaps.values()],
      events: [],
      history: await history(leader),
    });

  beforeAll(async () => {
    lab = await openLab({ name: `why-${suite}`, net, suite, image: 'stack' });
    cluster = await lab.cluster({ layout, nodes: NODES });
    await lab
      .node('n1')
      .patronictl(['edit-config', '--force', '-s', 'primary_start_timeout=0', '-p', 'restart_after_crash=off'], {
        scope: cluster.scope,
      });
    await well();
    followed = await followLogs(lab, NODES);
    await allRead();
  }, 15 * MINUTE);

  const allRead = (): Promise<true> => followed.allRead(90_000);

  afterAll(async () => {
    await followed?.close();
    for (const name of NODES) await lab?.limitMemory(name, null).catch(() => undefined);
    await lab?.down();
  }, 3 * MINUTE);

  it.each(reasons)(
    'names the cause with the lines it rests on: $name',
    async ({ name, begin, end, afterEnd, meanwhile, cause, says, restsOn, missing }) => {
      const leader = await well();
      const others = NODES.filter((one) => one !== leader);
      const scene: Scene = { lab, cluster, leader, others };
      if (name.includes('switchover')) await giveSmallDisk(others[0] ?? leader);
      await new Promise((resolve) => setTimeout(resolve, 11_000));
      const begun = Date.now();
      const promotion = (): Promise<LogRecord> =>
        waitFor('the promotion is read', 2 * MINUTE, () =>
          Promise.resolve(followed.heard.after(begun, /promoted self to leader/)),
        );
      let first: FailoverAccount | null = null;
      try {
        await begin(scene);
        if (afterEnd !== true) {
          const promoted = await promotion();
          first = await tell(promoted, NODES.find((one) => one === promoted.member) ?? leader);
        }
      } finally {
        await end(scene);
      }
      const now = await well();
      await allRead();
      const promoted = await promotion();
      await waitFor<true>("Patroni's history has the change", MINUTE, async () => {
        const rows = await history(now);
        return rows.some(({ at }) => at !== null && at > begun) || undefined;
      });
      const account = await tell(promoted, now);
      await record(`${suite}: ${name} begun ${new Date(begun).toISOString()}`, [first, account], begun);
      if (meanwhile !== undefined) expect(first?.cause).toBe(meanwhile);
      expect(account).toMatchObject({ cause, from: leader, to: now });
      const told = account.sentences.find((sentence) => says.test(sentence.text));
      expect(told?.lines.map((line) => line.text).join('\n')).toMatch(restsOn);
      expect(told?.lines.every((line) => line.at > begun - 15_000)).toBe(true);
      const unknown = account.sentences.filter((sentence) => sentence.missing).map((sentence) => sentence.text);
      if (missing === undefined) expect(unknown).toEqual([]);
      else expect(unknown.join('\n')).toMatch(missing);
    },
    8 * MINUTE,
  );

  /** Gives a replica a clock of its own, and reads all servers anew: a clock is measured when a server is connected. */
  const putReplicaAhead = async (): Promise<NodeName> => {
    const leader = await well();
    const ahead = NODES.find((one) => one !== leader) ?? leader;
    await putClockAhead(lab, ahead, { ms: AHEAD_MS, unit: cluster.unit });
    await well();
    await followed.close();
    followed = await followLogs(lab, NODES);
    await allRead();
    expect(Math.abs((followed.heard.servers.get(ahead)?.clock?.offsetMs ?? 0) - AHEAD_MS)).toBeLessThan(1_000);
    return ahead;
  };

  /** Kills Patroni and PostgreSQL on these, waits for the new leader, and tells why; `killed` and `led` are ms by this machine. */
  const crashAndTell = async (name: string, nodes: readonly NodeName[]) => {
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    const rowsBefore = (await history(await well())).length;
    const killed = Date.now();
    await lab.crash(...nodes);
    const promoted = await waitFor('the promotion is read', 2 * MINUTE, () =>
      Promise.resolve(followed.heard.after(killed, /promoted self to leader/)),
    );
    const led = Date.now();
    await lab.uncrash(...nodes);
    const leader = await well();
    await allRead();
    await waitFor<true>("Patroni's history has the change", MINUTE, async () =>
      (await history(leader)).length > rowsBefore ? true : undefined,
    );
    const account = await tell(promoted, leader);
    await record(`${suite}: ${name} begun ${new Date(killed).toISOString()}`, [account], killed);
    return { account, killed, led };
  };

  it(
    'tells what happened in its order though one clock is 90 s ahead, that of the old leader or that of the new one',
    async () => {
      const ahead = await putReplicaAhead();
      await lab.node(ahead).patronictl(['switchover', '--force', `--candidate=${ahead}`], { scope: cluster.scope });
      await waitFor<true>('it leads', 2 * MINUTE, async () => ((await well()) === ahead ? true : undefined));
      const lost = await crashAndTell('the old leader is ahead', [ahead]);
      expect(lost.account).toMatchObject({ cause: 'killed', from: ahead });
      expectRealOrder(lost, ahead);
      const unknown = lost.account.sentences.filter(({ missing }) => missing).map(({ text }) => text);
      expect(unknown).toEqual([]);

      const leader = lost.account.to;
      const others = NODES.filter((one) => one !== ahead);
      const taken = await crashAndTell('the new leader is ahead', others);
      expect(taken.account).toMatchObject({ cause: 'killed', from: leader, to: ahead });
      // Patroni's history has the time of a file of the new leader, which is not faked on every release: its row is left open.
      expectRealOrder(taken, ahead);
    },
    15 * MINUTE,
  );

  /** The lines stand in the order of the sentences, within the time in which this machine saw all of it happen. */
  const expectRealOrder = (
    { account, killed, led }: Awaited<ReturnType<typeof crashAndTell>>,
    ahead: NodeName,
  ): void => {
    const first = (words: RegExp): LogRecord | undefined =>
      account.sentences.find(({ text }) => words.test(text))?.lines[0];
    const [before, death, taking] = [
      first(/ led, and last said so/),
      first(/ was killed/),
      first(/ took the lock and was promoted/),
    ];
    const times = [before, death, taking].map((line) => line?.at ?? Number.NaN);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times[0]).toBeLessThan(killed + 1_000);
    expect(times[1]).toBeGreaterThan(killed - 1_000);
    expect(times[1]).toBeLessThan(killed + 10_000);
    expect(times[2]).toBeLessThan(led + 1_000);
    const told = [before, death, taking].filter((line) => line?.member === ahead);
    expect(told.length).toBeGreaterThan(0);
    for (const line of told) expect(Math.abs((line?.serverAt ?? 0) - (line?.at ?? 0) - AHEAD_MS)).toBeLessThan(1_000);
  };

  /** WHY_LINES: a file that gets the accounts and the lines they were made of, for whoever changes the rules. */
  const record = async (title: string, accounts: readonly (FailoverAccount | null)[], begun: number): Promise<void> => {
    const path = process.env['WHY_LINES'];
    if (path === undefined) return;
    const lines = followed.heard.records
      .filter(({ at }) => at > begun - 12_000)
      .map((line) => `${new Date(line.at).toISOString()} ${line.member} ${line.source} ${line.text.slice(0, 300)}`);
    await appendFile(path, [`===== ${title}`, JSON.stringify(accounts, null, 1), ...lines, ''].join('\n'));
  };
});
