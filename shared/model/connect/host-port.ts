/** The URL parser that Node and browsers share. The types of neither side reach this folder. */
declare const URL: {
  canParse(text: string): boolean;
  new (text: string): { readonly hostname: string; readonly port: string };
};

/** A host, without the brackets of an IPv6 address, and a TCP port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** The port on which etcd serves its clients by default. */
export const ETCD_CLIENT_PORT = 2379;

const BARE_IPV6 = /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*$/i;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Reads a host and a port from a URL or from `host`, `host:port`, `[IPv6]`, `[IPv6]:port` or a bare IPv6 address.
 * `defaultPort` stands in for a missing port. Null when the text names no host or its port is out of range.
 */
export function readHostPort(text: string, defaultPort: number): HostPort | null {
  const written = text.trim().replace(SCHEME, '');
  const authority = BARE_IPV6.test(written) ? `[${written}]` : written;
  // An http URL drops port 80 and an ftp URL drops port 21: between them they keep every port.
  const [http, ftp] = [`http://${authority}`, `ftp://${authority}`];
  if (/^[/?#]/.test(authority) || !URL.canParse(http) || !URL.canParse(ftp)) return null;
  const { hostname, port } = new URL(http);
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const given = port === '' ? new URL(ftp).port : port;
  if (host === '' || given === '0') return null;
  return { host, port: given === '' ? defaultPort : Number(given) };
}

/** Whether `readHostPort` reads a text. */
export function isHostPort(text: string): boolean {
  return readHostPort(text, 1) !== null;
}

/** Host and port of a URL, as `readHostPort` reads them; null for a text without a scheme. */
export function hostPortOfUrl(url: string, defaultPort: number): HostPort | null {
  return SCHEME.test(url.trim()) ? readHostPort(url, defaultPort) : null;
}

/** The host of a URL in lower case and without brackets, or null when the text is no URL of a host. */
export function hostOfUrl(url: string): string | null {
  return hostPortOfUrl(url, 1)?.host ?? null;
}

/** A host as it stands in a URL or before `:port`: an IPv6 address in brackets. */
export function bracketHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** A host in its one spelling and a port as one text, `[IPv6]:port` for an IPv6 address. */
export function printHostPort({ host, port }: HostPort): string {
  return `${bracketHost(toNormalHost(host))}:${port}`;
}

/**
 * One spelling per host: lower case, international names in their ASCII form, IPv6 addresses in their shortest form,
 * no final dot. Null when the text cannot be a host.
 */
function normalizeHost(text: string): string | null {
  const host = text.trim().replace(/\.$/, '').toLowerCase();
  if (host === '' || host.length > 255) return null;
  if (host.includes(':')) return normalizeIpv6(host);
  if (/^\d+(?:\.\d+){3}$/.test(host)) return host.split('.').every((part) => Number(part) <= 255) ? host : null;
  if (/[\s@/\\[\]<>"'`?#%]/.test(host) || host.startsWith('-') || hasControlCharacters(host)) return null;
  // Patterns and lists of known_hosts and ssh_config are made of the other characters: `*`, `,`, `!`, `|`.
  if (!/^[\p{L}\p{M}\p{N}._-]+$/u.test(host)) return null;
  return /^[\u0021-\u007e]+$/.test(host) ? host : (readHostPort(host, 0)?.host ?? null);
}

function normalizeIpv6(host: string): string | null {
  const [address = '', zone] = host.split('%');
  const read = BARE_IPV6.test(address) ? readHostPort(address, 0) : null;
  if (read === null || zone === '') return null;
  return zone === undefined ? read.host : `${read.host}%${zone}`;
}

function hasControlCharacters(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\u007f');
}

/** Whether a text can be a host name or an IP address. */
export function isHost(text: string): boolean {
  return normalizeHost(text) !== null;
}

/** A host in its one spelling; what is no host stays as it is. */
export function toNormalHost(text: string): string {
  return normalizeHost(text) ?? text;
}

/** Whether two texts name the same host, however they are spelled. */
export function isSameHost(one: string, other: string): boolean {
  return toNormalHost(one) === toNormalHost(other);
}
