import { appError, hasCode, toErrorData } from '../../../shared/model/app-error';
import { ETCD_CLIENT_PORT, hostPortOfUrl, isSameHost } from '../../../shared/model/connect/host-port';
import type { EtcdMemberView } from '../../../shared/model/etcd/etcd-view';
import type { EtcdPlace, EtcdSurvivor } from '../../../shared/model/repair/repair';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { etcdMemberName } from '../../../shared/rules/etcd/etcd-members';
import { quorumNow } from '../../../shared/rules/etcd/etcd-quorum';
import { forceDropIn, judgeEtcdQuorum } from '../../../shared/rules/repair/etcd-quorum';
import { scopeKey } from '../../../shared/rules/repair/scope-keys';
import { namesInWords, spanInWords } from '../../../shared/rules/words/wording';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import { readLog } from '../services/service-script';
import type { Remote } from '../ssh/remote';
import {
  ETCD_FORCE_SCRIPT,
  ETCD_KEEP_SCRIPT,
  ETCD_LOOK_SCRIPT,
  KEEP_EXIT,
  readEtcdLook,
  type EtcdLook,
} from './etcd-scripts';
import { stampOf } from './keep-keys';
import { readScope, etcdSceneOf } from './read-scope';
import { repaired, repairedWith, type EtcdScene, type LookForRepair } from './repair-work';

const LOOK_MS = 20_000;
const SERVICE_MS = 120_000;
/** A large database takes minutes to copy. */
const KEEP_MS = 15 * 60_000;
const PAUSE_MS = 1_000;
const LEAD_MS = 90_000;
const KEPT_INFIX = '.matriarch-kept-';

interface Looked {
  readonly place: EtcdPlace;
  readonly remote: Remote | null;
  readonly look: EtcdLook | null;
}

/** An etcd that has lost its majority for good. */
export const lookForEtcdQuorum: LookForRepair<'etcd_quorum'> = async (given) => {
  const scene = etcdSceneOf(given);
  const { deps, entry } = scene;
  const reading = await scene.etcd.maintenance.read();
  const looked = await Promise.all(reading.members.map((member) => lookAtEtcd(scene, member)));
  const answering = looked.filter(({ place }) => place.answers && !place.learner);
  const [only] = answering.length === 1 ? answering : [];
  const survivor = only === undefined ? null : survivorOf(only);
  const keptAs = `${survivor?.directory ?? ''}${KEPT_INFIX}${stampOf(scene.at)}`;
  return {
    plan: judgeEtcdQuorum({
      ...{ survivor, keptAs, gone: scene.gone, at: reading.asOf },
      quorum: quorumNow(reading),
      members: looked.map(({ place }) => place),
      others: deps
        .clusters()
        .filter((other) => other.id !== entry.id && sharesAddress(scene, other.etcd?.endpoints ?? []))
        .map((other) => ({ title: clusterName(other), readOnly: other.readOnly })),
    }),
    carryOut: (context) => {
      const remote = only?.remote ?? null;
      if (remote === null || survivor === null)
        throw appError('repair.unread', 'The server of the surviving member cannot be worked on.', {});
      return goOnAlone(scene, context, { remote, survivor, keptAs });
    },
  };
};

/** Whether these addresses are of the same etcd. */
export function sharesAddress(
  { entry }: Pick<EtcdScene, 'entry'>,
  others: readonly { readonly host: string; readonly port: number }[],
): boolean {
  return (entry.etcd?.endpoints ?? []).some((one) =>
    others.some((other) => isSameHost(one.host, other.host) && one.port === other.port),
  );
}

function survivorOf({ place, look, remote }: Looked): EtcdSurvivor | null {
  if (look === null || remote === null) return null;
  const { unit, directory, hasConfigFile, size, free } = look;
  return { name: place.name, server: remote.name, unit, directory, hasConfigFile, size, free };
}

async function lookAtEtcd({ deps, entry }: EtcdScene, member: EtcdMemberView): Promise<Looked> {
  const base = { name: etcdMemberName(member), learner: member.learner, answers: member.status !== null };
  const address = hostPortOfUrl(member.clientUrls[0] ?? member.peerUrls[0] ?? '', ETCD_CLIENT_PORT);
  const endpoint = entry.etcd?.endpoints.find((one) => address !== null && isSameHost(one.host, address.host));
  const serverId = endpoint?.serverId ?? entry.members.find(({ name }) => name === member.name)?.serverId ?? null;
  if (serverId === null)
    return { place: { ...base, server: null, reach: { kind: 'no_server' } }, remote: null, look: null };
  const remote = deps.remotes.remote(serverId);
  try {
    const { stdout } = await remote.script(ETCD_LOOK_SCRIPT, [], { timeoutMs: LOOK_MS, sudo: true });
    const look = readEtcdLook(stdout);
    if (look === null)
      throw appError('repair.unread', `${remote.name} did not answer completely.`, { retryable: true });
    const reach = { kind: 'reached' as const, hasData: look.hasData, directory: look.directory };
    return { place: { ...base, server: remote.name, reach }, remote, look };
  } catch (thrown) {
    // Whatever the reason, nobody knows that its data is gone.
    const reach = { kind: 'unreachable' as const, why: toErrorData(thrown).message };
    return { place: { ...base, server: remote.name, reach }, remote: null, look: null };
  }
}

