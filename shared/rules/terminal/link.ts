/** Places that Matriarch leads to by itself. Any other address could carry out what a page has seen. */
const KNOWN_HOSTS: ReadonlySet<string> = new Set(['patroni.readthedocs.io', 'www.postgresql.org', 'etcd.io']);

/** Scheme, host with its port, and path of an address; a login before the host, a backslash or a blank has no place in it. */
const ADDRESS = /^(https?):\/\/([A-Za-z0-9.-]+(?::\d+)?|\[[0-9a-fA-F:.]+\](?::\d+)?)(\/[^?#\s\\]*)?([?#]\S*)?$/;

/** Whether an address is that of known documentation, without a query or a fragment that could carry something out. */
export function isKnownAddress(address: string): boolean {
  const [, scheme, host = '', , more] = ADDRESS.exec(address) ?? [];
  return scheme === 'https' && KNOWN_HOSTS.has(host.toLowerCase()) && more === undefined;
}

/** An address in a line of text, by the positions of its first character and of the one behind it. */
export interface FoundLink {
  readonly address: string;
  readonly from: number;
  readonly to: number;
}

/** Web addresses in a line, without the punctuation of the sentence around them. */
export function findLinks(line: string): readonly FoundLink[] {
  return [...line.matchAll(/\bhttps?:\/\/[^\s"'<>`\p{Cc}]+/gu)].flatMap(({ 0: match, index }) => {
    const address = match.replace(/[.,;:!?)\]}]+$/, '');
    return isWebAddress(address) ? [{ address, from: index, to: index + address.length }] : [];
  });
}

/** Whether an address may be offered at all: of the web, without a login that would pose as a host. */
export function isWebAddress(address: string): boolean {
  return ADDRESS.test(address);
}
