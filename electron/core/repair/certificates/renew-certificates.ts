import { appError } from '../../../../shared/model/app-error';
import type { TlsProgram } from '../../../../shared/model/repair/certificate-repair';
import { isJsonObject } from '../../../../shared/rules/configure/config-patch';
import { certificateServiceNames } from '../../../../shared/rules/certificates/certificate-words';
import { portsToWake, programOf } from '../../../../shared/rules/repair/certificate-facts';
import { judgeCertificates } from '../../../../shared/rules/repair/certificates';
import { momentInWords, namesInWords, spanInWords } from '../../../../shared/rules/words/wording';
import { certificatesIn } from '../../certificates/read-certificate';
import type { Authority } from '../../deploy/tls/authority';
import type { JobEnd } from '../../jobs/job-engine';
import { asRootOrSelf } from '../../member-files/read-member-file';
import { stampOf } from '../keep-keys';
import { repaired, repairedWith, type LookForRepair, type RepairScene } from '../repair-work';
import { STAMP_SCRIPT } from './certificate-file-scripts';
import type { KeptAuthority } from './certificate-keeper';
import { lookAtFiles } from './look-at-files';
import { makeReady, placeFiles, type FileOrder, type ReadyCertificate } from './place-certificates';
import { planCertificates, type CertificatePlan } from './plan-certificates';
import { readTls, seePort, trustsOn, type SeenPort, type TlsServer } from './read-tls';
import { bringEtcdBack, reloadPostmaster, reloadService, wakeVipManager, type Waking } from './wake-services';

const SHOW_MS = 120_000;
const LEAD_MS = 180_000;
/** After so long PostgreSQL itself is told, ms. */
const PATIENCE_MS = 15_000;
const PAUSE_MS = 1_500;
const STAMP_MS = 20_000;

/** Certificates that have ended or end soon. */
export const lookForCertificates: LookForRepair<'certificates'> = async (scene, { given }) => {
  const { deps, entry } = scene;
  const material = given === null ? null : deps.given.take(entry.id, given);
  if (given !== null && material === null)
    throw appError('repair.given_gone', 'The files that were given are not held any more.', {
      hint: 'They lie in memory for an hour at most. Choose them again.',
    });
  const [reading, kept] = await Promise.all([readTls(scene), deps.certificates.authority(entry.id)]);
  const keptSuffix = `.matriarch-kept-${stampOf(scene.at)}`;
  const plan = planCertificates(scene, { reading, kept, material, keptSuffix });
  return {
    plan: judgeCertificates(plan.facts),
    carryOut: async (context) => {
      const end = await renew({ scene, context, left: new Set() }, plan);
      // What is not at its end is started again with the same files.
      if (given !== null && (end.status === 'done' || end.status === 'warning')) deps.given.forget(given);
      return end;
    },
  };
};

interface Renewing extends Waking {
  readonly scene: RepairScene;
}

async function renew(renewing: Renewing, plan: CertificatePlan): Promise<JobEnd> {
  const { scene, context } = renewing;
  const signer = await signerFor(renewing, plan);
  const ready = await Promise.all(plan.files.map((one) => makeReady(one, signer.authority, scene.deps.now())));
  for (const server of plan.reading.servers) {
    const orders = ordersFor(server, plan, ready, signer.kept);
    if (orders.length === 0) continue;
    context.phase(`place-${server.name}`, 'running');
    await placeFiles(server, orders, plan.facts.keptSuffix, context);
  }
  await wakeAll(renewing, plan);
  if (plan.facts.own === 'made' || plan.facts.own === 'replaced') {
    context.phase('own', 'running');
    await renewOwn(renewing, plan, ready);
  }
  context.phase('verify', 'following');
  const late = await untilShown(renewing, plan, ready);
  if (late.length > 0) return notShown(late);
  await noteStamps(renewing, plan, ready);
  if (signer.kept?.former != null) await forgetFormer(renewing, plan);
  return ended(renewing, ready);
}

