import { readHostPort, type HostPort } from '../../../../shared/model/connect/host-port';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { Sources } from '../../../../shared/model/deploy/spec/source-spec';

/** What pip fetches from where no index is named. */
const pipHosts = ['https://pypi.org/', 'https://files.pythonhosted.org/'];

/**
 * The hosts that packages of one server may come from: those of its own apt sources (`uris`, as
 * `apt-get indextargets` prints them) and those of the spec. Nothing else is ever let through.
 */
export function packageHosts(uris: readonly string[], sources: Sources): readonly HostPort[] {
  const named = [
    ...uris,
    ...sources.repositories.flatMap((entry) => [entry.url, entry.keyUrl ?? '']),
    ...etcdUris(sources),
    ...pipUris(sources),
  ];
  const hosts = named.flatMap((uri) => packageHostOf(uri) ?? []);
  return hosts.filter(
    (entry, index) => hosts.findIndex((other) => other.host === entry.host && other.port === entry.port) === index,
  );
}

/** GitHub hands release files out from hosts of their own. */
const releaseHosts = ['https://objects.githubusercontent.com/', 'https://release-assets.githubusercontent.com/'];

function etcdUris(sources: Sources): readonly string[] {
  if (sources.etcd.kind !== 'archive') return [];
  const { url } = sources.etcd;
  return packageHostOf(url)?.host === 'github.com' ? [url, ...releaseHosts] : [url];
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
  return uris.flatMap((uri) => packageHostOf(uri) ?? []).map(({ host, port }) => `${host}:${port}`);
}

function pipUris(sources: Sources): readonly string[] {
  if (sources.patroni.kind !== 'pip' || sources.patroni.wheelDirectory !== undefined) return [];
  return sources.patroni.indexUrl === undefined ? pipHosts : [sources.patroni.indexUrl];
}

/** The host of an http or https address, also behind a method such as `mirror+`; null for anything else. */
export function packageHostOf(uri: string): HostPort | null {
  const url = /^(?:[a-z]+\+)?(https?:\/\/.*)$/i.exec(uri.trim())?.[1];
  return url === undefined ? null : readHostPort(url, /^https:/i.test(url) ? 443 : 80);
}

/** What was asked of the proxy, and whether it may pass. */
export type Passage =
  | { readonly kind: 'pass'; readonly to: HostPort; readonly path: string }
  | { readonly kind: 'refuse'; readonly asked: string; readonly why: string };

/** Judges a plain request (`GET http://host/path`): reading alone, and from a package host. */
export function judgeRequest(method: string, target: string, hosts: readonly HostPort[]): Passage {
  const asked = `${method} ${target.slice(0, 200)}`;
  if (method !== 'GET' && method !== 'HEAD') return { kind: 'refuse', asked, why: 'only reading is let through' };
  if (!/^http:\/\//i.test(target)) return { kind: 'refuse', asked, why: 'no address with http was asked for' };
  const to = packageHostOf(target);
  if (to === null) return { kind: 'refuse', asked, why: 'the address cannot be read' };
  const url = new URL(target);
  return isNamed(to, hosts)
    ? { kind: 'pass', to, path: `${url.pathname}${url.search}` }
    : { kind: 'refuse', asked, why: 'it is no package source of this server' };
}

/** Judges a tunnel (`CONNECT host:port`), as apt opens it for https. */
export function judgeTunnel(target: string, hosts: readonly HostPort[]): Passage {
  const asked = `CONNECT ${target.slice(0, 200)}`;
  const to = /^[^/@\s]+:\d{1,5}$/.test(target) ? readHostPort(target, 443) : null;
  if (to === null) return { kind: 'refuse', asked, why: 'the address cannot be read' };
  return isNamed(to, hosts)
    ? { kind: 'pass', to, path: '' }
    : { kind: 'refuse', asked, why: 'it is no package source of this server' };
}

function isNamed(to: HostPort, hosts: readonly HostPort[]): boolean {
  return hosts.some((entry) => entry.host === to.host && entry.port === to.port);
}
