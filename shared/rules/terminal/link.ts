/** Places that Matriarch leads to by itself. Any other address could carry out what a page has seen. */
const KNOWN_HOSTS: ReadonlySet<string> = new Set(['patroni.readthedocs.io', 'www.postgresql.org', 'etcd.io']);

/** Whether an address is that of known documentation, without a query or a fragment that could carry something out. */
export function isKnownAddress(address: string): boolean {
  const parsed = URL.canParse(address) ? new URL(address) : null;
  if (parsed === null || parsed.protocol !== 'https:' || !KNOWN_HOSTS.has(parsed.host)) return false;
  return [parsed.username, parsed.password, parsed.search, parsed.hash].every((part) => part === '');
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
  const parsed = URL.canParse(address) ? new URL(address) : null;
  return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === '';
}
