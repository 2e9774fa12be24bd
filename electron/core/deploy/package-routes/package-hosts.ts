import { readHostPort, type HostPort } from '../../../../shared/model/connect/host-port';
import { packageHostOf, type PackageHost } from '../../../../shared/rules/deploy/sources/package-hosts';

/** What was asked of the proxy, and whether it may pass. */
export type Passage =
  | { readonly kind: 'pass'; readonly to: PackageHost; readonly path: string }
  | { readonly kind: 'refuse'; readonly asked: string; readonly why: string };

/** Judges a plain request (`GET http://host/path`): reading alone, and from a package host. */
export function judgeRequest(method: string, target: string, hosts: readonly PackageHost[]): Passage {
  const asked = `${method} ${target.slice(0, 200)}`;
  if (method !== 'GET' && method !== 'HEAD') return { kind: 'refuse', asked, why: 'only reading is let through' };
  if (!/^http:\/\//i.test(target)) return { kind: 'refuse', asked, why: 'no address with http was asked for' };
  const to = packageHostOf(target);
  if (to === null) return { kind: 'refuse', asked, why: 'the address cannot be read' };
  const url = new URL(target);
  const host = knownHost(to, hosts);
  return host === undefined
    ? { kind: 'refuse', asked, why: notAgreed }
    : { kind: 'pass', to: host, path: `${url.pathname}${url.search}` };
}

/** Judges a tunnel (`CONNECT host:port`), as apt opens it for https. */
export function judgeTunnel(target: string, hosts: readonly PackageHost[]): Passage {
  const asked = `CONNECT ${target.slice(0, 200)}`;
  const to = /^[^/@\s]+:\d{1,5}$/.test(target) ? readHostPort(target, 443) : null;
  if (to === null) return { kind: 'refuse', asked, why: 'the address cannot be read' };
  const host = knownHost(to, hosts);
  return host === undefined ? { kind: 'refuse', asked, why: notAgreed } : { kind: 'pass', to: host, path: '' };
}

const notAgreed = 'it is no package host that was agreed to (sources.route.hosts in the spec)';

function knownHost(to: HostPort, hosts: readonly PackageHost[]): PackageHost | undefined {
  return hosts.find((entry) => entry.host === to.host && entry.port === to.port);
}
