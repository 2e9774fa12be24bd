import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliDeployment } from './support/deployment';
import { openLab, type Lab, type NodeName } from './support/lab';
import { waitFor } from './support/run';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;
/** The address of a server on its private network. */
const addressOf = (name: NodeName): string => `fd00:77:1::${name.slice(1)}`;

describe.each([
  { suite: 'trixie', net: 69 },
  { suite: 'bookworm', net: 70 },
] as const)('a cluster whose servers know each other by IPv6 addresses ($suite)', ({ suite, net }) => {
  let lab: Lab;
  let cluster: CliDeployment;

  beforeAll(async () => {
    lab = await openLab({ name: `ipv6-${suite}`, net, suite, image: 'stack' });
    await Promise.all(
      NODES.map((name) =>
        lab
          .node(name)
          .console(
            `dev=$(ip -o -4 route show default | sed 's/.* dev \\([^ ]*\\).*/\\1/'); ` +
              `sysctl -qw net.ipv6.conf.$dev.disable_ipv6=0 || true; ip -6 address add ${addressOf(name)}/64 dev $dev nodad`,
          ),
      ),
    );
    cluster = await CliDeployment.write(lab, NODES);
    await cluster.spec({
      tls: 'on',
      servers: NODES.map((name) => ({ ...cluster.server(name), address: addressOf(name) })),
    });
  }, 15 * MINUTE);

  afterAll(async () => {
    await lab?.down();
    await cluster?.close();
  }, 3 * MINUTE);

  const sql = async (from: NodeName, to: NodeName, port: number, text: string): Promise<string> => {
    const { 'user:app': password = '' } = await cluster.secrets();
    return (
      await lab
        .node(from)
        .console(
          `PGPASSWORD='${password}' PGCONNECT_TIMEOUT=5 psql -XAtqc "${text}" ` +
            `'host=${addressOf(to)} port=${port} user=app dbname=appdb sslmode=require'`,
        )
    ).trim();
  };

  it(
    'is set up, and its replicas stream',
    async () => {
      await cluster.done('apply');
      await cluster.healthy();
    },
    10 * MINUTE,
  );

  it(
    'is written to and read from by IPv6, through HAProxy, PgBouncer and straight',
    async () => {
      await sql('n1', 'n2', 5000, 'create table ledger(n int)');
      for (const [port, to] of [
        [5000, 'n3'],
        [6432, 'n1'],
        [5432, await cluster.primary()],
      ] as const)
        await sql('n2', to, port, 'insert into ledger values (1)');
      await waitFor(
        'a replica has the rows',
        MINUTE,
        async () => (await sql('n3', 'n1', 5001, 'select count(*), pg_is_in_recovery() from ledger')) === '3|t',
      );
    },
    3 * MINUTE,
  );

  it(
    'is as its file says, and is not changed by a second run',
    async () => {
      await cluster.unchanged();
      expect((await cluster.done('apply')).output).toContain('nothing was changed');
    },
    3 * MINUTE,
  );
});
