import type { X509Certificate } from 'node:crypto';
import { appError, toErrorData } from '../../../shared/model/app-error';
import type {
  CertificateFileState,
  CertificateInventory,
  CertificateNameCheck,
  TlsPort,
  CertificateSight,
  CertificateTrust,
} from '../../../shared/model/certificates/certificates';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { placeKey } from '../../../shared/rules/certificates/certificate-words';
import {
  certificateFigures,
  CERTIFICATES_SOURCE,
  findCertificateTrouble,
} from '../../../shared/rules/certificates/find-certificate-trouble';
import type { ClusterHub } from '../clusters/hub';
import { refuseHold } from '../clusters/refuse-hold';
import { dialThrough } from '../clusters/connect/server-dial';
import type { RemotePool } from '../ssh/remote';
import { haproxyTlsPorts, portsOfCluster, type WantedPort } from './certificate-ports';
import { certificatesIn, detailsOf, fitsAddress } from './read-certificate';
import { seeCertificate } from './see-certificate';
import { judgeTrust, clientsOf, filesOfClients, type PortClient } from './judge-trust';
import {
  readCertificateFiles,
  readServerTls,
  type CertificateFiles,
  type FoundCertificates,
  type ServerPlace,
  type ServerTls,
} from './server-certificates';

/** What certificates are read with. */
export interface CertificatesDeps {
  readonly hub: Pick<ClusterHub, 'state' | 'entry' | 'report'>;
  readonly remotes: RemotePool;
  readonly now: () => number;
  /** Whether there is a way to become root on a server. */
  readonly hasRoot: (serverId: string) => boolean;
  /** Whether this app made the cluster with TLS. */
  readonly isRotatable: (clusterId: string) => boolean;
}

/** The certificates that clusters show on their ports. */
export interface CertificatesService {
  /**
   * Reads them all, by handshakes through the servers' connections and the files that configurations name; what it found is reported
   * to the hub. Servers that `mayAsk` leaves out are not asked. Rejects with `inventory.cluster_unknown`
   * and `inventory.on_hold`.
   */
  read(clusterId: string, mayAsk?: (serverId: string) => boolean): Promise<CertificateInventory>;
}

type Seen = CertificateSight & { readonly chain: readonly X509Certificate[] };

/** What was read before: the places by their keys, with what they showed last, and whether every server's configuration was ever read. */
interface Earlier {
  readonly places: ReadonlyMap<string, TlsPort>;
  readonly wasWhole: boolean;
  readonly asOf: number;
}

const nothingEarlier: Earlier = { places: new Map(), wasWhole: false, asOf: 0 };

/** Makes the service. */
export function createCertificates(deps: CertificatesDeps): CertificatesService {
  const earlier = new Map<string, Earlier>();
  return {
    read: async (clusterId, mayAsk = () => true) => {
      const [state, entry] = [deps.hub.state(clusterId), deps.hub.entry(clusterId)];
      if (state === null || entry === null)
        throw appError('inventory.cluster_unknown', 'This cluster is not in the inventory.', {
          target: clusterId,
          hint: 'Go back to the fleet.',
        });
      refuseHold(entry);
      const before = earlier.get(clusterId) ?? nothingEarlier;
      const view = withEarlier(await readAll(deps, { state, entry, mayAsk }), before);
      const wasWhole = before.wasWhole || view.problems.length === 0;
      const places = new Map(view.places.map((place) => [placeKey(place), place]));
      earlier.set(clusterId, { places, wasWhole, asOf: view.asOf });
      deps.hub.report(clusterId, CERTIFICATES_SOURCE, {
        findings: findCertificateTrouble(view).map((finding) => ({ ...finding, asOf: view.asOf })),
        figures: certificateFigures(view, wasWhole),
        asOf: view.asOf,
        isSettled: true,
        countsMs: COUNTS_MS,
      });
      return view;
    },
  };
}

/** Certificates are read a few times a day, and what was read of them stays so for long, ms. */
const COUNTS_MS = 24 * 3_600_000;

