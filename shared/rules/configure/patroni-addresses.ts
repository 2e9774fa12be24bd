import {
  bracketHost,
  ETCD_CLIENT_PORT,
  isHost,
  isSameHost,
  readHostPort,
  type HostPort,
} from '../../model/connect/host-port';

/**
 * An address of Patroni's configuration as others read it: Patroni takes what follows the last colon for the port, so that an IPv6
 * address may stand before it without brackets (utils.py, split_host_port).
 */
export function bracketPatroniAddress(written: string): string {
  const [, host, port] = /^([^[\]/]+):(\d+)$/.exec(written) ?? [];
  const isBare = host !== undefined && host.includes(':') && isHost(host);
  return isBare ? `${bracketHost(host)}:${port ?? ''}` : written;
}

/** The port of an address, which may list several hosts before it; null where it names none. */
export function portOfPatroniAddress(written: string): number | null {
  const bracketed = bracketPatroniAddress(written.trim());
  const isBareIpv6 = bracketed.includes(':') && isHost(bracketed);
  const port = isBareIpv6 ? undefined : /:(\d{1,5})$/.exec(bracketed)?.[1];
  return port === undefined ? null : Number(port);
}

function textOfField(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

function readAddress(text: string, defaultPort: number): readonly HostPort[] {
  const address = readHostPort(bracketPatroniAddress(text.trim().replace(/^['"]|['"]$/g, '')), defaultPort);
  return address === null ? [] : [address];
}

/**
 * The login in a URL of etcd and the place after it, as Patroni reads them by Python's urlparse: the last @ ends the login, its first colon
 * the name, and nothing is percent-decoded (dcs/etcd.py, get_etcd_client). `login` is null where there is none.
 */
export function readEtcdUrl(url: string): {
  readonly login: { readonly username: string; readonly password: string | null } | null;
  readonly place: string;
} {
  const plain = url.trim().replaceAll(/[\t\r\n]/g, '');
  const [, scheme = '', netloc = '', path = ''] = /^([a-z][a-z0-9+.-]*:\/\/|\/\/)?([^/?#]*)(.*)$/is.exec(plain) ?? [];
  const end = netloc.lastIndexOf('@');
  if (scheme === '' || end < 0) return { login: null, place: plain };
  const [, username = '', password = null] = /^([^:]*)(?::(.*))?$/s.exec(netloc.slice(0, end)) ?? [];
  return { login: { username, password }, place: `${scheme}${netloc.slice(end + 1)}${path}` };
}

/**
 * The members of etcd that a section `etcd3` or `etcd` names, by the first of `proxy`, `url`, `hosts` and `host` that is there; `hosts` is
 * a list or one comma-separated text, and `port` stands where they name none (dcs/etcd.py, get_etcd_client).
 */
export function etcdHostsOfPatroni(fields: Readonly<Record<string, unknown>>): readonly HostPort[] {
  const { hosts } = fields;
  const port = Number(textOfField(fields['port']) ?? ETCD_CLIENT_PORT);
  const url = textOfField(fields['proxy']) ?? textOfField(fields['url']);
  if (url !== null) return readAddress(readEtcdUrl(url).place, ETCD_CLIENT_PORT);
  const listed = Array.isArray(hosts)
    ? hosts.flatMap((one: unknown) => (typeof one === 'string' ? [one] : []))
    : (textOfField(hosts) ?? '').split(',');
  const named = 'hosts' in fields ? listed : [textOfField(fields['host']) ?? ''];
  const all = named.filter((one) => one.trim() !== '').flatMap((one) => readAddress(one, port));
  return all.filter(
    (one, index) => all.findIndex((other) => isSameHost(other.host, one.host) && other.port === one.port) === index,
  );
}
