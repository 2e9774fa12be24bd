import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { Sources } from '../../../../shared/model/deploy/spec/source-spec';

/** A host and port that packages may be fetched from; the host in lower case. */
export interface PackageHost {
  readonly host: string;
  readonly port: number;
}

/** What pip fetches from where no index is named. */
const pipHosts = ['https://pypi.org/', 'https://files.pythonhosted.org/'];

/**
 * The hosts that packages of one server may come from: those of its own apt sources (`uris`, as
 * `apt-get indextargets` prints them) and those of the spec. Nothing else is ever let through.
 */
export function packageHosts(uris: readonly string[], sources: Sources): readonly PackageHost[] {
  const named = [
    ...uris,
    ...sources.repositories.flatMap((entry) => [entry.url, entry.keyUrl ?? '']),
    ...etcdUris(sources),
    ...pipUris(sources),
  ];
  const hosts = named.flatMap((uri) => hostOf(uri) ?? []);
  return hosts.filter(
    (entry, index) => hosts.findIndex((other) => other.host === entry.host && other.port === entry.port) === index,
  );
}

/** GitHub hands release files out from hosts of their own. */
const releaseHosts = ['https://objects.githubusercontent.com/', 'https://release-assets.githubusercontent.com/'];

function etcdUris(sources: Sources): readonly string[] {
  if (sources.etcd.kind !== 'archive') return [];
  const { url } = sources.etcd;
  return hostOf(url)?.host === 'github.com' ? [url, ...releaseHosts] : [url];
}

/** `host:port` of what the servers themselves fetch beside packages: etcd's archive and pip's index. */
export function programHosts({ servers, sources }: Pick<ClusterSpec, 'servers' | 'sources'>): readonly string[] {
  const has = (role: 'etcd' | 'postgres'): boolean => servers.some((server) => server.roles.includes(role));
  const { etcd } = sources;
  const uris = [
    ...(etcd.kind === 'archive' && has('etcd') ? [etcd.url] : []),
    ...(has('postgres') && sources.patroni.kind === 'pip' && sources.patroni.indexUrl !== undefined
      ? [sources.patroni.indexUrl]
      : []),
  ];
  return uris.flatMap((uri) => hostOf(uri) ?? []).map(({ host, port }) => `${host}:${port}`);
}

function pipUris(sources: Sources): readonly string[] {
  if (sources.patroni.kind !== 'pip' || sources.patroni.wheelDirectory !== undefined) return [];
  return sources.patroni.indexUrl === undefined ? pipHosts : [sources.patroni.indexUrl];
}

/** The host of an http or https address, also behind a method such as `mirror+`; null for anything else. */
export function hostOf(uri: string): PackageHost | null {
  const match = /^(?:[a-z]+\+)?(https?):\/\/(.*)$/i.exec(uri.trim());
  if (match === null) return null;
  const scheme = (match[1] ?? '').toLowerCase();
  try {
    const url = new URL(`${scheme}://${match[2] ?? ''}`);
    const usual = scheme === 'https' ? 443 : 80;
    return { host: bare(url.hostname), port: url.port === '' ? usual : Number(url.port) };
  } catch {
    return null;
  }
}

/** What was asked of the proxy, and whether it may pass. */
export type Passage =
  | { readonly kind: 'pass'; readonly to: PackageHost; readonly path: string }
  | { readonly kind: 'refuse'; readonly asked: string; readonly why: string };

/** Judges a plain request (`GET http://host/path`): reading alone, and from a package host. */
export function judgeRequest(method: string, target: string, hosts: readonly PackageHost[]): Passage {
  const asked = `${method} ${target.slice(0, 200)}`;
  if (method !== 'GET' && method !== 'HEAD') return { kind: 'refuse', asked, why: 'only reading is let through' };
  if (!/^http:\/\//i.test(target)) return { kind: 'refuse', asked, why: 'no address with http was asked for' };
  const to = hostOf(target);
  if (to === null) return { kind: 'refuse', asked, why: 'the address cannot be read' };
  const url = new URL(target);
  return isNamed(to, hosts)
    ? { kind: 'pass', to, path: `${url.pathname}${url.search}` }
    : { kind: 'refuse', asked, why: 'it is no package source of this server' };
}

/** Judges a tunnel (`CONNECT host:port`), as apt opens it for https. */
export function judgeTunnel(target: string, hosts: readonly PackageHost[]): Passage {
  const asked = `CONNECT ${target.slice(0, 200)}`;
  const match = /^(\[[0-9a-f:.]+\]|[^:/@\s]+):(\d{1,5})$/i.exec(target);
  const to = match === null ? null : { host: bare((match[1] ?? '').toLowerCase()), port: Number(match[2]) };
  if (to === null) return { kind: 'refuse', asked, why: 'the address cannot be read' };
  return isNamed(to, hosts)
    ? { kind: 'pass', to, path: '' }
    : { kind: 'refuse', asked, why: 'it is no package source of this server' };
}

function isNamed(to: PackageHost, hosts: readonly PackageHost[]): boolean {
  return hosts.some((entry) => entry.host === to.host && entry.port === to.port);
}

/** Without the brackets of an IPv6 address and the dot at the end of a full name. */
function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}
