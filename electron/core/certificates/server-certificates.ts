import type { X509Certificate } from 'node:crypto';
import { appError, toErrorData, type AppError, type AppErrorData } from '../../../shared/model/app-error';
import type { TlsFiles } from '../../../shared/model/repair/certificate-repair';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import {
  readEtcdTls,
  readMemberTls,
  readPgbouncerTls,
  type EtcdSettings,
  type EtcdTls,
  type MemberTls,
  type TlsListener,
} from '../../../shared/rules/certificates/certificate-settings';
import {
  etcdTlsPaths,
  haproxyTlsPaths,
  joinTlsFiles,
  memberTlsFiles,
  NO_TLS_FILES,
  pgbouncerTlsPaths,
  vipManagerTlsPaths,
} from '../../../shared/rules/certificates/tls-files';
import { isJsonObject, valueAt } from '../../../shared/rules/configure/config-patch';
import { readYaml } from '../../../shared/rules/configure/yaml/read-yaml';
import { haproxyAuthorities, haproxyTlsBinds, type HaproxyTlsBind } from '../balancers/read-haproxy';
import { mergeFound } from '../clusters/discovery/found-config';
import { asRootOrSelf, findMemberConfig } from '../member-files/read-member-file';
import { refusedInWords } from '../patroni/config/environment';
import type { Remote } from '../ssh/remote';
import { CERTIFICATE_FILES_SCRIPT, CERTIFICATE_SETTINGS_SCRIPT } from './certificate-scripts';
import { certificatesIn } from './read-certificate';

/** What the configuration on one server says of TLS. */
export interface ServerTls {
  readonly serverId: string;
  readonly server: string;
  /** The member on it; null where none is. */
  readonly member: string | null;
  /** null: its configuration could not be read, see `problem`. */
  readonly ofMember: MemberTls | null;
  readonly etcd: EtcdTls | null;
  readonly haproxy: readonly HaproxyTlsBind[];
  readonly pgbouncer: TlsListener | null;
  /** The files of certificates, keys and authorities that all of them name. */
  readonly files: TlsFiles;
  /** The data directory of the member; null: none, or not known. */
  readonly dataDirectory: string | null;
  readonly problem: AppErrorData | null;
}

/** Which server is read, and how. `remote` is null where it is not asked now. */
export interface ServerPlace {
  readonly serverId: string;
  readonly server: string;
  readonly member: string | null;
  readonly remote: Remote | null;
  readonly asRoot: boolean;
}

const SETTINGS_MS = 20_000;
const FILES_MS = 20_000;
const MOST_BYTES = 8 * 1024 * 1024;
const MOST_PATHS = 100;
const MOST_DYNAMIC_BYTES = 1_048_576;

const NOTHING = {
  ...{ ofMember: null, etcd: null, haproxy: [], pgbouncer: null },
  ...{ files: NO_TLS_FILES, dataDirectory: null },
} as const;

/** Reads what the services on a server are configured with; what cannot be read is said in `problem`. */
export async function readServerTls(place: ServerPlace, state: ClusterState): Promise<ServerTls> {
  const { serverId, server, member, remote, asRoot } = place;
  const head = { serverId, server, member };
  if (remote === null) return { ...head, ...NOTHING, problem: notAsked(server).data };
  try {
    const answer = await asRootOrSelf(asRoot, (sudo) =>
      remote.script(CERTIFICATE_SETTINGS_SCRIPT, [], { timeoutMs: SETTINGS_MS, maxOutputBytes: MOST_BYTES, sudo }),
    );
    const parts = partsOf(answer.stdout, server);
    const own = await readOwn(place, state);
    const etcd = etcdSettings(parts);
    const [haproxy = '', pgbouncer = '', vipManager = ''] = ['haproxy', 'pgbouncer', 'vip-manager'].map((name) =>
      parts.get(name),
    );
    const binds = haproxyTlsBinds(haproxy);
    return {
      ...head,
      ofMember: own.tls,
      etcd: etcd === null ? null : readEtcdTls(etcd),
      haproxy: binds,
      pgbouncer: readPgbouncerTls(pgbouncer),
      files: joinTlsFiles([
        own.files,
        etcd === null ? NO_TLS_FILES : etcdTlsPaths(etcd),
        haproxyTlsPaths(
          binds.flatMap((bind) => bind.files),
          haproxyAuthorities(haproxy),
        ),
        pgbouncerTlsPaths(pgbouncer),
        vipManagerTlsPaths(vipManager),
      ]),
      dataDirectory: own.dataDirectory,
      problem: own.problem,
    };
  } catch (thrown) {
    return { ...head, ...NOTHING, problem: toErrorData(thrown) };
  }
}

function notAsked(server: string): AppError {
  return appError('ssh.connection_lost', `${server} is not connected now, and is not asked in the background.`, {
    target: server,
    retryable: true,
    hint: 'Open the page of the certificates: it connects.',
  });
}

function incomplete(server: string): AppError {
  return appError('discover.incomplete', `${server} did not answer completely.`, {
    target: server,
    retryable: true,
    hint: 'A login script that prints or ends early, or a restricted shell, can be the cause.',
  });
}

function partsOf(output: string, server: string): ReadonlyMap<string, string> {
  const lines = linesOf(output, server);
  return new Map(lines.map(([name = '', text = '']) => [name, decode(text)]));
}

