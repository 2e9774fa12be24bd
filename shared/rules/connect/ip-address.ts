/** An address as a number; `bits` is 32 or 128. */
export interface IpAddress {
  readonly value: bigint;
  readonly bits: 32 | 128;
}

/** Reads an address of IPv4 or IPv6; null for anything else. A zone (`%eth0`) is left out. */
export function readIp(text: string): IpAddress | null {
  const parts = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) ? text.split('.').map(Number) : null;
  if (parts !== null)
    return parts.every((part) => part < 256)
      ? { value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n), bits: 32 }
      : null;
  return readIpv6(text.replace(/%.*$/, ''));
}

function readIpv6(text: string): IpAddress | null {
  if (!/^[0-9a-f:.]+$/i.test(text) || !text.includes(':')) return null;
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return null;
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')];
  if (left === null || right === null) return null;
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...left, ...Array.from({ length: Math.max(0, missing) }, () => 0n), ...right];
  return { value: groups.reduce((sum, group) => (sum << 16n) + group, 0n), bits: 128 };
}

/** The groups of 16 bits; an address of IPv4 at the end counts as two. */
function groupsOf(text: string): readonly bigint[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const groups = parts.map((part, index): readonly bigint[] | null => {
    const ipv4 = index === parts.length - 1 && part.includes('.') ? readIp(part) : null;
    if (ipv4 !== null) return [ipv4.value >> 16n, ipv4.value & 0xffffn];
    return /^[0-9a-f]{1,4}$/i.test(part) ? [BigInt(`0x${part}`)] : null;
  });
  return groups.every((group) => group !== null) ? groups.flat() : null;
}

/** Whether an address lies in a network. */
export function isInNetwork(address: IpAddress, network: IpAddress, prefix: number): boolean {
  if (address.bits !== network.bits) return false;
  const shift = BigInt(address.bits - prefix);
  return address.value >> shift === network.value >> shift;
}
