import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { appError, hasCode, toErrorData } from '../../../shared/model/app-error';
import { isSameHost } from '../../../shared/model/connect/host-port';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { etcdMemberName } from '../../../shared/rules/etcd/etcd-members';
import { scopeKey } from '../../../shared/rules/repair/scope-keys';
import {
  judgeEtcdSnapshot,
  type EtcdSite,
  type EtcdSnapshotFacts,
  type SiteLook,
  type SnapshotFile,
} from '../../../shared/rules/repair/etcd-snapshot';
import { namesInWords, spanInWords } from '../../../shared/rules/words/wording';
import { checkSnapshot } from '../etcd-admin/save-snapshot';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import { readLog } from '../services/service-script';
import type { Remote } from '../ssh/remote';
import { sharesAddress } from './etcd-quorum';
import { ETCD_LOOK_SCRIPT, ETCD_RESTORE_SCRIPT, readEtcdLook, ETCD_RESTORE_EXIT } from './etcd-scripts';
import { stampOf } from './keep-keys';
import { readScope, etcdSceneOf } from './read-scope';
import { repaired, repairedWith, type EtcdScene, type LookForRepair } from './repair-work';

const LOOK_MS = 20_000;
const SERVICE_MS = 120_000;
const RESTORE_MS = 15 * 60_000;
const LEAD_MS = 90_000;
const PAUSE_MS = 1_000;
const KEPT_INFIX = '.matriarch-kept-';
const MOST_FILES = 8;

/** An etcd of which no member is left with its data. */
export const lookForEtcdSnapshot: LookForRepair<'etcd_snapshot'> = async (given, { file, server }) => {
  const scene = etcdSceneOf(given);
  const { deps, entry, state } = scene;
  const [answering, found, files, checked] = await Promise.all([
    membersThatAnswer(scene),
    lookAtSites(scene),
    savedSnapshots(scene),
    checkedFile(file),
  ]);
  const chosen = found.find(({ site }) => site.server === server) ?? null;
  const directory = chosen?.site.reach.kind === 'reached' ? chosen.site.reach.directory : '';
  const facts: EtcdSnapshotFacts = {
    ...{ answering, files, file, server, gone: scene.gone, at: deps.now() },
    ...{ checked: checked.file, why: checked.why },
    sites: found.map(({ site }) => site),
    keptAs: `${directory}${KEPT_INFIX}${stampOf(scene.at)}`,
    token: `matriarch-${stampOf(scene.at)}`,
    synchronous: state.sync !== null,
    others: deps
      .clusters()
      .filter((other) => other.id !== entry.id && sharesAddress(scene, other.etcd?.endpoints ?? []))
      .map((other) => ({ title: clusterName(other), readOnly: other.readOnly })),
  };
  return {
    plan: judgeEtcdSnapshot(facts),
    carryOut: (context) => {
      const reach = chosen?.site.reach;
      if (chosen?.remote == null || reach?.kind !== 'reached' || checked.file === null)
        throw appError('repair.unread', 'The server of the new etcd cannot be worked on.', {});
      return restore({ scene, facts, remote: chosen.remote, site: reach, file: checked.file.path }, context);
    },
  };
};

/** The names of the members that answer; none where etcd is not heard at all. */
async function membersThatAnswer({ etcd }: EtcdScene): Promise<readonly string[]> {
  try {
    const { members } = await etcd.maintenance.read();
    return members.filter(({ status }) => status !== null).map(etcdMemberName);
  } catch {
    return [];
  }
}

interface FoundSite {
  readonly site: EtcdSite;
  readonly remote: Remote | null;
}

/** Where an endpoint of etcd runs: as the inventory says, or with the member at the same address. */
function serverAt(
  { state }: EtcdScene,
  { host, serverId }: { readonly host: string; readonly serverId: string | null },
): string | null {
  return (
    serverId ?? state.members.find((member) => member.host !== null && isSameHost(member.host, host))?.serverId ?? null
  );
}

