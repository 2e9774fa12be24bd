import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import { appError } from '../../../shared/model/app-error';
import type { InstalledPackage, UpgradesView } from '../../../shared/model/upgrade/upgrade';

const installed = (
  name: string,
  part: InstalledPackage['part'],
  version: string,
  offered = version,
): InstalledPackage => ({
  part,
  name,
  installed: version,
  offered,
  held: false,
});

/** Three servers with an update of PostgreSQL, of which one cannot be read. */
function upgradesFixture(now: number): UpgradesView {
  const packages = [
    installed('postgresql-17', 'postgresql', '17.5-1.pgdg13+1', '17.6-1.pgdg13+1'),
    installed('patroni', 'patroni', '4.0.7-1'),
    installed('etcd-server', 'etcd', '3.5.16-4+b5'),
  ];
  const server = (serverId: string, name: string) => ({
    serverId,
    server: name,
    etcdMembers: [name],
    error: null,
    packages,
    outdatedProcesses: [],
    listsAgeMs: 3_600_000,
  });
  const work = (member: string) => ({ member, error: null, oldestTransaction: { kind: 'none' as const }, backups: 0 });
  return {
    servers: [
      server('s1', 'db1'),
      server('s2', 'db2'),
      {
        ...server('s3', 'db3'),
        error: { code: 'ssh.timeout', message: 'db3 did not answer within 15 s.', retryable: true },
        packages: [],
        outdatedProcesses: null,
        listsAgeMs: null,
      },
    ],
    work: [work('db1'), work('db2'), work('db3')],
    asOf: now,
  };
}

const notHere = (): Promise<never> => Promise.reject(appError('demo.not_here', 'The double does not do this.'));

/** An update of PostgreSQL is offered, and the last upgrade stopped at its second step. */
export function upgradesDouble(now: number) {
  const { upgrades } = implement(contract);
  return {
    read: upgrades.read.handler(() => upgradesFixture(now)),
    preview: upgrades.preview.handler(notHere),
    start: upgrades.start.handler(notHere),
    clean: upgrades.clean.handler(notHere),
    stopped: upgrades.stopped.handler(() => ({
      startedAt: now - 3_600_000,
      sentence: 'db2 did not come back (Patroni does not start there). db2: stopped.',
      done: ['db3 on db3'],
      left: ['db2 on db2', 'db1 hands over to a replica', 'db1 on db1, which led before'],
      ways: [
        {
          title: 'To go on on db2, when the cause is away',
          commands: ['apt-get install --only-upgrade postgresql-17=17.6-1.pgdg13+1', 'systemctl restart patroni'],
        },
        {
          title: 'Back to the former version on db2, which apt still offers',
          commands: ['apt-get install --allow-downgrades postgresql-17=17.5-1.pgdg13+1', 'systemctl restart patroni'],
        },
      ],
      leftovers: [],
    })),
  };
}