/** The words of each line before the last, which says that the answer is whole. */
function linesOf(output: string, server: string): readonly (readonly string[])[] {
  const lines = output.trimEnd().split('\n');
  if (lines.at(-1) !== 'end') throw incomplete(server);
  return lines.slice(0, -1).map((line) => line.split(' '));
}

function decode(word: string): string {
  return Buffer.from(word, 'base64').toString('utf8');
}

function etcdSettings(parts: ReadonlyMap<string, string>): EtcdSettings | null {
  const [variables, args, file] = ['etcd-variables', 'etcd-args', 'etcd-file'].map((name) => parts.get(name));
  if (args === undefined) return null;
  const read = file === undefined ? null : readYaml(file);
  return {
    variables: Object.fromEntries(
      (variables ?? '').split('\n').flatMap((line): [string, string][] => {
        const at = line.indexOf('=');
        return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
      }),
    ),
    args: args.split('\n').slice(1),
    file: read?.kind === 'value' && isJsonObject(read.value) ? read.value : null,
  };
}

interface OwnTls {
  readonly tls: MemberTls | null;
  readonly files: TlsFiles;
  readonly dataDirectory: string | null;
  readonly problem: AppErrorData | null;
}

const NO_OWN: OwnTls = { tls: null, files: NO_TLS_FILES, dataDirectory: null, problem: null };

async function readOwn({ member, remote, asRoot }: ServerPlace, state: ClusterState): Promise<OwnTls> {
  if (member === null || remote === null) return NO_OWN;
  try {
    const merged = mergeFound(await findMemberConfig({ state, member, remote, asRoot }));
    if (merged.kind === 'config') {
      const data = valueAt(merged.config, ['postgresql', 'data_dir']);
      const dataDirectory = typeof data === 'string' && data !== '' ? data : null;
      const dynamic = state.config?.raw ?? (await keptDynamic(remote, asRoot, dataDirectory));
      return {
        tls: readMemberTls(merged.config, dynamic),
        files: memberTlsFiles(merged.config, dynamic),
        ...{ dataDirectory, problem: null },
      };
    }
    throw appError('config.no_member_file', `${remote.name}: ${refusedInWords(merged.file)}`, { target: member });
  } catch (thrown) {
    return { ...NO_OWN, problem: toErrorData(thrown) };
  }
}

/** The dynamic configuration as Patroni keeps it beside the data (patroni/config.py), for where no DCS tells it; {}: it is not there. */
async function keptDynamic(
  remote: Remote,
  asRoot: boolean,
  dataDirectory: string | null,
): Promise<Readonly<Record<string, unknown>>> {
  if (dataDirectory === null) return {};
  try {
    const path = `${dataDirectory.replace(/\/$/, '')}/patroni.dynamic.json`;
    const bytes = await asRootOrSelf(asRoot, (sudo) => remote.readFile(path, { sudo, maxBytes: MOST_DYNAMIC_BYTES }));
    const value: unknown = JSON.parse(bytes?.toString('utf8') ?? '{}');
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** What is in the files of one server: certificates by path, or why they were not read. */
export type CertificateFiles = ReadonlyMap<string, FoundCertificates>;

/** Certificates of one file, of the files of a directory, or a sentence that says why there are none. */
export type FoundCertificates =
  | { readonly kind: 'file'; readonly certificates: readonly X509Certificate[] }
  | { readonly kind: 'directory'; readonly files: CertificateFiles }
  | { readonly kind: 'none'; readonly why: string };

/** Reads the certificates in files of a server. What could not be read is told by each path. */
export async function readCertificateFiles(place: ServerPlace, paths: readonly string[]): Promise<CertificateFiles> {
  const asked = [...new Set(paths)].filter((path) => path.startsWith('/')).slice(0, MOST_PATHS);
  const { remote, asRoot, server } = place;
  if (asked.length === 0) return new Map();
  if (remote === null) return whyNone(asked, `${server} is not connected now`);
  try {
    const answer = await asRootOrSelf(asRoot, (sudo) =>
      remote.script(CERTIFICATE_FILES_SCRIPT, asked, { timeoutMs: FILES_MS, maxOutputBytes: MOST_BYTES, sudo }),
    );
    return filesOf(linesOf(answer.stdout, server));
  } catch (thrown) {
    return whyNone(asked, toErrorData(thrown).message);
  }
}

function whyNone(paths: readonly string[], why: string): CertificateFiles {
  return new Map(paths.map((path) => [path, { kind: 'none', why }]));
}

function filesOf(lines: readonly (readonly string[])[]): CertificateFiles {
  const found = new Map<string, FoundCertificates>();
  const within = new Map<string, Map<string, FoundCertificates>>();
  for (const [word, ...rest] of lines) {
    const [path = '', second = '', third = ''] = rest.map(decode);
    if (word === 'file') found.set(path, read(second));
    else if (word === 'denied')
      found.set(path, { kind: 'none', why: 'the user that this app logs in as may not read it' });
    else if (word === 'missing') found.set(path, { kind: 'none', why: 'there is no such file' });
    else if (word === 'in') within.set(path, (within.get(path) ?? new Map()).set(second, read(third)));
  }
  for (const [path, files] of within) found.set(path, { kind: 'directory', files });
  return found;
}

function read(text: string): FoundCertificates {
  const certificates = certificatesIn(text);
  return certificates.length === 0
    ? { kind: 'none', why: 'it holds no certificate that can be read' }
    : { kind: 'file', certificates };
}
