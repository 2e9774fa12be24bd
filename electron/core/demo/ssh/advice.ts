import { ADVICE_SCRIPT_FIRST_LINE } from '../../advice/advice-script';
import type { DemoHost } from '../network/network';

/** Whether a script is the one that reads what the advice needs of a server. */
export function isAdviceScript(script: string): boolean {
  return script.startsWith(ADVICE_SCRIPT_FIRST_LINE);
}

/** What the script prints on a simulated server: etcd shares the disk of PostgreSQL, and there is no watchdog and no backup. */
export function adviceAnswer({ driver, member }: DemoHost): string {
  const disk = '/dev/vda1 on /';
  const rows: readonly (readonly [string, string])[] = [
    ['clock', `${driver.sim.now}000000`],
    ['machine', machineId(member.name)],
    ['kept', 'yes'],
    ['runs-haproxy', 'yes'],
    ['runs-pgbouncer', 'yes'],
    ['data-device', disk],
    ...(member.hasEtcd && !member.etcdStopped ? [['runs-etcd', 'yes'] as const, ['etcd-device', disk] as const] : []),
    ['watchdog', 'no'],
    ['end', 'yes'],
  ];
  return rows.map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}\n`).join('');
}

function machineId(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(32, '0').slice(0, 32);
}
