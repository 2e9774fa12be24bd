import { printHostPort } from '../../../../shared/model/connect/host-port';
import type { ServiceName } from '../../../../shared/model/operate/service';
import type { TlsProgram } from '../../../../shared/model/repair/certificate-repair';
import { namesInWords } from '../../../../shared/rules/words/wording';
import { appError } from '../../../../shared/model/app-error';
import { loopbackOfWildcard } from '../../clusters/connect/server-dial';
import type { JobContext } from '../../jobs/job-engine';
import { asRootOrSelf } from '../../member-files/read-member-file';
import { servicesOn } from '../../services/read-services';
import { readLog } from '../../services/service-script';
import type { RepairScene } from '../repair-work';
import { CERTIFICATE_EXIT, ETCD_HEALTH_SCRIPT, POSTMASTER_RELOAD_SCRIPT } from './certificate-file-scripts';
import type { TlsServer } from './read-tls';

const SERVICE_MS = 120_000;
const HEALTH_MS = 20_000;
const PAUSE_MS = 1_000;
/** How long a member of etcd is given to come back by itself, and after it was started again, ms. */
const ALONE_MS = 12_000;
const BACK_MS = 120_000;

/** What services are woken with. */
export interface Waking {
  readonly scene: Pick<RepairScene, 'deps'>;
  readonly context: JobContext;
  /** Services that somebody had stopped, and that were left so: `PROGRAM SERVER`. */
  readonly left: Set<string>;
}

/** The members of etcd of a cluster, as they are asked on their servers. */
export interface EtcdSide {
  readonly servers: readonly TlsServer[];
  /** How many there are in all, with those that could not be read. */
  readonly size: number;
  /** Whether whom they trust has changed: they read that at their start only. */
  readonly trustChanged: boolean;
}

/**
 * Brings etcd back. It reads its certificate at each handshake, so a member that serves is left alone, unless whom it trusts has changed.
 * One at a time while there is a majority, all together where there is none.
 */
export async function bringEtcdBack(waking: Waking, side: EtcdSide): Promise<void> {
  const { context } = waking;
  const majority = Math.floor(side.size / 2) + 1;
  const serving = await waitForHealth(waking, side.servers, side.trustChanged ? 0 : ALONE_MS);
  const rest = side.trustChanged ? side.servers : side.servers.filter((one) => !serving.includes(one));
  if (rest.length === 0) {
    context.log('good', 'Every member of etcd serves with its new certificate: none is started again.');
    return;
  }
  if (side.trustChanged || serving.length < majority) {
    context.log('info', `All together: etcd on ${namesInWords(rest.map(({ name }) => name))} is started again.`);
    await Promise.all(rest.map((server) => restart(waking, server, 'etcd')));
    await mustServe(waking, side.servers, majority);
    return;
  }
  for (const server of rest) {
    await restart(waking, server, 'etcd');
    if (!waking.left.has(`etcd ${server.name}`)) await mustServe(waking, [server], 1);
  }
}

async function mustServe(waking: Waking, servers: readonly TlsServer[], least: number): Promise<void> {
  const meant = servers.filter(({ name }) => !waking.left.has(`etcd ${name}`));
  const serving = await waitForHealth(waking, meant, BACK_MS);
  if (serving.length >= Math.min(least, servers.length)) return;
  const silent = servers.filter((one) => !serving.includes(one)).map(({ name }) => name);
  throw appError('repair.end_not_seen', `etcd on ${namesInWords(silent)} does not serve yet.`, {
    hint: 'The new certificates are in place. Look at the log of etcd there, then start the repair again: it does what is not done.',
    retryable: true,
  });
}

/** Those that serve, as soon as all do or the time is over. */
async function waitForHealth(
  { scene, context }: Waking,
  servers: readonly TlsServer[],
  limitMs: number,
): Promise<readonly TlsServer[]> {
  const since = scene.deps.now();
  for (;;) {
    const answers = await Promise.all(servers.map((server) => serves(server)));
    const serving = servers.filter((_, index) => answers[index] === true);
    context.detail(`${serving.length} of ${servers.length} members of etcd serve.`);
    if (serving.length === servers.length || scene.deps.now() - since >= limitMs) return serving;
    await scene.deps.pause(PAUSE_MS, context.signal);
    context.signal.throwIfAborted();
  }
}