/** What was not read now says what it showed before, and a port that only an unread configuration names is not gone. */
function withEarlier(view: CertificateInventory, { places: before, asOf }: Earlier): CertificateInventory {
  const keys = new Set(view.places.map(placeKey));
  const unread = new Set(view.problems.map(({ server }) => server));
  const missing = [...before]
    .filter(([key, { server }]) => !keys.has(key) && unread.has(server))
    .map(([, place]): TlsPort => ({
      ...place,
      sight: { kind: 'not_read', why: `The configuration on ${place.server} could not be read now.`, last: null },
    }));
  return {
    ...view,
    places: [...view.places, ...missing].map((place) => withLast(place, before.get(placeKey(place)), asOf)),
  };
}

function withLast(place: TlsPort, before: TlsPort | undefined, asOf: number): TlsPort {
  if (place.sight.kind !== 'not_read' || before === undefined) return place;
  const { sight } = before;
  switch (sight.kind) {
    case 'plain':
      return place;
    case 'not_read':
      return { ...place, sight: { ...place.sight, last: sight.last } };
    case 'shown':
      return { ...place, sight: { ...place.sight, last: { certificate: sight.certificate, asOf } } };
  }
}

interface Reading {
  readonly state: ClusterState;
  readonly entry: ClusterEntry;
  readonly mayAsk: (serverId: string) => boolean;
}

async function readAll(deps: CertificatesDeps, reading: Reading): Promise<CertificateInventory> {
  const { state, entry } = reading;
  const places = serversOf(deps, reading);
  const servers = await Promise.all(places.map((place) => readServerTls(place, state)));
  const ports = portsOfCluster(state, entry, servers);
  const files = new Map(
    await Promise.all(
      places.map(
        async (place) =>
          [place.serverId, await readCertificateFiles(place, pathsOn(place.serverId, ports, servers))] as const,
      ),
    ),
  );
  const all = [
    ...ports,
    ...servers.flatMap((server) => haproxyTlsPorts(server, files.get(server.serverId) ?? new Map())),
  ];
  const authority = authorityOf(entry);
  const context = { deps, reading, files, authority, servers };
  return {
    places: await inTurns(all, (port) => readPlace(port, context)),
    problems: servers.flatMap(({ server, problem }) => (problem === null ? [] : [{ server, error: problem }])),
    isRotatable: deps.isRotatable(entry.id),
    authority: entry.rest.tls?.ca ?? entry.etcd?.tls?.ca ?? null,
    asOf: deps.now(),
  };
}

/** The authority of a cluster that this app made, as its own entry has it. */
function authorityOf(entry: ClusterEntry): X509Certificate | null {
  return entry.origin === 'deployed' ? (certificatesIn(entry.rest.tls?.ca ?? '')[0] ?? null) : null;
}

/** The servers of members, of etcd, and those that were named for their load balancers. */
function serversOf({ remotes, hasRoot }: CertificatesDeps, { state, entry, mayAsk }: Reading): readonly ServerPlace[] {
  const members = new Map(
    state.members.flatMap(({ serverId, name }) => (serverId === null ? [] : [[serverId, name] as const])),
  );
  const ofEtcd = (entry.etcd?.endpoints ?? []).flatMap(({ serverId }) => serverId ?? []);
  const ids = [...new Set([...members.keys(), ...ofEtcd, ...(entry.balancerServers ?? [])])];
  return ids.map((serverId) => {
    const member = members.get(serverId) ?? null;
    const head = { serverId, member, asRoot: hasRoot(serverId) };
    try {
      const remote = remotes.remote(serverId);
      return { ...head, server: remote.name, remote: mayAsk(serverId) ? remote : null };
    } catch {
      return { ...head, server: member ?? serverId, remote: null };
    }
  });
}

/** The files of a server that are read: of the certificates that it shows, and of the authorities that it trusts. */
function pathsOn(serverId: string, ports: readonly WantedPort[], servers: readonly ServerTls[]): readonly string[] {
  const own = ports.filter((port) => port.serverId === serverId).flatMap(({ file }) => file ?? []);
  const server = servers.find((one) => one.serverId === serverId);
  return [...own, ...(server?.haproxy ?? []).flatMap((bind) => bind.files), ...filesOfClients(server)];
}

/** Handshakes of one server come one after the other: a service with few threads is not held up. */
async function inTurns(
  ports: readonly WantedPort[],
  work: (port: WantedPort) => Promise<TlsPort>,
): Promise<readonly TlsPort[]> {
  const done = new Map<WantedPort, TlsPort>();
  const servers = [...new Set(ports.map(({ server }) => server))];
  await Promise.all(
    servers.map(async (server) => {
      for (const port of ports.filter((one) => one.server === server)) done.set(port, await work(port));
    }),
  );
  return ports.flatMap((port) => done.get(port) ?? []);
}

