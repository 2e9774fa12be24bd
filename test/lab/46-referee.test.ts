import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClusterPageUser } from './support/cluster-page';
import type { ReferenceCluster } from './support/cluster-file';
import type { Lab, NodeName } from './support/lab';
import { openPageLab, type PageLab } from './support/page-lab';
import { Referee, type FaultRecord } from './support/referee';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

/** Longest time that the page may go on saying what is no longer so, ms. */
const LIMIT_MS = 5_000;
/** The referee asks each second, and one round of questions takes up to this long beside it, ms. */
const GRAIN_MS = 1_500;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;

const releases = releasesToTest(
  'The referee',
  [
    { suite: 'bookworm', layout: 'debian-layout', net: 98 },
    { suite: 'trixie', layout: 'plain', net: 99 },
  ] as const,
  'trixie',
);

/** A fault on the leader or a replica, how it ends, and how long it lasts, ms. */
interface Fault {
  readonly name: string;
  readonly lastsMs: number;
  /** What must stand on the page before it ends, beside what the referee judges. */
  readonly seen?: RegExp;
  begin(scene: Scene): Promise<unknown>;
  end(scene: Scene): Promise<unknown>;
}

interface Scene {
  readonly lab: Lab;
  readonly cluster: ReferenceCluster;
  readonly leader: NodeName;
  readonly replica: NodeName;
  readonly others: readonly NodeName[];
}

const consoles = (lab: Lab, nodes: readonly NodeName[], script: string): Promise<unknown> =>
  Promise.all(nodes.map((name) => lab.node(name).console(script)));

const faults: readonly Fault[] = [
  {
    name: 'PostgreSQL of the leader crashes and comes back',
    lastsMs: 15_000,
    begin: ({ lab, leader }) =>
      lab.node(leader).console("pkill -KILL -o -u postgres -f '(bin/postgres|postgres) .*(-D|config_file)'"),
    end: () => Promise.resolve(),
  },
  {
    name: 'SSH alone hangs on the leader',
    lastsMs: 15_000,
    begin: ({ lab, leader }) => lab.hangSsh(leader),
    end: ({ lab, leader }) => lab.thawSsh(leader),
  },
  {
    name: 'a member of etcd hangs',
    lastsMs: 15_000,
    begin: ({ lab, replica }) => lab.node(replica).console('systemctl kill -s STOP etcd'),
    end: ({ lab, replica }) => lab.node(replica).console('systemctl kill -s CONT etcd'),
  },
  {
    name: 'a replica loses power',
    lastsMs: 20_000,
    begin: ({ lab, replica }) => lab.kill(replica),
    end: ({ lab, replica }) => lab.up([replica]),
  },
  {
    name: 'the leader is cut off',
    lastsMs: 50_000,
    begin: ({ lab, leader }) => lab.partition({ kind: 'cut', nodes: [leader] }),
    end: ({ lab }) => lab.heal(),
  },
  {
    name: 'the leader loses power',
    lastsMs: 50_000,
    begin: ({ lab, leader }) => lab.kill(leader),
    end: ({ lab, leader }) => lab.up([leader]),
  },
  {
    name: 'etcd loses its quorum',
    lastsMs: 45_000,
    begin: ({ lab, others }) => consoles(lab, others, 'systemctl kill -s KILL etcd; systemctl stop etcd'),
    end: ({ lab, others }) => consoles(lab, others, 'systemctl start --no-block etcd'),
  },
  {
    name: 'the WAL of a replica fills its disk',
    lastsMs: 45_000,
    begin: fillDisk,
    seen: /A disk is full/,
    end: ({ lab, replica }) => lab.node(replica).console('mount -o remount,size=1g /mnt/wal; rm -f /mnt/wal/filler'),
  },
];

/** Takes what is free beside the replica's WAL, then has the leader write more than one segment. */
async function fillDisk({ lab, cluster, leader, replica }: Scene): Promise<void> {
  await lab.node(replica).console('dd if=/dev/zero of=/mnt/wal/filler bs=1M 2>/dev/null || true');
  for (const sql of [
    'create table if not exists filler(t text)',
    'insert into filler select repeat(md5(i::text), 20) from generate_series(1, 120000) i',
  ])
    await lab.node(leader).psql(sql, { scope: cluster.scope });
}

const seconds = (ms: number | null): string => (ms === null ? 'never' : `${(ms / 1000).toFixed(1)} s`);

