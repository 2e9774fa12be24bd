import type { HostPort } from '../../../../shared/model/connect/host-port';

/** How apt on one server gets at packages during a run. Nothing of it is written into the server's configuration. */
export interface PackageRoute {
  /** Further words for every apt call, each a word of its own. */
  readonly options: readonly string[];
  /** The package lists must be read before each installation, whatever their age. */
  readonly refresh: boolean;
  /** A proxy for other programs that fetch, as an address; null where they use the server's own network. */
  readonly proxy: string | null;
}

/** apt by the server's own network and sources. */
export const directRoute: PackageRoute = { options: [], refresh: false, proxy: null };

/** apt through a proxy on a port of the server's own loopback; proxies of its configuration do not count. */
export function proxyRoute(port: number, hosts: readonly HostPort[]): PackageRoute {
  const own = `http://127.0.0.1:${port}`;
  const options = (['http', 'https'] as const).flatMap((scheme) => [
    `Acquire::${scheme}::Proxy=${own}`,
    `Acquire::${scheme}::Proxy-Auto-Detect=`,
    `Acquire::${scheme}::ProxyAutoDetect=`,
    ...hosts.map(({ host }) => `Acquire::${scheme}::Proxy::${host}=${own}`),
  ]);
  return { options: [...new Set(options)].flatMap((option) => ['-o', option]), refresh: false, proxy: own };
}
