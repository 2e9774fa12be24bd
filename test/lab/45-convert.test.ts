import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labServer, labSpec, openDeployLab, sql, type DeployLab } from './support/deploy-lab';
import { openLab, type Lab } from './support/lab';
import { waitFor } from './support/run';

const rows = 50_000;

describe('a standalone PostgreSQL', () => {
  let lab: Lab;
  let cluster: DeployLab;
  beforeAll(async () => {
    lab = await openLab({ name: 'convert', net: 68, nodes: ['n1', 'n2'], suite: 'trixie', image: 'stack' });
    const n1 = lab.node('n1');
    await n1.exec(
      'pg_createcluster 17 main --start -- --auth-host=scram-sha-256 && systemctl enable -q postgresql && ' +
        'echo "work_mem = \'7MB\'" >> /etc/postgresql/17/main/postgresql.conf && ' +
        "echo 'max_connections = 150' >> /etc/postgresql/17/main/postgresql.conf && " +
        "echo 'local app app trust' | cat - /etc/postgresql/17/main/pg_hba.conf > /tmp/hba && " +
        'cat /tmp/hba > /etc/postgresql/17/main/pg_hba.conf && rm /tmp/hba && ' +
        'systemctl restart postgresql@17-main',
    );
    await sql(
      lab,
      'n1',
      `create role app login; create database app owner app;\n\\c app app\n` +
        `create table kept (n int primary key, t timestamptz default clock_timestamp()); ` +
        `insert into kept select generate_series(1, ${rows});`,
    );
  });
  afterAll(async () => {
    await cluster.close();
    await lab.down();
  });

  it('becomes the leader of a cluster while an application writes, and keeps every row', async () => {
    const servers = [labServer(lab, 'n1', ['etcd', 'postgres']), labServer(lab, 'n2', ['postgres'])];
    cluster = await openDeployLab(servers);
    const spec = labSpec({ scope: 'convert', servers, patroni: { ttl: 20, loopWait: 2, retryTimeout: 5 } });
    await lab.node('n1').exec(`cat > /root/loop.sh <<'END'
n=${rows}
while [ ! -e /root/stop ]; do
  n=$((n + 1))
  psql -XAtq -h /var/run/postgresql -U app -d app -c "insert into kept values ($n)" 2>/dev/null && echo $n >> /root/written || sleep 0.05
done
END
: > /root/written; setsid bash /root/loop.sh > /dev/null 2>&1 < /dev/null &`);
    const seen = await cluster.deploy.changes.preview(spec, { kind: 'convert', name: 'n1' });
    expect(seen.plan.refused).toBe(0);
    expect(seen.spec.postgres.parameters).toMatchObject({ work_mem: '7MB', max_connections: '150' });
    const run = await cluster.finish(
      await cluster.deploy.changes.apply(
        { spec, change: { kind: 'convert', name: 'n1' }, fingerprint: seen.plan.fingerprint, typed: 'n1' },
        randomUUID(),
      ),
    );
    expect(run.outcome?.sentence).toMatch(/Rows before: \d+, after: \d+\./);
    await lab.node('n1').exec('sleep 1; touch /root/stop; sleep 1');
    const written = (await lab.node('n1').exec('wc -l < /root/written')).trim();
    expect(await sql(lab, 'n1', `\\c app\nselect count(*) - ${rows} from kept`)).toBe(written);
    const gap = Number(
      await sql(
        lab,
        'n1',
        '\\c app\nselect round(1000 * max(extract(epoch from t - before))) from (select t, lag(t) over (order by ' +
          'n) as before from kept where n > 50000) x',
      ),
    );
    process.stdout.write(`    writes were interrupted for ${gap} ms\n`);
    expect(gap).toBeLessThan(60_000);
    await waitFor(
      'n2 streams',
      60_000,
      async () => (await sql(lab, 'n1', "select count(*) from pg_stat_replication where state = 'streaming'")) === '1',
    );
    expect(await sql(lab, 'n2', '\\c app\nselect count(*) > 50000 from kept')).toBe('t');
    expect(await sql(lab, 'n1', 'show max_connections')).toBe('150');
    expect(
      await lab
        .node('n1')
        .exec('cat /etc/postgresql/17/main/start.conf; systemctl is-enabled postgresql patroni || true'),
    ).toBe('disabled\ndisabled\nenabled\n');
    expect((await cluster.deploy.check(seen.spec)).steps).toEqual([]);
    await cluster.finish(await cluster.deploy.undo(seen.spec, 'convert', false, randomUUID()));
    await waitFor(
      'it runs by itself again',
      60_000,
      async () => (await sql(lab, 'n1', 'select not pg_is_in_recovery()')) === 't',
    );
    expect(await sql(lab, 'n1', `\\c app\nselect count(*) - ${rows} from kept`)).toBe(written);
    expect(
      await lab.node('n1').exec('systemctl is-active postgresql@17-main; systemctl is-active patroni || true'),
    ).toBe('active\ninactive\n');
  });
});
