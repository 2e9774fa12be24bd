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
export function upgradesFixture(now: number): UpgradesView {
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