function lookAtSites(scene: EtcdScene): Promise<readonly FoundSite[]> {
  const { deps, entry } = scene;
  return Promise.all(
    (entry.etcd?.endpoints ?? []).map(async (endpoint): Promise<FoundSite> => {
      const serverId = serverAt(scene, endpoint);
      if (serverId === null) return { site: { server: endpoint.host, reach: { kind: 'no_server' } }, remote: null };
      const remote = deps.remotes.remote(serverId);
      try {
        const { stdout } = await remote.script(ETCD_LOOK_SCRIPT, [], { timeoutMs: LOOK_MS, sudo: true });
        const look = readEtcdLook(stdout);
        if (look !== null) return { site: { server: remote.name, reach: { kind: 'reached', ...look } }, remote };
        const why = `${remote.name} did not answer completely.`;
        return { site: { server: remote.name, reach: { kind: 'unreachable', why } }, remote: null };
      } catch (thrown) {
        const why = toErrorData(thrown).message;
        return { site: { server: remote.name, reach: { kind: 'unreachable', why } }, remote: null };
      }
    }),
  );
}

/** What the app has saved of this etcd, the newest first. */
async function savedSnapshots({ deps, entry }: EtcdScene): Promise<readonly SnapshotFile[]> {
  const prefix = `etcd-${entry.scope.replaceAll(/[^\w.-]/g, '_')}-`;
  const names = await readdir(deps.snapshots).catch(() => []);
  const own = names.filter((name) => name.startsWith(prefix) && name.endsWith('.db'));
  const files = await Promise.all(own.map((name) => fileAt(join(deps.snapshots, name)).catch(() => null)));
  return files
    .flatMap((one) => (one === null ? [] : [one]))
    .toSorted((a, b) => b.at - a.at)
    .slice(0, MOST_FILES);
}

async function fileAt(path: string): Promise<SnapshotFile> {
  const { size, mtimeMs } = await stat(path);
  return { path, size, at: Math.round(mtimeMs) };
}

async function checkedFile(
  file: string | null,
): Promise<{ readonly file: EtcdSnapshotFacts['checked']; readonly why: string | null }> {
  if (file === null) return { file: null, why: null };
  try {
    const { sha256 } = await checkSnapshot(file);
    return { file: { ...(await fileAt(file)), sha256 }, why: null };
  } catch (thrown) {
    return { file: null, why: toErrorData(thrown).message };
  }
}

interface Restoring {
  readonly scene: EtcdScene;
  readonly facts: EtcdSnapshotFacts;
  readonly remote: Remote;
  readonly site: SiteLook;
  /** On this computer. */
  readonly file: string;
}

async function restore(restoring: Restoring, context: JobContext): Promise<JobEnd> {
  const { remote, site } = restoring;
  const unit = site.unit ?? '';
  context.phase('stop', 'running');
  const stopped = await remote.run(['systemctl', 'stop', unit], { sudo: true, timeoutMs: SERVICE_MS });
  context.answer(`${remote.name}: systemctl stop ${unit}: exit code ${stopped.exitCode}`);
  context.phase('upload', 'running');
  const { stdout } = await remote.run(['mktemp', '-d', '/var/tmp/matriarch-snapshot.XXXXXXXX'], {
    sudo: true,
    timeoutMs: LOOK_MS,
  });
  const place = stdout.trim();
  if (!/^\/var\/tmp\/matriarch-snapshot\.\w+$/.test(place))
    throw appError('repair.unread', `No place for the snapshot was made on ${remote.name}.`, {
      hint: 'Nothing of etcd was changed. It is stopped.',
    });
  try {
    await remote.uploadFile(
      restoring.file,
      `${place}/snapshot.db`,
      { owner: 'root', group: 'root', mode: 0o600, sudo: true },
      (bytes) => context.detail(`${bytes} bytes are uploaded.`),
      context.signal,
    );
    context.phase('restore', 'running');
    await restoreData(restoring, `${place}/snapshot.db`, context);
  } finally {
    await remote
      .run(['rm', '-rf', '--', place], { sudo: true, timeoutMs: LOOK_MS })
      .catch(() => context.log('warning', `${place} on ${remote.name} could not be removed. It holds the snapshot.`));
  }
  context.phase('start', 'running');
  await startOnce(remote, unit, context);
  context.phase('verify', 'following');
  return leadsAlone(restoring, context);
}