interface Rescue {
  readonly remote: Remote;
  readonly survivor: EtcdSurvivor;
  readonly keptAs: string;
}

async function goOnAlone(scene: EtcdScene, context: JobContext, rescue: Rescue): Promise<JobEnd> {
  const { remote, survivor, keptAs } = rescue;
  const unit = survivor.unit ?? '';
  context.phase('stop', 'running');
  const stopped = await remote.run(['systemctl', 'stop', unit], { sudo: true, timeoutMs: SERVICE_MS });
  context.answer(`${remote.name}: systemctl stop ${unit}: exit code ${stopped.exitCode}`);
  context.phase('keep');
  await keepData(rescue, context);
  context.phase('force');
  await forceOnce(rescue, context);
  context.phase('verify', 'following');
  return leadsAlone(scene, context, keptAs, survivor);
}

async function keepData({ remote, survivor, keptAs }: Rescue, context: JobContext): Promise<void> {
  const { exitCode, stderr } = await remote.script(
    ETCD_KEEP_SCRIPT,
    [survivor.directory, keptAs, survivor.unit ?? ''],
    {
      timeoutMs: KEEP_MS,
      sudo: true,
    },
  );
  if (exitCode === 0) {
    context.log('good', `The data of etcd is copied to ${keptAs}.`);
    context.answer(`${remote.name}: kept ${keptAs}`);
    return;
  }
  const reasons: Readonly<Record<number, string>> = {
    [KEEP_EXIT.nothing]: 'there is no data of etcd',
    [KEEP_EXIT.exists]: 'there is a directory of the new name already',
    [KEEP_EXIT.runs]: 'etcd still runs',
  };
  throw appError(
    'repair.not_kept',
    `${survivor.directory} on ${remote.name} was not copied: ${reasons[exitCode] ?? readLog(stderr, 1)[0] ?? 'no reason was given'}.`,
    { target: survivor.name, hint: 'Nothing of etcd was changed. It is stopped: start it, or repair it again.' },
  );
}

/** Sent once; where the answer is lost, what etcd says afterwards decides. */
async function forceOnce({ remote, survivor }: Rescue, context: JobContext): Promise<void> {
  const unit = survivor.unit ?? '';
  try {
    const { exitCode, stderr } = await remote.script(ETCD_FORCE_SCRIPT, [unit, forceDropIn(unit)], {
      timeoutMs: SERVICE_MS,
      sudo: true,
    });
    context.answer(`${remote.name}: systemctl start ${unit} with ETCD_FORCE_NEW_CLUSTER: exit code ${exitCode}`);
    for (const line of readLog(stderr, 5)) context.log('warning', line);
  } catch (thrown) {
    if (!hasCode(thrown, 'ssh.connection_lost') && !hasCode(thrown, 'ssh.timeout')) throw thrown;
    context.log('warning', 'The answer was lost. etcd is asked instead of being started again.');
  }
}

/** etcd has one member, which leads, and the scope is there. */
async function leadsAlone(
  scene: EtcdScene,
  context: JobContext,
  keptAs: string,
  { name }: EtcdSurvivor,
): Promise<JobEnd> {
  const facts = { 'Kept in': keptAs };
  const since = scene.deps.now();
  for (;;) {
    const reading = await scene.etcd.maintenance.read().catch(() => null);
    const [only] = reading?.members.length === 1 ? reading.members : [];
    if (only?.leader === true) break;
    context.detail(`etcd of ${name} does not lead alone yet.`);
    if (scene.deps.now() - since > LEAD_MS)
      return {
        status: 'unknown',
        error: appError(
          'repair.end_not_seen',
          `etcd of ${name} was not seen to lead alone within ${spanInWords(LEAD_MS)}.`,
          {
            hint: `Look at its log on the server. Its data as it was is kept in ${keptAs}.`,
          },
        ).data,
      };
    await scene.deps.pause(PAUSE_MS, context.signal);
    context.signal.throwIfAborted();
  }
  const keys = await readScope(scene);
  const missing = ['initialize', 'config'].filter((key) => scopeKey(keys, key) === null);
  const sentence = `etcd goes on with ${name} alone and takes writes; ${keys.keys.length} keys of this cluster are there.`;
  context.answer(sentence);
  if (missing.length > 0) return repairedWith(`${sentence} Missing: ${namesInWords(missing)}.`, facts);
  return repaired(`${sentence} Add members again one by one on the tab etcd.`, { ...facts, Keys: keys.keys.length });
}