interface Context {
  readonly deps: CertificatesDeps;
  readonly reading: Reading;
  readonly files: ReadonlyMap<string, CertificateFiles>;
  readonly authority: X509Certificate | null;
  readonly servers: readonly ServerTls[];
}

async function readPlace(port: WantedPort, context: Context): Promise<TlsPort> {
  const { authority, deps, servers, files } = context;
  const { chain, ...sight } = await see(port, context);
  const [own] = chain;
  const clients = clientsOf(port, servers, authority);
  return {
    service: port.service,
    server: port.server,
    part: port.part === null ? null : [port.part, port.name ?? ''].join(' ').trim(),
    address: port.host,
    port: port.port,
    sight,
    trust: trustOf(chain, clients, { files, now: deps.now() }),
    name: own === undefined ? { kind: 'not_checked' } : nameOf(own, port, clients),
    file: fileOf(port, own ?? null, context),
  };
}

function trustOf(
  chain: readonly X509Certificate[],
  clients: readonly PortClient[],
  { files, now }: { readonly files: Context['files']; readonly now: number },
): CertificateTrust {
  if (chain.length === 0) return { kind: 'not_checked', why: 'No certificate was read.' };
  return judgeTrust(chain, clients, files, now);
}

async function see(port: WantedPort, { deps, reading, authority }: Context): Promise<Seen> {
  const { serverId, host, name, tls } = port;
  if (tls === 'no') return { kind: 'plain', chain: [] };
  if (serverId !== null && !reading.mayAsk(serverId)) return notRead(`${port.server} is not connected now.`);
  try {
    const seen = await seeCertificate({
      dial: dialThrough(deps.remotes, serverId),
      host,
      port: port.port,
      name,
      starts: tls === 'asks' ? 'postgres' : 'tls',
    });
    const [own] = seen.kind === 'shown' ? seen.chain : [];
    if (seen.kind === 'plain' || own === undefined) return { kind: 'plain', chain: [] };
    return { kind: 'shown', certificate: detailsOf(own, authority), chain: seen.chain };
  } catch (thrown) {
    return notRead(sentenceOf(thrown));
  }
}

function notRead(why: string): Seen {
  return { kind: 'not_read', why, last: null, chain: [] };
}

/** Errors of this app speak in sentences; what Node throws when it dials by itself does not. */
function sentenceOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (/^E[A-Z]+$/.test(code)) return `The connection failed (${code}).`;
  return thrown instanceof Error && code === '' ? thrown.message : toErrorData(thrown).message;
}

function nameOf(
  own: X509Certificate,
  { service, host, name }: WantedPort,
  clients: readonly PortClient[],
): CertificateNameCheck {
  if (service === 'haproxy' || service === 'pgbouncer') return { kind: 'not_checked' };
  const address = name ?? host;
  const namesOnly = service === 'etcd_client' || service === 'etcd_peer';
  if (fitsAddress(own, address, namesOnly)) return { kind: 'fits', address };
  const matters = clients.some(({ client }) => client.trustsAll === null && client.checksName);
  return { kind: 'differs', address, matters };
}

function fileOf(
  port: WantedPort,
  shown: X509Certificate | null,
  { files, authority, servers }: Context,
): CertificateFileState {
  const { file, serverId } = port;
  if (serverId === null) return { kind: 'not_read', path: null, why: 'its server is reached without SSH' };
  if (file === null) {
    const problem = servers.find((one) => one.serverId === serverId)?.problem ?? null;
    return problem === null || shown === null
      ? { kind: 'none' }
      : { kind: 'not_read', path: null, why: problem.message };
  }
  const found: FoundCertificates = port.found ??
    files.get(serverId)?.get(file) ?? { kind: 'none', why: 'its path is not absolute' };
  if (found.kind === 'none') return { kind: 'not_read', path: file, why: found.why };
  const [first] = found.kind === 'file' ? found.certificates : [];
  if (first === undefined || shown === null)
    return { kind: 'not_read', path: file, why: 'there is nothing to compare it with' };
  return first.fingerprint256 === shown.fingerprint256
    ? { kind: 'same', path: file }
    : { kind: 'differs', path: file, certificate: detailsOf(first, authority) };
}