/** Whether the member of etcd on a server serves, by etcdctl there with a certificate that lies there. */
async function serves(server: TlsServer): Promise<boolean> {
  const { tls, remote, asRoot } = server;
  const [client] = tls.etcd?.clients ?? [];
  if (client === undefined) return false;
  const host = loopbackOfWildcard(client.host) ?? client.host;
  const address = `${client.isTls ? 'https' : 'http'}://${printHostPort({ host, port: client.port })}`;
  const of = (program: TlsProgram) => tls.files.pairs.filter((pair) => pair.program === program);
  const authority = tls.files.trusts.find(({ program }) => program === 'etcd' || program === 'patroni')?.path ?? '';
  const pairs = client.isTls ? [...of('etcd'), ...of('patroni')].slice(0, 3) : [];
  for (const { cert, key } of pairs.length === 0 ? [{ cert: '', key: '' }] : pairs) {
    const code = await asRootOrSelf(asRoot, (sudo) =>
      remote.script(ETCD_HEALTH_SCRIPT, [address, client.isTls ? authority : '', cert, key], {
        timeoutMs: HEALTH_MS,
        sudo,
      }),
    ).then(
      ({ exitCode }) => exitCode,
      () => 1,
    );
    if (code === 0) return true;
    if (code === CERTIFICATE_EXIT.noTool)
      throw appError(
        'repair.unread',
        `There is no etcdctl on ${server.name}, so nobody can tell whether etcd serves.`,
        {
          hint: 'Install etcd-client there. The new certificates are in place.',
        },
      );
  }
  return false;
}

/** Starts a service again, and does not wait for systemd; one that somebody has stopped is left so. */
async function restart(waking: Waking, server: TlsServer, service: ServiceName): Promise<void> {
  const status = (await servicesOn(server.remote)).find(({ name }) => name === service);
  const unit = status?.unit ?? null;
  if (unit === null || status?.state === 'stopped') {
    leave(waking, server, service);
    return;
  }
  await askUnit(waking, server, ['reset-failed', unit]);
  await askUnit(waking, server, ['restart', '--no-block', unit]);
}

function leave({ context, left }: Waking, { name }: TlsServer, service: ServiceName): void {
  left.add(`${service} ${name}`);
  // PostgreSQL runs below Patroni.
  if (service === 'patroni') left.add(`postgresql ${name}`);
  context.log('warning', `${service} on ${name} is stopped, and is left so.`);
}

/** Has a service read its files again; one that has failed is started. A service that is not there is left out. */
export async function reloadService(waking: Waking, server: TlsServer, service: ServiceName): Promise<void> {
  const status = (await servicesOn(server.remote)).find(({ name }) => name === service);
  const unit = status?.unit ?? null;
  if (unit === null) return;
  if (status?.state === 'running') {
    await askUnit(waking, server, ['reload', unit]);
    return;
  }
  if (status?.state === 'stopped') {
    leave(waking, server, service);
    return;
  }
  await askUnit(waking, server, ['reset-failed', unit]);
  await askUnit(waking, server, ['restart', '--no-block', unit]);
}

/** Starts vip-manager again where it runs: it reads its files at its start only. */
export async function wakeVipManager(waking: Waking, server: TlsServer): Promise<void> {
  await askUnit(waking, server, ['try-restart', 'vip-manager.service']);
}

async function askUnit(
  { context }: Pick<Waking, 'context'>,
  server: TlsServer,
  words: readonly string[],
): Promise<void> {
  const { exitCode, stderr } = await server.remote.run(['systemctl', ...words], { sudo: true, timeoutMs: SERVICE_MS });
  context.answer(`${server.name}: systemctl ${words.join(' ')}: exit code ${exitCode}`);
  if (exitCode !== 0) for (const line of readLog(stderr, 3)) context.log('warning', `${server.name}: ${line}`);
}

/** Tells the PostgreSQL on a server to read its files again. */
export async function reloadPostmaster({ context }: Waking, server: TlsServer): Promise<void> {
  const directory = server.tls.dataDirectory;
  if (directory === null) return;
  const { exitCode } = await asRootOrSelf(server.asRoot, (sudo) =>
    server.remote.script(POSTMASTER_RELOAD_SCRIPT, [directory], { timeoutMs: HEALTH_MS, sudo }),
  );
  context.answer(`${server.name}: SIGHUP to PostgreSQL: exit code ${exitCode}`);
}