/** Who signs what is made; a new authority is made and kept before anything is written. */
async function signerFor(
  { scene, context }: Renewing,
  { facts, kept, material }: CertificatePlan,
): Promise<{ readonly authority: Authority | null; readonly kept: KeptAuthority | null }> {
  const { deps, entry } = scene;
  if (facts.authority.signer === 'given_authority') return { authority: material?.signer ?? null, kept };
  if (facts.authority.signer !== 'new_authority') return { authority: kept?.authority ?? null, kept };
  await deps.certificates.renewAuthority(entry.id);
  const renewed = await deps.certificates.authority(entry.id);
  if (renewed === null)
    throw appError('repair.unread', 'The new authority could not be kept.', {
      hint: 'Nothing was changed on any server.',
    });
  context.log(
    'info',
    'A new authority was made. The one before is trusted beside it until every port shows a new certificate.',
  );
  return { authority: renewed.authority, kept: renewed };
}

/** Authorities first: what is signed by a new one is shown only after they are there. */
function ordersFor(
  server: TlsServer,
  { trusts }: CertificatePlan,
  ready: readonly ReadyCertificate[],
  kept: KeptAuthority | null,
): readonly FileOrder[] {
  const own = ready.filter(({ planned }) => planned.found.server === server);
  return [
    ...trusts
      .filter(({ found }) => found.server === server)
      .map(({ found, add }): FileOrder => ({
        how: 'add',
        path: found.trust.path,
        text: add ?? kept?.authority.cert ?? '',
      })),
    ...own.flatMap(({ orders }) => orders),
  ];
}

async function wakeAll(renewing: Renewing, plan: CertificatePlan): Promise<void> {
  const { facts, reading } = plan;
  const touched = touchedBy(plan);
  const on = (program: TlsProgram): readonly TlsServer[] =>
    reading.servers.filter(({ name }) => touched.has(`${program} ${name}`));
  if (on('etcd').length > 0) {
    renewing.context.phase('etcd', 'running');
    const servers = reading.servers.filter(({ tls }) => tls.etcd !== null);
    const size = Math.max(servers.length, renewing.scene.entry.etcd?.endpoints.length ?? 0);
    const trustChanged = facts.trustChanges.some(({ programs }) => programs.includes('etcd'));
    await bringEtcdBack(renewing, { servers, size, trustChanged });
  }
  const members = reading.servers.filter(
    ({ name }) => touched.has(`patroni ${name}`) || touched.has(`postgresql ${name}`),
  );
  if (members.length > 0) renewing.context.phase('patroni', 'running');
  for (const server of members) await reloadService(renewing, server, 'patroni');
  const balancing = [...on('haproxy'), ...on('pgbouncer'), ...on('vip_manager')];
  if (balancing.length > 0) renewing.context.phase('balancers', 'running');
  for (const server of on('haproxy')) await reloadService(renewing, server, 'haproxy');
  for (const server of on('pgbouncer')) await reloadService(renewing, server, 'pgbouncer');
  for (const server of on('vip_manager')) await wakeVipManager(renewing, server);
}

/** Who reads something that changed, or still shows another certificate than its file holds: `PROGRAM SERVER`. */
function touchedBy({ facts }: CertificatePlan): ReadonlySet<string> {
  return new Set([
    ...facts.changes.flatMap(({ file }) => file.programs.map((program) => `${program} ${file.server}`)),
    ...facts.trustChanges.flatMap(({ server, programs }) => programs.map((program) => `${program} ${server}`)),
    ...portsToWake(facts).map(({ service, server }) => `${programOf(service)} ${server}`),
  ]);
}

async function renewOwn({ scene }: Renewing, plan: CertificatePlan, ready: readonly ReadyCertificate[]): Promise<void> {
  const { deps, entry } = scene;
  if (plan.facts.own === 'made') return deps.certificates.renewOwn(entry.id);
  const replaced = ready.flatMap(({ planned, certText, keyText }) => {
    const before = planned.found.file.details?.fingerprint;
    return before === undefined ? [] : [{ before, cert: certText, key: keyText }];
  });
  return deps.certificates.replaceOwn(
    entry.id,
    replaced,
    plan.trusts.flatMap(({ add }) => add ?? []),
  );
}

