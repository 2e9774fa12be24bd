import type { X509Certificate } from 'node:crypto';
import { toErrorData } from '../../../../shared/model/app-error';
import type { CertificateFile, ShownPort, TrustFile } from '../../../../shared/model/repair/certificate-repair';
import { haproxyTlsPorts, portsOfCluster, type WantedPort } from '../../certificates/certificate-ports';
import { detailsOf } from '../../certificates/read-certificate';
import { seeCertificate } from '../../certificates/see-certificate';
import {
  readCertificateFiles,
  readServerTls,
  type ServerPlace,
  type ServerTls,
} from '../../certificates/server-certificates';
import { dialThrough } from '../../clusters/connect/server-dial';
import type { Remote } from '../../ssh/remote';
import type { RepairScene } from '../repair-work';
import { lookAtFiles, publicKeyOf, type LookedFile } from './look-at-files';

/** A server with what its services read, as it was found over SSH. */
export interface TlsServer {
  readonly serverId: string;
  readonly name: string;
  readonly remote: Remote;
  readonly asRoot: boolean;
  readonly tls: ServerTls;
  readonly files: ReadonlyMap<string, LookedFile>;
}

/** A certificate in a file as it may be shown, and itself. */
export interface FoundFile {
  readonly file: CertificateFile;
  readonly server: TlsServer;
  readonly cert: X509Certificate | null;
  /** SHA-256 of the public key of the key on the server; null: not known. */
  readonly keyOnServer: string | null;
}

/** A file of authorities as it may be shown, and what is in it. */
export interface FoundTrust {
  readonly trust: TrustFile;
  readonly server: TlsServer;
  readonly certificates: readonly X509Certificate[];
}

/** What a port showed, and how it was asked. */
export interface SeenPort extends ShownPort {
  readonly wanted: WantedPort;
}

/** All that a repair of certificates knows of a cluster. */
export interface TlsReading {
  readonly servers: readonly TlsServer[];
  readonly files: readonly FoundFile[];
  readonly trusts: readonly FoundTrust[];
  readonly ports: readonly SeenPort[];
  readonly problems: readonly { readonly server: string; readonly why: string }[];
}

interface Read {
  readonly server: TlsServer | null;
  readonly tls: ServerTls | null;
  readonly problem: { readonly server: string; readonly why: string } | null;
}

/** Reads the files of certificates on every server of a cluster, and what its ports show. Never rejects for one server. */
export async function readTls(scene: RepairScene): Promise<TlsReading> {
  const read = await Promise.all(placesOf(scene).map((place) => readServer(scene, place)));
  const servers = read.flatMap(({ server }) => server ?? []);
  return {
    servers,
    files: servers.flatMap(filesOn),
    trusts: servers.flatMap(trustsOn),
    ports: await readPorts(scene, servers),
    problems: read.flatMap(({ problem }) => problem ?? []),
  };
}

/** The servers of members, of etcd, and those that were named for load balancers. */
function placesOf({ deps, entry, state }: RepairScene): readonly ServerPlace[] {
  const members = new Map(
    [...entry.members, ...state.members].flatMap(({ serverId, name }) =>
      serverId === null ? [] : [[serverId, name] as const],
    ),
  );
  const ofEtcd = (entry.etcd?.endpoints ?? []).flatMap(({ serverId }) => serverId ?? []);
  return [...new Set([...members.keys(), ...ofEtcd, ...(entry.balancerServers ?? [])])].flatMap((serverId) => {
    try {
      const remote = deps.remotes.remote(serverId);
      return [
        {
          serverId,
          server: remote.name,
          member: members.get(serverId) ?? null,
          remote,
          asRoot: deps.hasRoot(serverId),
        },
      ];
    } catch {
      return [];
    }
  });
}

async function readServer({ state }: RepairScene, place: ServerPlace): Promise<Read> {
  const { serverId, server: name, remote, asRoot } = place;
  const tls = await readServerTls(place, state);
  const problem = tls.problem === null ? null : { server: name, why: tls.problem.message };
  if (remote === null || (tls.problem !== null && tls.files.pairs.length === 0)) return { server: null, tls, problem };
  try {
    const paths = [
      ...tls.files.pairs.flatMap(({ cert, key }) => [cert, key]),
      ...tls.files.trusts.map(({ path }) => path),
    ];
    const files = await lookAtFiles(remote, asRoot, paths);
    return { server: { serverId, name, remote, asRoot, tls, files }, tls, problem };
  } catch (thrown) {
    return { server: null, tls, problem: { server: name, why: toErrorData(thrown).message } };
  }
}