async function restoreData({ remote, site, facts }: Restoring, path: string, context: JobContext): Promise<void> {
  const args = [
    path,
    site.directory,
    facts.keptAs,
    site.unit ?? '',
    site.name,
    site.peer,
    facts.token,
    site.tool ?? '',
  ];
  const { exitCode, stderr } = await remote.script(ETCD_RESTORE_SCRIPT, args, { timeoutMs: RESTORE_MS, sudo: true });
  if (exitCode === 0) {
    if (site.hasData) context.log('good', `The data that was there is kept in ${facts.keptAs}.`);
    context.answer(`${remote.name}: restored ${site.directory}`);
    return;
  }
  for (const line of readLog(stderr, 10)) context.log('error', line);
  const reasons: Readonly<Record<number, string>> = {
    [ETCD_RESTORE_EXIT.exists]: 'there is a directory of the name for the old data already',
    [ETCD_RESTORE_EXIT.runs]: 'etcd still runs',
    [ETCD_RESTORE_EXIT.refused]: `${site.tool ?? 'etcdutl'} refused the snapshot`,
  };
  throw appError(
    'repair.not_restored',
    `The snapshot was not restored on ${remote.name}: ${reasons[exitCode] ?? readLog(stderr, 1)[0] ?? 'no reason was given'}.`,
    { hint: 'The data that is there was not touched. etcd is stopped.' },
  );
}

/** Sent once; where the answer is lost, what etcd says afterwards decides. */
async function startOnce(remote: Remote, unit: string, context: JobContext): Promise<void> {
  try {
    await remote.run(['systemctl', 'reset-failed', unit], { sudo: true, timeoutMs: SERVICE_MS });
    const { exitCode, stderr } = await remote.run(['systemctl', 'start', unit], { sudo: true, timeoutMs: SERVICE_MS });
    context.answer(`${remote.name}: systemctl start ${unit}: exit code ${exitCode}`);
    for (const line of readLog(stderr, 5)) context.log('warning', line);
  } catch (thrown) {
    if (!hasCode(thrown, 'ssh.connection_lost') && !hasCode(thrown, 'ssh.timeout')) throw thrown;
    context.log('warning', 'The answer was lost. etcd is asked instead of being started again.');
  }
}

/** etcd has one member, which leads, and has the keys of this cluster. */
async function leadsAlone(restoring: Restoring, context: JobContext): Promise<JobEnd> {
  const { scene, site } = restoring;
  const since = scene.deps.now();
  for (;;) {
    const reading = await scene.etcd.maintenance.read().catch(() => null);
    const [only] = reading?.members.length === 1 ? reading.members : [];
    if (only?.leader === true) return hasItsKeys(restoring, context);
    context.detail(`etcd of ${site.name} does not lead yet.`);
    if (scene.deps.now() - since > LEAD_MS)
      return {
        status: 'unknown',
        error: appError(
          'repair.end_not_seen',
          `etcd of ${site.name} was not seen to lead within ${spanInWords(LEAD_MS)}.`,
          {
            hint: 'Look at its log on the server. The snapshot is restored there.',
          },
        ).data,
      };
    await scene.deps.pause(PAUSE_MS, context.signal);
    context.signal.throwIfAborted();
  }
}

async function hasItsKeys({ scene, facts, site }: Restoring, context: JobContext): Promise<JobEnd> {
  const kept = { 'Kept in': site.hasData ? facts.keptAs : null };
  const keys = await readScope(scene);
  const missing = ['initialize', 'config'].filter((key) => scopeKey(keys, key) === null);
  const sentence = `etcd goes on with ${site.name} alone, from the snapshot; ${keys.keys.length} keys of this cluster are there.`;
  context.answer(sentence);
  const known = scene.state.systemIdentifier;
  const restored = scopeKey(keys, 'initialize')?.value ?? null;
  if (missing.length > 0) return repairedWith(`${sentence} Missing: ${namesInWords(missing)}.`, kept);
  if (known !== null && known !== '' && restored !== known)
    return repairedWith(
      `${sentence} Its system identifier ${restored ?? ''} is not that of this cluster, ${known}.`,
      kept,
    );
  return repaired(`${sentence} Add members again one by one on the tab etcd.`, { ...kept, Keys: keys.keys.length });
}
