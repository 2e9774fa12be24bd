import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliDeployment } from './support/deployment';
import { openLab, type Lab, type NodeName } from './support/lab';
import { waitFor } from './support/run';
import { differences, serverStates } from './support/server-state';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;

/** From a trigger to the first write through the address, ms; -1 when none succeeded. Counts only after a write has failed. */
const WRITES_AGAIN = `bad=0; began=$(date +%s%3N); end=$((SECONDS + 150))
while [ $SECONDS -lt $end ]; do
  if timeout 3 psql -XAtqc 'insert into ledger values (9)' "$TARGET" >/dev/null 2>&1; then
    [ $bad = 0 ] || { echo $(($(date +%s%3N) - began)); exit; }
  else bad=1; fi
  sleep 0.1
done; echo -1`;

describe.each([
  { suite: 'trixie', net: 35, image: 'stack', vip: { follows: 'haproxy' }, unit: 'keepalived', port: 5000 },
  {
    suite: 'trixie',
    net: 36,
    image: 'stack',
    vip: { follows: 'primary', manager: 'vip-manager' },
    unit: 'vip-manager',
    port: 5432,
  },
  {
    suite: 'bookworm',
    net: 35,
    image: 'stack',
    vip: { follows: 'primary', manager: 'keepalived' },
    unit: 'keepalived',
    port: 5432,
  },
] as const)(
  'a virtual address that follows $vip.follows, held by $unit ($suite)',
  ({ suite, net, image, vip, unit, port }) => {
    const address = `10.77.${net}.100`;
    let lab: Lab;
    let cluster: CliDeployment;
    let before: ReadonlyMap<NodeName, readonly string[]>;

    beforeAll(async () => {
      lab = await openLab({ name: `vip-${unit}-${suite}`, net, suite, image });
      cluster = await CliDeployment.write(lab, NODES, { vip: { address, ...vip } });
      before = await serverStates(lab, NODES);
      const { blocked, checks } = await cluster.preflight();
      expect({
        blocked,
        found: checks.filter((check) => check.id.startsWith('vip') && check.verdict !== 'ok'),
      }).toEqual({ blocked: false, found: [] });
      const { ms } = await cluster.done('apply');
      console.log(`${suite}, ${unit}: set up in ${(ms / 1000).toFixed(1)} s`);
      await cluster.healthy();
    }, 15 * MINUTE);

    afterAll(async () => {
      await lab?.down();
      await cluster?.close();
    }, 3 * MINUTE);

    /** The servers that have the address now. */
    const holders = async (among: readonly NodeName[] = NODES): Promise<readonly NodeName[]> => {
      const seen = await Promise.all(
        among.map((name) =>
          lab
            .node(name)
            .console(`ip -o addr show to ${address}/32`)
            .catch(() => ''),
        ),
      );
      return among.filter((_, index) => (seen[index] ?? '').includes(address));
    };
    /** Waits until exactly one server has the address, and says which. */
    const holder = (among: readonly NodeName[] = NODES): Promise<NodeName> =>
      waitFor('one server holds the address', 2 * MINUTE, async () => {
        const found = await holders(among);
        return found.length === 1 ? found[0] : undefined;
      });
    const connection = async (): Promise<string> => {
      const password = (await cluster.secrets())['user:app'] ?? '';
      return `export PGPASSWORD='${password}' PGCONNECT_TIMEOUT=2 TARGET='host=${address} port=${port} user=app dbname=appdb'`;
    };
    const write = async (from: NodeName, sql: string): Promise<string> =>
      (
        await lab.node(from).console(`${await connection()}\npsql -XAtq -v ON_ERROR_STOP=1 "$TARGET" -c "${sql}"`)
      ).trim();

    it(
      'accepts writes from every server, and is on one server only',
      async () => {
        await write('n1', 'create table ledger(n int)');
        for (const name of NODES) await write(name, 'insert into ledger values (1)');
        expect(await write('n3', 'select count(*), pg_is_in_recovery() from ledger')).toBe('3|f');
        const at = await holder();
        if (vip.follows === 'primary') expect(at).toBe(await cluster.primary());
      },
      3 * MINUTE,
    );

    it(
      'is in the connection strings, and is not changed by a second run',
      async () => {
        const { output } = await cluster.done('apply');
        expect(output).toContain('nothing was changed');
        expect(output).toContain(`${address}:${port}`);
        await cluster.unchanged();
      },
      5 * MINUTE,
    );

    it(
      'is found in use when another cluster wants it',
      async () => {
        const other = await CliDeployment.write(lab, NODES, { scope: 'other', vip: { address, ...vip } });
        try {
          const { checks } = await other.preflight();
          expect(checks.find((check) => check.id === 'vip-free')?.verdict).toBe('blocks');
        } finally {
          await other.close();
        }
      },
      3 * MINUTE,
    );

    it(
      'moves when its server loses power, and is on one server only when that one is back',
      async () => {
        const lost = await holder();
        const left = NODES.filter((name) => name !== lost);
        const writer = left[0] ?? 'n1';
        const again = lab.node(writer).console(`${await connection()}\n${WRITES_AGAIN}`, { timeoutMs: 4 * MINUTE });
        await lab.kill(lost);
        const ms = Number((await again).trim());
        console.log(
          `${suite}, ${unit} following ${vip.follows}: writes by the address ${ms} ms after the power cut of its holder`,
        );
        expect(ms).toBeGreaterThan(0);
        const next = await holder(left);
        if (vip.follows === 'primary') expect(next).toBe(await cluster.primary());
        await lab.up([lost]);
        await cluster.healthy();
        const at = await holder();
        await waitFor(
          'writes go on',
          MINUTE,
          async () => (await write(writer, 'select not pg_is_in_recovery()')) === 't',
        );
        if (vip.follows === 'primary') expect(at).toBe(await cluster.primary());
      },
      10 * MINUTE,
    );

    it(
      'leaves a server whose service stops, and moves to another',
      async () => {
        const at = await holder();
        const others = NODES.filter((name) => name !== at);
        const stopped = vip.follows === 'haproxy' ? 'haproxy' : 'patroni';
        await lab.node(at).console(`systemctl stop ${stopped}`, { timeoutMs: 3 * MINUTE });
        try {
          await waitFor('another server holds it', 2 * MINUTE, async () => {
            const found = await holders();
            return found.length === 1 && found[0] !== at;
          });
          await waitFor(
            'and writes go there',
            MINUTE,
            async () => (await write(others[0] ?? 'n1', 'select not pg_is_in_recovery()')) === 't',
          );
        } finally {
          await lab.node(at).console(`systemctl start ${stopped}`, { timeoutMs: MINUTE });
        }
        await cluster.healthy();
      },
      6 * MINUTE,
    );

    it(
      'does not stay where its program ended, however it ended',
      async () => {
        const at = await holder();
        await lab.node(at).console(`kill -9 $(systemctl show -p MainPID --value ${unit})`);
        await waitFor('one server holds it again', MINUTE, async () => (await holders()).length === 1);
        await lab.node(at).console(`systemctl stop ${unit}`);
        expect(await holders([at])).toEqual([]);
        await lab.node(at).console(`systemctl start ${unit}`);
        await holder();
      },
      3 * MINUTE,
    );

    it(
      'recovers when all servers are rebooted at once',
      async () => {
        await lab.reboot(...NODES);
        const leader = await cluster.healthy();
        const at = await holder();
        if (vip.follows === 'primary') expect(at).toBe(leader);
        await waitFor(
          'writes go in',
          MINUTE,
          async () => (await write('n2', 'select not pg_is_in_recovery()')) === 't',
        );
      },
      6 * MINUTE,
    );

    it(
      'is removed by an undo: no address, no package, no file is left',
      async () => {
        await cluster.done('undo');
        expect(await holders()).toEqual([]);
        const after = await serverStates(lab, NODES);
        for (const name of NODES)
          expect({ name, differs: differences(before.get(name) ?? [], after.get(name) ?? []) }).toEqual({
            name,
            differs: [],
          });
      },
      6 * MINUTE,
    );
  },
);
