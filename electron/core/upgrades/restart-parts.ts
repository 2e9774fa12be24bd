import { appError, toErrorData } from '../../../shared/model/app-error';
import type { ServiceName, ServiceStatus } from '../../../shared/model/operate/service';
import type { UpgradePart } from '../../../shared/model/upgrade/upgrade';
import type { UpgradeStep } from '../../../shared/rules/upgrade/plan-upgrade';
import { serviceWords } from '../../../shared/rules/operate/service-rules';
import type { Remote } from '../ssh/remote';
import { servicesOn } from '../services/read-services';
import { readLog } from '../services/service-script';
import type { UpgradeRun } from './upgrade-run';

/** Patroni may take two minutes to stop its PostgreSQL (TimeoutStopSec of its unit). */
const SERVICE_MS = 180_000;
const RESTART_MS = 330_000;
const LOG_LINES = 12;

type Server = Exclude<UpgradeStep, { kind: 'switchover' }>;

/** Starts anew what a step restarts, each once: PostgreSQL by its Patroni alone. A lost answer is followed up by looking. */
export async function restartParts(run: UpgradeRun, step: Server): Promise<void> {
  const remote = run.remote(step.serverId);
  const services = await servicesOn(remote);
  const has = (part: UpgradePart): boolean => step.restarts.includes(part);
  if (has('etcd')) await restartUnit(run, remote, services, 'etcd');
  if (has('patroni')) await restartUnit(run, remote, services, 'patroni');
  else if (has('postgresql') && step.kind === 'member')
    for (const member of step.members) await restartByPatroni(run, member);
  for (const part of ['haproxy', 'pgbouncer'] as const) if (has(part)) await restartUnit(run, remote, services, part);
}

/** A service that does not run is left alone: who stopped it had a reason. */
async function restartUnit(
  run: UpgradeRun,
  remote: Remote,
  services: readonly ServiceStatus[],
  name: Exclude<ServiceName, 'postgresql'>,
): Promise<void> {
  const found = services.find((one) => one.name === name);
  if (found === undefined || found.unit === null || found.state === 'stopped')
    return run.acting.log('info', `${serviceWords[name]} does not run on ${remote.name} and is left so.`);
  run.acting.detail(`systemctl restart ${found.unit} on ${remote.name}.`);
  try {
    const { exitCode, stderr } = await remote.run(['systemctl', 'restart', found.unit], {
      sudo: true,
      timeoutMs: SERVICE_MS,
    });
    run.acting.answer(`${remote.name}: systemctl restart ${found.unit}: exit code ${exitCode}`);
    for (const line of readLog(stderr, 5)) run.acting.log('warning', line);
  } catch (thrown) {
    if (!['ssh.connection_lost', 'ssh.timeout'].includes(toErrorData(thrown).code)) throw thrown;
    run.acting.log('warning', 'The answer was lost. The service is looked at instead of being restarted again.');
  }
}

async function restartByPatroni(run: UpgradeRun, member: string): Promise<void> {
  const client = run.deps.hub.rest(run.clusterId, member);
  if (client === null)
    throw appError('upgrade.not_restarted', `The REST API of ${member} is not known.`, { target: member });
  run.acting.detail(`Patroni of ${member} restarts its PostgreSQL.`);
  try {
    const { status, body } = await client.write({ method: 'POST', path: '/restart', body: {}, timeoutMs: RESTART_MS });
    run.acting.answer(`${member}: ${status} ${body.slice(0, 200)}`);
    if (status >= 400)
      throw appError('upgrade.not_restarted', `Patroni of ${member} did not restart it: ${body.slice(0, 200)}`, {
        target: member,
      });
  } catch (thrown) {
    const { code, message } = toErrorData(thrown);
    if (code === 'upgrade.not_restarted' || code === 'rest.not_sent') throw thrown;
    run.acting.log('warning', `${message} It is not asked again; the member is looked at.`);
  }
}

/** Whether a service was given up by systemd; then waiting is in vain. */
export async function hasFailed(remote: Remote, name: ServiceName): Promise<boolean> {
  const services = await servicesOn(remote).catch((): readonly ServiceStatus[] => []);
  return services.find((one) => one.name === name)?.state === 'failed';
}

/** Writes the last lines of a service's log into the job's. */
export async function tellLog(run: UpgradeRun, remote: Remote, name: ServiceName): Promise<void> {
  const services = await servicesOn(remote).catch((): readonly ServiceStatus[] => []);
  const unit = services.find((one) => one.name === name)?.unit ?? name;
  const argv = ['journalctl', '-u', unit, '-n', String(LOG_LINES), '-o', 'short-iso', '--no-pager'];
  const log = await remote.run(argv, { timeoutMs: 15_000, sudo: true }).catch(() => null);
  for (const line of readLog(log?.stdout ?? '', LOG_LINES)) run.acting.log('error', line);
}