/** The certificates on a server, each file once, with all who read it. */
function filesOn(server: TlsServer): readonly FoundFile[] {
  const { pairs } = server.tls.files;
  return [...new Set(pairs.map(({ cert }) => cert))].map((path) => {
    const own = pairs.filter(({ cert }) => cert === path);
    const key = own.find((one) => one.key !== path)?.key ?? path;
    const [looked, keyFile] = [server.files.get(path), server.files.get(key)];
    const cert = looked?.kind === 'file' ? (looked.certificates[0] ?? null) : null;
    const keyOnServer = keyFile?.kind === 'file' ? keyFile.publicKey : null;
    const file: CertificateFile = {
      server: server.name,
      cert: path,
      key,
      programs: [...new Set(own.map(({ program }) => program))],
      details: cert === null ? null : detailsOf(cert, null),
      keyFits: cert === null || keyOnServer === null ? null : publicKeyOf(cert) === keyOnServer,
      placement: keyFile?.kind === 'file' ? keyFile.placement : '',
      why: whyNotReplaced(server, looked) ?? whyNotReplaced(server, keyFile),
    };
    return { file, server, cert, keyOnServer };
  });
}

function whyNotReplaced({ asRoot }: TlsServer, looked: LookedFile | undefined): string | null {
  if (looked === undefined) return 'it was not looked at.';
  if (looked.kind !== 'file')
    return looked.kind === 'missing' ? 'it is not there, or its key is not.' : 'it is no file that can be read here.';
  if (looked.link !== null)
    return `it is a link to ${looked.link}: what keeps that file has to renew it, such as a program of its own.`;
  return asRoot ? null : 'root is needed to replace it. Give the server a sudo mode.';
}

/** The files of authorities on a server, each once. */
export function trustsOn(server: TlsServer): readonly FoundTrust[] {
  const { trusts } = server.tls.files;
  return [...new Set(trusts.map(({ path }) => path))].flatMap((path) => {
    const looked = server.files.get(path);
    if (looked?.kind !== 'file') return [];
    const trust: TrustFile = {
      server: server.name,
      path,
      programs: [...new Set(trusts.filter((one) => one.path === path).map(({ program }) => program))],
      fingerprints: looked.certificates.map(({ fingerprint256 }) => fingerprint256),
      why: whyNotReplaced(server, looked),
    };
    return [{ trust, server, certificates: looked.certificates }];
  });
}

async function readPorts(scene: RepairScene, servers: readonly TlsServer[]): Promise<readonly SeenPort[]> {
  const { state, entry } = scene;
  const all = servers.map(({ tls }) => tls);
  const ports = portsOfCluster(state, entry, all);
  const ofHaproxy = await Promise.all(
    servers.map(async ({ serverId, name, remote, asRoot, tls }) => {
      if (tls.haproxy.length === 0) return [];
      const paths = tls.haproxy.flatMap(({ files }) => files);
      const place = { serverId, server: name, member: null, remote, asRoot };
      return haproxyTlsPorts(tls, await readCertificateFiles(place, paths));
    }),
  );
  const wanted = [...ports, ...ofHaproxy.flat()].filter(({ tls }) => tls !== 'no');
  return (await Promise.all(wanted.map((port) => seePort(scene, port)))).flatMap((port) => port ?? []);
}

/** null: no TLS is spoken there. */
export async function seePort({ deps }: Pick<RepairScene, 'deps'>, wanted: WantedPort): Promise<SeenPort | null> {
  const { service, serverId, server, host, port, name, tls, file } = wanted;
  const base = { service, server, address: host, port, file, wanted };
  try {
    const starts = tls === 'asks' ? 'postgres' : 'tls';
    const seen = await seeCertificate({ dial: dialThrough(deps.remotes, serverId), host, port, name, starts });
    if (seen.kind === 'plain') return null;
    const [own] = seen.chain;
    return { ...base, shown: own === undefined ? null : detailsOf(own, null), why: null };
  } catch (thrown) {
    return { ...base, shown: null, why: thrown instanceof Error ? thrown.message : toErrorData(thrown).message };
  }
}