/** Waits until every port shows what its file holds; answers those that do not. */
async function untilShown(
  renewing: Renewing,
  plan: CertificatePlan,
  ready: readonly ReadyCertificate[],
): Promise<readonly SeenPort[]> {
  const { scene, context } = renewing;
  const wanted = wantedOf(plan, ready);
  const since = scene.deps.now();
  const told = new Set<string>();
  const isLeft = ({ service, server }: SeenPort): boolean => renewing.left.has(`${programOf(service)} ${server}`);
  let left = plan.reading.ports.filter((port) => wanted.has(keyOf(port)) && !isLeft(port));
  const all = left.length;
  for (;;) {
    const seen = await Promise.all(left.map(({ wanted: port }) => seePort(scene, port)));
    left = seen.flatMap((port) => (port === null || port.shown?.fingerprint === wanted.get(keyOf(port)) ? [] : [port]));
    context.detail(`${all - left.length} of ${all} ports show their new certificate.`);
    const waited = scene.deps.now() - since;
    if (left.length === 0 || waited > SHOW_MS) return left;
    if (waited > PATIENCE_MS) await tellPostgres(renewing, plan, left, told);
    await scene.deps.pause(PAUSE_MS, context.signal);
    context.signal.throwIfAborted();
  }
}

/** Each port with the fingerprint that it is to show: of what was put in place, or of what its file holds already. */
function wantedOf({ facts }: CertificatePlan, ready: readonly ReadyCertificate[]): ReadonlyMap<string, string> {
  const made = facts.ports.flatMap((port) => {
    const one = ready.find(
      ({ planned: { found } }) => found.file.server === port.server && found.file.cert === port.file,
    );
    return one === undefined ? [] : [[keyOf(port), one.cert.fingerprint256] as const];
  });
  const asleep = portsToWake(facts).flatMap((port) => {
    const own = facts.files.find(({ server, cert }) => server === port.server && cert === port.file);
    return own?.details == null ? [] : [[keyOf(port), own.details.fingerprint] as const];
  });
  return new Map([...asleep, ...made]);
}

function keyOf({ service, server, address, port }: Pick<SeenPort, 'service' | 'server' | 'address' | 'port'>): string {
  return [service, server, address, port].join(' ');
}

async function tellPostgres(
  renewing: Renewing,
  { reading }: CertificatePlan,
  left: readonly SeenPort[],
  told: Set<string>,
): Promise<void> {
  for (const { service, server } of left) {
    if (service !== 'postgresql' || told.has(server)) continue;
    told.add(server);
    const site = reading.servers.find(({ name }) => name === server);
    if (site !== undefined) await reloadPostmaster(renewing, site);
  }
}

function notShown(late: readonly SeenPort[]): JobEnd {
  const names = late.map(
    ({ service, server, why }) => `${certificateServiceNames[service]} on ${server}${why === null ? '' : ` (${why})`}`,
  );
  return {
    status: 'unknown',
    error: appError(
      'repair.end_not_seen',
      `${namesInWords(names)} did not show the new certificate within ${spanInWords(SHOW_MS)}.`,
      {
        hint: 'It is in its file. Look at the log of the service, then start the repair again: it does what is not done.',
      },
    ).data,
  };
}

/** What a set-up notes of the files that a service has read is brought up to date: it has read the new ones. */
async function noteStamps(
  renewing: Renewing,
  { reading }: CertificatePlan,
  ready: readonly ReadyCertificate[],
): Promise<void> {
  await Promise.all(
    reading.servers.map(async (server) => {
      const own = ready.filter(({ planned }) => planned.found.server === server);
      const paths = own.flatMap(({ orders }) => orders.map(({ path }) => path));
      const trusts = server.tls.files.trusts.map(({ path }) => path);
      await stamp(renewing, server, [...paths, ...trusts]);
    }),
  );
}

async function stamp(
  { context }: Renewing,
  { remote, asRoot, name }: TlsServer,
  paths: readonly string[],
): Promise<void> {
  if (paths.length === 0) return;
  await asRootOrSelf(asRoot, (sudo) =>
    remote.script(STAMP_SCRIPT, [...new Set(paths)], { timeoutMs: STAMP_MS, sudo }),
  ).catch(() => {
    context.log(
      'warning',
      `${name}: a comparison with the cluster file may say that services have not read their files.`,
    );
  });
}