describe.each(releases)('a referee that asks the servers each second ($suite)', ({ suite, layout, net }) => {
  let opened: PageLab;
  let lab: Lab;
  let cluster: ReferenceCluster;
  let ui: ClusterPageUser;
  const table: string[] = [];

  beforeAll(async () => {
    opened = await openPageLab(
      { name: `ref-${suite}`, net, suite, image: 'stack' },
      { viewport: { width: 1440, height: 1000 }, patienceMs: 20_000 },
    );
    lab = opened.lab;
    cluster = await lab.cluster({ layout, nodes: NODES });
    ui = new ClusterPageUser(opened.page);
    await ui.page.getByRole('link', { name: 'Connect to a cluster' }).first().click();
    await ui.fillServer({ host: lab.node('n1').ip, user: 'root', keyPath: lab.keyPath, sudo: 'The user is root' });
    await ui.page.getByRole('button', { name: 'Test the connection' }).click();
    await ui.answerUntil(ui.page.getByLabel('Test result'), '');
    await ui.page.getByRole('button', { name: 'Find Patroni' }).click();
    await ui.answerUntil(ui.page.getByRole('button', { name: 'Add this cluster' }), '');
    await ui.page.getByRole('button', { name: 'Add this cluster' }).click();
    await ui.answerUntil(ui.page.getByRole('heading', { name: 'Leader lock' }), '');
    for (const name of NODES) await ui.answerUntil(ui.member(name).filter({ hasText: /PostgreSQL \d/ }), '');
    await well();
  }, 15 * MINUTE);

  afterEach(({ task }) => opened.pictureOf(task));
  afterAll(async () => {
    console.log(['fault | writes lost | writes back | noticed | longest wrong', ...table].join('\n'));
    await opened?.close();
  }, 3 * MINUTE);

  /** Waits until the page shows a healthy cluster, and PostgreSQL agrees. */
  const well = (): Promise<NodeName> =>
    waitFor('the page and the servers agree that all is well', 3 * MINUTE, async () => {
      const writable = await lab.primaries(cluster);
      const health = (await ui.page.locator('.m-cluster-health').innerText()).trim();
      const writes = await ui.page.getByTestId('takes-writes').innerText();
      const leader = writable[0];
      return health === 'Healthy' && writable.length === 1 && leader !== undefined && writes.includes(`Yes: ${leader}`)
        ? leader
        : undefined;
    });

  it.each(faults)(
    'never says for longer than 5 s what is no longer so: $name',
    async ({ name, begin, end, lastsMs, seen }) => {
      const leader = await well();
      const others = NODES.filter((one) => one !== leader);
      const scene: Scene = { lab, cluster, leader, others, replica: others[0] ?? leader };
      if (name.includes('disk')) await giveSmallDisk(scene.replica);
      const referee = new Referee(lab, cluster, ui.page);
      let record: FaultRecord;
      referee.start();
      try {
        await pause(2_000);
        referee.mark();
        await begin(scene);
        await pause(lastsMs);
        if (seen !== undefined) await ui.page.getByText(seen).first().waitFor();
      } finally {
        await end(scene);
        await well();
        record = await referee.stop();
      }
      table.push(
        `${name} | ${seconds(record.writesLost)} | ${seconds(record.writesBack)} | ${seconds(record.noticed)} | ` +
          `${seconds(record.longestWrong)} ${record.wrongest}`,
      );
      expect(record.longestWrong, record.wrongest).toBeLessThanOrEqual(LIMIT_MS + GRAIN_MS);
      expect(record.noticed, 'the page noticed the fault').not.toBeNull();
    },
    8 * MINUTE,
  );

  /** Puts the replica's WAL on a disk of its own with 32 MB to spare. */
  const giveSmallDisk = async (replica: NodeName): Promise<void> => {
    await lab.node(replica).psql('checkpoint', { scope: cluster.scope });
    await lab.node(replica).console(
      `set -e; systemctl stop '${cluster.unit}'
wal='${cluster.dataDir}/pg_wal'; size=$(du -sm "$wal" | cut -f1)
mkdir -p /mnt/wal; mount -t tmpfs -o size=$((size + 32))m,mode=700,uid=$(id -u postgres),gid=$(id -g postgres) tmpfs /mnt/wal
cp -a "$wal/." /mnt/wal/; rm -rf "$wal"; ln -s /mnt/wal "$wal"; chown -h postgres:postgres "$wal"
systemctl start '${cluster.unit}'`,
    );
    await well();
  };
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
