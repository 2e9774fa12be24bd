import { copyFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runUntilDone } from './support/interrupted-run';
import { CliDeployment } from './support/deployment';
import { openLab, type Lab, type NodeName } from './support/lab';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MINUTE = 60_000;

describe('a cluster of one server whose changes are interrupted at every step', () => {
  let lab: Lab;
  let cluster: CliDeployment;

  beforeAll(async () => {
    lab = await openLab({ name: 'day2-killed', net: 80, suite: 'trixie', image: 'stack' });
    cluster = await CliDeployment.write(lab, NODES);
    await cluster.spec({ servers: [cluster.server('n1')] });
    await cluster.done('apply');
    await cluster.own('n1', 'create table kept (n int); insert into kept select generate_series(1, 1000)');
  }, 10 * MINUTE);

  afterAll(async () => {
    await lab?.down();
    await cluster?.close();
  }, 3 * MINUTE);

  /** Runs a command of the program, kills it at the beginning of each step and resumes it; returns how often. */
  const interruptEveryStep = async (
    command: readonly string[],
    resumeWith: readonly string[] = [],
  ): Promise<number> => {
    const interrupted = new Set<string>();
    let dead = false;
    await runUntilDone(cluster, command, 150, {
      onBegun: (step, kill) => {
        if (dead || interrupted.has(step)) return;
        interrupted.add(step);
        dead = true;
        kill();
      },
      between: () => {
        dead = false;
        return Promise.resolve();
      },
      resumeWith,
    });
    return interrupted.size;
  };

  it(
    'grows to three members with all its rows',
    async () => {
      await cluster.spec();
      console.log(
        `killed ${await interruptEveryStep(['apply', cluster.path('spec.yml')])} times while two servers were added`,
      );
      expect(await cluster.healthy()).toBe('n1');
      expect(await cluster.own('n3', 'select count(*) from kept')).toBe('1000');
      expect(
        (await lab.node('n2').console('ETCDCTL_API=3 etcdctl member list')).match(/, started, n[123],.*false/g),
      ).toHaveLength(3);
      await cluster.unchanged();
    },
    12 * MINUTE,
  );

  it(
    'loses the removed member and keeps the others',
    async () => {
      const out = ['--out', cluster.path('two.yml')];
      console.log(
        `killed ${await interruptEveryStep(['remove', cluster.path('spec.yml'), '--server', 'n3', ...out], out)} times while a server left`,
      );
      expect(
        (await lab.node('n1').console('ETCDCTL_API=3 etcdctl member list')).match(/, started, n[12],.*false/g),
      ).toHaveLength(2);
      expect(
        await cluster.own(
          'n1',
          "select string_agg(application_name, ',') from pg_stat_replication where state = 'streaming'",
        ),
      ).toBe('n2');
      expect(await lab.node('n3').console('systemctl is-active patroni etcd haproxy pgbouncer || true')).not.toMatch(
        /^active/m,
      );
      await copyFile(cluster.path('two.yml'), cluster.path('spec.yml'));
      await cluster.unchanged();
    },
    8 * MINUTE,
  );
});
