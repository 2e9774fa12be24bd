import { readHostPort, type HostPort } from '../../../model/connect/host-port';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { Sources } from '../../../model/deploy/spec/source-spec';

/**
 * A host that packages may come from through this workstation. `named`: the spec itself names it, also where it is
 * on a private network.
 */
export interface PackageHost extends HostPort {
  readonly named: boolean;
}

/** What pip fetches from where no index is named. */
const pipHosts = ['https://pypi.org/', 'https://files.pythonhosted.org/'];

/** Where Debian, Ubuntu and PostgreSQL publish packages: a server may name these without being asked. */
const distributions = [
  /^(deb|security|archive|snapshot|ftp(\.[a-z]{2})?)\.debian\.org$/,
  /^(([a-z]{2}\.)?(archive|ports)|security)\.ubuntu\.com$/,
  /^apt(-archive)?\.postgresql\.org$/,
];

/** The ports of http and https: a server's own sources lead to no other. */
const webPorts: ReadonlySet<number> = new Set([80, 443]);

/**
 * The hosts that packages of one server may come from: those that the spec names, and of its own apt sources (`uris`, as
 * `apt-get indextargets` prints them) those of the distributions. A server that says more than that is not believed: its list would
 * open the administrator's network to it.
 */
export function packageHosts(uris: readonly string[], sources: Sources): readonly PackageHost[] {
  const named = specHosts(sources).map((host) => ({ ...host, named: true }));
  const own = uris
    .flatMap((uri) => packageHostOf(uri) ?? [])
    .filter((host) => webPorts.has(host.port))
    .filter(({ host }) => distributions.some((pattern) => pattern.test(host)))
    .map((host) => ({ ...host, named: false }));
  return [...named, ...own].filter((entry, index, all) => all.findIndex((other) => sameHost(entry, other)) === index);
}

/** Hosts (`host:port`) of a server's own sources that nobody agreed to, so that they are not reached through this workstation. */
export function unagreedHosts(hosts: readonly string[], sources: Sources): readonly string[] {
  const uris = hosts.map((host) => `${host.endsWith(':443') ? 'https' : 'http'}://${host}/`);
  const agreed = packageHosts(uris, sources);
  return hosts.filter((_, index) => {
    const asked = packageHostOf(uris[index] ?? '');
    return asked === null || !agreed.some((host) => sameHost(host, asked));
  });
}

function sameHost(one: HostPort, other: HostPort): boolean {
  return one.host === other.host && one.port === other.port;
}

/** What the spec names: its repositories and programs, and the hosts it agrees to. */
function specHosts(sources: Sources): readonly HostPort[] {
  const { route } = sources;
  const uris = [
    ...sources.repositories.flatMap((entry) => [entry.url, entry.keyUrl ?? '']),
    ...etcdUris(sources),
    ...pipUris(sources),
  ];
  const agreed = route.kind === 'through_workstation' ? route.hosts : [];
  return [...uris.flatMap((uri) => packageHostOf(uri) ?? []), ...agreed.flatMap(portsOf)];
}

/** A host without a port is agreed to for http and https. */
function portsOf(text: string): readonly HostPort[] {
  return [80, 443]
    .flatMap((port) => readHostPort(text, port) ?? [])
    .filter((entry, index, all) => all.findIndex((other) => sameHost(entry, other)) === index);
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