/** The authority before leaves the files that hold both, and nothing else. */
async function forgetFormer(renewing: Renewing, plan: CertificatePlan): Promise<void> {
  const { scene, context } = renewing;
  const { deps, entry } = scene;
  context.phase('forget', 'running');
  await deps.certificates.forgetFormer(entry.id);
  const kept = await deps.certificates.authority(entry.id);
  if (kept === null) return;
  const known = certificatesIn(kept.authority.trusted).map(({ fingerprint256 }) => fingerprint256);
  const former = [
    ...(plan.facts.authority.app === null ? [] : [plan.facts.authority.app.fingerprint]),
    ...formerIn(plan),
  ];
  for (const before of plan.reading.servers) {
    const paths = before.tls.files.trusts.map(({ path }) => path);
    const server = { ...before, files: await lookAtFiles(before.remote, before.asRoot, paths) };
    const own = trustsOn(server).filter(({ trust }) => {
      const isOurs = trust.fingerprints.every((one) => known.includes(one) || former.includes(one));
      return isOurs && trust.fingerprints.some((one) => !known.includes(one)) && trust.why === null;
    });
    const orders = own.map(({ trust }): FileOrder => ({ how: 'put', path: trust.path, text: kept.authority.trusted }));
    await placeFiles(server, orders, plan.facts.keptSuffix, context);
    await stamp(
      renewing,
      server,
      orders.map(({ path }) => path),
    );
  }
  await deps.certificates.renewOwn(entry.id);
}

function formerIn({ kept }: CertificatePlan): readonly string[] {
  return kept?.former == null ? [] : certificatesIn(kept.former).map(({ fingerprint256 }) => fingerprint256);
}

/** Whether etcd and Patroni are at work again, after every port was seen. */
async function ended(renewing: Renewing, ready: readonly ReadyCertificate[]): Promise<JobEnd> {
  const ends = ready.map(({ cert }) => Date.parse(cert.validTo)).sort((a, b) => a - b);
  const [first] = ends;
  const facts = { Renewed: ready.length, ...(first === undefined ? {} : { 'The first ends': momentInWords(first) }) };
  const done =
    ready.length === 0
      ? 'Every port shows the certificate of its file.'
      : `${ready.length} ${ready.length === 1 ? 'certificate is' : 'certificates are'} new, and every port shows its own.`;
  const leader = await leaderAgain(renewing);
  if (renewing.left.size > 0)
    return repairedWith(
      `${done} ${leader === null ? 'Patroni was not seen with a leader.' : `${leader} leads.`} What was stopped was left so, and was not ` +
        `asked: ${namesInWords([...renewing.left].map((one) => one.replace(' ', ' on ')))}.`,
      facts,
    );
  return leader === null
    ? repairedWith(`${done} Patroni was not seen with a leader within ${spanInWords(LEAD_MS)}: look at its log.`, facts)
    : repaired(`${done} ${leader} leads.`, facts);
}

async function leaderAgain({ scene, context }: Renewing): Promise<string | null> {
  const { deps, entry } = scene;
  const since = deps.now();
  for (;;) {
    for (const { name } of entry.members) {
      const answer = await deps.hub
        .rest(entry.id, name)
        ?.get('/cluster', 4_000)
        .catch(() => undefined);
      const leader = leaderIn(answer);
      if (leader !== null) return leader;
    }
    context.detail('Patroni has no leader yet.');
    if (deps.now() - since > LEAD_MS) return null;
    await deps.pause(PAUSE_MS, context.signal);
    context.signal.throwIfAborted();
  }
}

function leaderIn(answer: unknown): string | null {
  const members: unknown = isJsonObject(answer) ? answer['members'] : null;
  if (!Array.isArray(members)) return null;
  const found = members
    .filter(isJsonObject)
    .find(({ role, state }) => /leader$/.test(String(role)) && state === 'running');
  return found === undefined ? null : String(found['name'] ?? '').slice(0, 100);
}
