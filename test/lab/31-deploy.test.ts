import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliDeployment } from './support/deployment';
import { openLab, type Lab, type NodeName } from './support/lab';
import { waitFor } from './support/run';
import { differences, serverStates } from './support/server-state';
import { releasesToTest } from './support/releases';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;

/** Foreign files and data that a deployment finds and must leave alone. */
const FOREIGN = `
mkdir -p /srv/ledger; echo 'kept for years' > /srv/ledger/book
useradd --system --no-create-home bookkeeper
mkdir -p /etc/default; printf 'ETCD_NAME="of somebody else"\\n' > /etc/default/etcd; chmod 640 /etc/default/etcd
`;

const RELEASES = [
  // A file as the README shows it, which leaves TLS and the parameters to the program.
  { suite: 'trixie', image: 'bare', net: 72, file: { tls: undefined, postgres: { parameters: undefined } } },
  { suite: 'bookworm', image: 'stack', net: 73, file: { tls: 'off' } },
] as const;

describe.each(releasesToTest('31-deploy', RELEASES, 'trixie'))(
  'three servers ($image) of $suite',
  ({ suite, image, net, file }) => {
    let lab: Lab;
    let cluster: CliDeployment;
    let before: ReadonlyMap<NodeName, readonly string[]>;
    const version = suite === 'trixie' ? 17 : 15;

    beforeAll(async () => {
      lab = await openLab({ name: `set-${suite}`, net, suite, image });
      cluster = await CliDeployment.write(lab, NODES, file);
      await lab.node('n1').console(FOREIGN);
      if (image === 'stack')
        await lab
          .node('n2')
          .console(
            'install -d -o postgres /var/lib/postgresql/15/old; echo 15 > /var/lib/postgresql/15/old/PG_VERSION; ' +
              'echo rows > /var/lib/postgresql/15/old/rows',
          );
      before = await serverStates(lab, NODES);
    }, 15 * MINUTE);

    afterAll(async () => {
      await lab?.down();
      await cluster?.close();
    }, 3 * MINUTE);

    /** How many rows there are, through the applications' port. */
    const rows = (from: NodeName): Promise<string> => cluster.sql(from, 5000, 'select count(*) from ledger');

    it(
      'become a healthy cluster by one command',
      async () => {
        const { ms } = await cluster.done('apply');
        console.log(`${suite} (${image}): set up in ${(ms / 1000).toFixed(1)} s`);
        await cluster.healthy();
      },
      15 * MINUTE,
    );

    it(
      'accept writes through HAProxy and PgBouncer, and serve reads from a replica',
      async () => {
        await cluster.sql('n2', 5000, 'create table ledger(n int); insert into ledger values (1)');
        await cluster.sql('n3', 6432, 'insert into ledger values (2)');
        expect(await cluster.sql('n1', 6432, 'select count(*), pg_is_in_recovery() from ledger')).toBe('2|f');
        await waitFor(
          'a replica has the rows',
          MINUTE,
          async () => (await cluster.sql('n1', 5001, 'select count(*), pg_is_in_recovery() from ledger')) === '2|t',
        );
        await expect(cluster.sql('n1', 5001, 'insert into ledger values (3)')).rejects.toThrow(/read-only/);
      },
      2 * MINUTE,
    );

    it(
      'lose no write while HAProxy is reloaded and restarted: it uses no member before its first health check',
      async () => {
        const { 'user:app': password = '' } = await cluster.secrets();
        const output = await lab.node('n2').console(
          `export PGPASSWORD='${password}' PGCONNECT_TIMEOUT=10
primary='host=${lab.node('n2').ip} port=5000 user=app dbname=appdb'
( for turn in 1 2 3 4 5; do sleep 1.2; systemctl reload haproxy; done; sleep 1; touch /run/reloaded ) &
ok=0; bad=0; end=$((SECONDS + 60))
while [ ! -e /run/reloaded ] && [ $SECONDS -lt $end ]; do
  if output=$(psql -XAtqc 'create temporary table attempt(n int)' "$primary" 2>&1); then ok=$((ok + 1))
  else bad=$((bad + 1)); echo "$output"; fi
done; rm -f /run/reloaded; echo "written $ok failed $bad"
systemctl restart haproxy; first=; end=$((SECONDS + 30))
until [ "$first" = f ] || [ $SECONDS -ge $end ]; do
  first=$(psql -XAtqc 'select pg_is_in_recovery()' "$primary" 2>/dev/null || true)
  [ "$first" != t ] || echo 'a replica answered'
done; echo "first $first"`,
          { timeoutMs: 2 * MINUTE },
        );
        expect(output.trim()).toMatch(/^written [1-9]\d+ failed 0\nfirst f$/);
        for (const name of NODES)
          expect(
            await lab
              .node(name)
              .console(
                "journalctl -u haproxy -o cat --no-pager | grep -E 'server-state (partially|application)' || true",
              ),
            `HAProxy on ${name} takes the kept states whole`,
          ).toBe('');
      },
      3 * MINUTE,
    );

    it(
      'run on configurations that Patroni itself finds valid, and on three etcd members',
      async () => {
        for (const name of NODES) {
          const output = await lab
            .node(name)
            .console('runuser -u postgres -- patroni --validate-config /etc/patroni/config.yml 2>&1 || true');
          // Patroni is running: the ports that it holds itself are all that this check may report.
          expect(
            output.split('\n').filter((line) => line.trim() !== '' && !/already in use|already running/.test(line)),
          ).toEqual([]);
        }
        const members = await lab
          .node('n2')
          .console(`${cluster.etcdctl()} member list; ${cluster.etcdctl()} endpoint health --cluster 2>&1`);
        expect(members.match(/, started, n[123],/g)).toHaveLength(3);
        expect(members.match(/is healthy/g)).toHaveLength(3);
        expect(await lab.node('n3').console('patronictl -c /etc/patroni/config.yml list')).toMatch(/Leader/);
      },
      2 * MINUTE,
    );

    it(
      'are not changed by a second run',
      async () => {
        const starts = () =>
          Promise.all(
            NODES.map((name) =>
              lab
                .node(name)
                .console('systemctl show -p ActiveEnterTimestampMonotonic,NRestarts etcd patroni haproxy pgbouncer'),
            ),
          );
        const [deployed, started] = [await serverStates(lab, NODES), await starts()];
        const { output, ms } = await cluster.done('apply');
        console.log(
          `${suite}: a second run took ${(ms / 1000).toFixed(1)} s with the start of the program. ${
            output
              .trim()
              .split('\n')
              .find((line) => line.includes('nothing was changed')) ?? ''
          }`,
        );
        expect(output).toContain('nothing was changed');
        const after = await serverStates(lab, NODES);
        for (const name of NODES)
          expect(
            differences(deployed.get(name) ?? [], after.get(name) ?? []).filter((line) =>
              /^. (package|user|group|unit|content|left)/.test(line),
            ),
          ).toEqual([]);
        expect(await starts()).toEqual(started);
        await cluster.unchanged();
      },
      5 * MINUTE,
    );

    it(
      'recover by themselves when all are rebooted at once',
      async () => {
        await lab.reboot(...NODES);
        await cluster.healthy();
        expect(await waitFor("the applications' port answers", MINUTE, () => rows('n1'))).toBe('2');
      },
      6 * MINUTE,
    );

    it(
      'fail over when the leader loses power, and accept writes through PgBouncer within 5 s of the new primary',
      async () => {
        const leader = await cluster.healthy();
        const left = NODES.filter((name) => name !== leader);
        const writer = left[0] ?? 'n1';
        const password = (await cluster.secrets())['user:app'] ?? '';
        const promoted = left.map((name) =>
          lab
            .node(name)
            .console(
              `for i in $(seq 1200); do
  [ "$(runuser -u postgres -- psql -XAtc 'select pg_is_in_recovery()' 2>/dev/null)" = f ] && { date +%s%3N; exit; }; sleep 0.1
done; echo never`,
              { timeoutMs: 4 * MINUTE },
            )
            .catch(() => 'never'),
        );
        const writes = lab.node(writer).console(
          `export PGPASSWORD='${password}' PGCONNECT_TIMEOUT=3
bad=0; end=$((SECONDS + 150))
while [ $SECONDS -lt $end ]; do
  if timeout 4 psql -XAtqc 'insert into ledger values (4)' 'host=127.0.0.1 port=6432 user=app dbname=appdb' >/dev/null 2>&1; then
    [ $bad = 0 ] || { date +%s%3N; exit; }
  else bad=1; fi
  sleep 0.1
done; echo never`,
          { timeoutMs: 4 * MINUTE },
        );
        await lab.kill(leader);
        const back = Number((await writes).trim());
        const primary = await cluster.primary();
        const up = Number((await (promoted[left.indexOf(primary)] ?? Promise.resolve('never'))).trim());
        console.log(`${suite}: PgBouncer wrote ${back - up} ms after the new primary was up`);
        expect(primary).not.toBe(leader);
        expect(back - up).toBeLessThanOrEqual(5000);
        await lab.up([leader]);
        await cluster.healthy();
      },
      10 * MINUTE,
    );

    it(
      'are restored by an undo: packages, users, units and every file of /etc; what others made stays',
      async () => {
        await cluster.done('undo');
        const after = await serverStates(lab, NODES);
        for (const name of NODES)
          expect({ name, differs: differences(before.get(name) ?? [], after.get(name) ?? []) }).toEqual({
            name,
            differs: [],
          });
        expect(await lab.node('n1').console('cat /srv/ledger/book /etc/default/etcd; id -un bookkeeper')).toBe(
          'kept for years\nETCD_NAME="of somebody else"\nbookkeeper\n',
        );
        if (image === 'stack')
          expect(await lab.node('n2').console(`cat /var/lib/postgresql/${version}/old/rows`)).toBe('rows\n');
      },
      6 * MINUTE,
    );
  },
);
