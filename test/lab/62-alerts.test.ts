import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Alert, AlertRuleId, AlertsUpdate } from '../../shared/model/alerts/alert';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];

const RELEASES = [
  { suite: 'trixie', net: 196 },
  { suite: 'bookworm', net: 197 },
] as const;

describe.each(releasesToTest('62-alerts', RELEASES, 'trixie'))(
  'the alerts of a cluster that others set up, each by its real cause ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;
    let update: AlertsUpdate | null = null;
    const ending = new AbortController();

    const psql = async (name: NodeName, query: string): Promise<string> => (await known.psql(name, query)).trim();
    const ctl = (command: string): Promise<string> =>
      known.on('n1', `patronictl -c ${known.cluster.config} ${command}`);
    const leader = async (): Promise<NodeName> => {
      for (const name of NODES) {
        const { code, stdout } = await known.opened.lab
          .node(name)
          .tryExec(`su postgres -c "psql -XAtq -p ${known.cluster.port} -c 'select pg_is_in_recovery()'"`);
        if (code === 0 && stdout.trim() === 'f') return name;
      }
      throw new Error('no server runs as the primary');
    };
    const replicaOf = (name: NodeName): NodeName => NODES.find((one) => one !== name) ?? 'n2';
    const lasting = (): readonly Alert[] => (update?.alerts ?? []).filter(({ endedAt }) => endedAt === null);
    const inWords = (): readonly string[] => lasting().map(({ rule, subject }) => `${rule} ${subject ?? ''}`.trim());
    const raised = (words: string): Promise<Alert> =>
      waitFor(`the alert "${words}"; there are: ${inWords().join(', ')}`, 2 * MINUTE, () =>
        Promise.resolve(lasting().find(({ rule, subject }) => `${rule} ${subject ?? ''}`.trim() === words)),
      );
    const allQuiet = (): Promise<true> =>
      waitFor('the end of all alerts', 3 * MINUTE, () => Promise.resolve(lasting().length === 0 ? true : undefined));
    /** All alerts that were raised since a moment, whatever became of them. */
    const since = (at: number): readonly string[] =>
      (update?.alerts ?? [])
        .filter(({ raisedAt }) => raisedAt >= at)
        .map(({ rule, subject }) => `${rule} ${subject ?? ''}`.trim());

    beforeAll(async () => {
      known = await openKnownCluster({ name: `alerts-${suite}`, net, nodes: NODES, suite }, MINUTE);
      const { client } = known.core;
      const quick: Readonly<Partial<Record<AlertRuleId, { readonly afterMs: number; readonly threshold?: number }>>> = {
        paused: { afterMs: 2_000 },
        pending_restart: { afterMs: 2_000 },
        member_down: { afterMs: 5_000 },
        lag: { afterMs: 2_000, threshold: 5 },
        etcd_one_failure_left: { afterMs: 3_000 },
        leader_in_trouble: { afterMs: 3_000 },
        no_leader: { afterMs: 3_000 },
      };
      const { clusterId } = known;
      for (const [rule, settings] of Object.entries(quick))
        await client.alerts.setRule({ clusterId, rule: rule as AlertRuleId, settings });
      const stream = await client.alerts.watch(undefined, { signal: ending.signal });
      void (async () => {
        for await (const next of stream) update = next;
      })().catch(() => undefined);
      await known.opened.page.goto(`${known.opened.app.origin}/#/cluster/${clusterId}`);
      await known.opened.page.getByTestId('health-sentence').filter({ hasText: 'leads' }).waitFor();
    }, 10 * MINUTE);
    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(async () => {
      ending.abort();
      await known?.close();
    }, 3 * MINUTE);

    it(
      'are none while it is well',
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 20_000));
        expect(inWords()).toEqual([]);
      },
      MINUTE,
    );

    it(
      'say that automatic failover is paused, until it is resumed',
      async () => {
        const begun = Date.now();
        await ctl('pause --wait');
        await raised('paused');
        await ctl('resume --wait');
        await allQuiet();
        expect(since(begun)).toEqual(['paused']);
      },
      4 * MINUTE,
    );

    it(
      'name a replica whose Patroni is stopped, until it is back',
      async () => {
        const begun = Date.now();
        const down = replicaOf(await leader());
        await known.on(down, 'systemctl stop patroni');
        await raised(`member_down ${down}`);
        await known.on(down, 'systemctl start patroni');
        await allQuiet();
        expect(await psql(down, 'select pg_is_in_recovery()')).toBe('t');
        expect(since(begun)).toEqual([`member_down ${down}`]);
      },
      6 * MINUTE,
    );

    it(
      'name a replica that lags by more than the threshold, and nobody else',
      async () => {
        const begun = Date.now();
        const primary = await leader();
        const slow = replicaOf(primary);
        const startup = `$(pgrep -f '[p]ostgres:.* startup')`;
        await known.on(slow, `kill -STOP ${startup}`);
        try {
          await psql(
            primary,
            'create table behind as select g, repeat(md5(g::text), 30) t from generate_series(1, 30000) g',
          );
          const alert = await raised(`lag ${slow}`);
          const query =
            'select pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) from pg_stat_replication ' +
            `where application_name = '${slow}'`;
          expect(Number(await psql(primary, query))).toBeGreaterThan(5 * 1024 ** 2);
          expect(alert.sentence).toMatch(new RegExp(`^${slow} is .*MB behind the leader\\.$`));
        } finally {
          await known.on(slow, `kill -CONT ${startup}`);
        }
        await allQuiet();
        expect(since(begun)).toEqual([`lag ${slow}`]);
      },
      5 * MINUTE,
    );

    it(
      'say that etcd is one failure away from losing its quorum, until its member is back',
      async () => {
        const begun = Date.now();
        const lost = replicaOf(await leader());
        await known.on(lost, 'systemctl stop etcd');
        try {
          const alert = await raised('etcd_one_failure_left');
          expect(alert.sentence).toContain(lost);
        } finally {
          await known.on(lost, 'systemctl start etcd');
        }
        await allQuiet();
        expect(since(begun).filter((words) => words !== 'etcd_one_failure_left')).toEqual([]);
      },
      5 * MINUTE,
    );

    it(
      'name each member that waits for a restart, until it was restarted',
      async () => {
        const begun = Date.now();
        await ctl('edit-config --force -s postgresql.parameters.max_connections=120 > /dev/null');
        for (const name of NODES) await raised(`pending_restart ${name}`);
        await ctl(`restart --force ${known.cluster.scope} ${NODES.join(' ')}`);
        await allQuiet();
        expect(new Set(since(begun))).toEqual(new Set(NODES.map((name) => `pending_restart ${name}`)));
      },
      6 * MINUTE,
    );

    it(
      'tell a leader that is killed, and after the failover the member that is still down',
      async () => {
        const begun = Date.now();
        const killed = await leader();
        await known.opened.lab.crash(killed);
        await waitFor('an alert about the leader', 2 * MINUTE, () =>
          Promise.resolve(lasting().find(({ rule }) => rule === 'leader_in_trouble' || rule === 'no_leader')),
        );
        await raised(`member_down ${killed}`);
        await waitFor('the end of what was said of the leader', 3 * MINUTE, () =>
          Promise.resolve(inWords().every((words) => words === `member_down ${killed}`) ? true : undefined),
        );
        expect(await leader()).not.toBe(killed);
        await known.opened.lab.uncrash(killed);
        await allQuiet();
        expect(await psql(killed, 'select pg_is_in_recovery()')).toBe('t');
        const expected =
          /^(leader_in_trouble|no_leader|nobody_can_take_over|member_down|not_streaming|behind_timeline)\b/;
        expect(since(begun).filter((words) => !expected.test(words))).toEqual([]);
      },
      10 * MINUTE,
    );
  },
);
