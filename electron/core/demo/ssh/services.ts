import { SERVICES_SCRIPT_FIRST_LINE } from '../../services/service-script';
import { setEtcd, startPatroni, stopPatroni } from '../model/faults';
import { answersQueries } from '../model/postgres';
import type { DemoHost } from '../network/network';

/** Whether a script is the one that reads the services of a server. */
export function isServicesScript(script: string): boolean {
  return script.startsWith(SERVICES_SCRIPT_FIRST_LINE);
}

/** Whether a unit of a simulated server is installed, and whether it runs. */
function unitState(host: DemoHost, unit: string): 'active' | 'inactive' | null {
  const runs = host.unitRuns?.(unit);
  if (runs !== undefined) return runs === null ? null : activity(runs);
  const { member } = host;
  switch (unit.replace(/\.service$/, '')) {
    case 'patroni':
      return activity(member.agent);
    case 'etcd':
      if (!member.hasEtcd) return null;
      return activity(!member.etcdStopped);
    default:
      return null;
  }
}

const activity = (runs: boolean): 'active' | 'inactive' => (runs ? 'active' : 'inactive');

/** What the script that reads the services prints. */
export function servicesAnswer(host: DemoHost): string {
  const blocks = ['patroni.service', 'etcd.service', 'haproxy.service', 'pgbouncer.service'].map((unit) => {
    const state = unitState(host, unit);
    return [
      `Id=${unit}`,
      `LoadState=${state === null ? 'not-found' : 'loaded'}`,
      `ActiveState=${state ?? 'inactive'}`,
      `UnitFileState=${state === null ? '' : 'enabled'}`,
      'StateChangeTimestamp=',
    ].join('\n');
  });
  return [...blocks, `Postgres=${answersQueries(host.member) ? '1203' : ''}`, ''].join('\n\n');
}

/** `systemctl start`, `stop`, `restart` and `is-active` on a simulated server; the exit code of systemctl. */
export function systemctlOn(
  host: DemoHost,
  args: readonly string[],
): { readonly code: number; readonly stdout: string } {
  const { driver } = host;
  const [verb = '', unit = ''] = [args[0], args.at(-1)];
  const state = unitState(host, unit);
  if (state === null) return { code: 5, stdout: '' };
  if (verb === 'stop' || verb === 'restart') change(host, unit, false);
  if (verb === 'start' || verb === 'restart') change(host, unit, true);
  if (['start', 'stop', 'restart'].includes(verb)) {
    driver.catchUp();
    return { code: 0, stdout: '' };
  }
  return { code: state === 'active' ? 0 : 3, stdout: `${state}\n` };
}

function change(host: DemoHost, unit: string, runs: boolean): void {
  if (host.setUnit !== undefined) return host.setUnit(unit, runs);
  const { member, driver } = host;
  if (unit.startsWith('etcd')) setEtcd(driver.sim, member, !runs);
  else if (runs) startPatroni(driver.sim, member);
  else stopPatroni(driver.sim, member);
}
