import { PACKAGES_SCRIPT_FIRST_LINE } from '../../upgrades/packages-script';
import type { DemoHost } from '../network/network';
import { serverVersion } from '../rest/patroni-status';

/** Whether a script is the one that reads packages. */
export function isPackagesScript(script: string): boolean {
  return script.startsWith(PACKAGES_SCRIPT_FIRST_LINE);
}

/** What the script prints on a simulated server: an update of PostgreSQL and of HAProxy is on offer, and the lists are of this morning. */
export function packagesAnswer({ driver, member }: DemoHost): string {
  const version = serverVersion(driver.sim);
  const [major, minor] = [Math.floor(version / 10_000), version % 10_000];
  const rows: readonly (readonly [string, string, string])[] = [
    [`postgresql-${major}`, `${major}.${minor}-1.pgdg13+1`, `${major}.${minor + 1}-1.pgdg13+1`],
    [`postgresql-client-${major}`, `${major}.${minor}-1.pgdg13+1`, `${major}.${minor + 1}-1.pgdg13+1`],
    ['patroni', `${driver.sim.spec.version}-1`, `${driver.sim.spec.version}-1`],
    ...(member.hasEtcd ? [['etcd-server', '3.5.16-4+b5', '3.5.16-4+b5'] as const] : []),
    ['haproxy', '3.0.11-1+deb13u1', '3.0.11-1+deb13u2'],
    ['pgbouncer', '1.24.1-1', '1.24.1-1'],
  ];
  return [
    ...rows.map(([name, installed]) => `package\t${name}\t${installed}`),
    ...rows.map(([name, , offered]) => `offered\t${name}\t${offered}`),
    'lists\t21600',
    'process\tpostgres\tnew',
    'end\tof packages',
    '',
  ].join('\n');
}
