/** An IP address as a number and how many bits it has; null for what is no address. */
function numberOf(address: string): { readonly value: bigint; readonly bits: 32 | 128 } | null {
  if (!address.includes(':')) {
    const parts = address.split('.').map(Number);
    if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return null;
    return { value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n), bits: 32 };
  }
  const groups = groupsOf(address);
  return groups === null
    ? null
    : { value: groups.reduce((sum, group) => sum * 65_536n + BigInt(group), 0n), bits: 128 };
}

/** The eight groups of an IPv6 address; `::` stands for as many zeros as are missing. */
function groupsOf(address: string): readonly number[] | null {
  const halves = address.split('::');
  const [head = [], tail = []] = halves.map((half) =>
    half === ''
      ? []
      : half.split(':').map((group) => (/^[0-9a-f]{1,4}$/i.test(group) ? Number.parseInt(group, 16) : Number.NaN)),
  );
  const missing = 8 - head.length - tail.length;
  if (halves.length > 2 || (halves.length === 1 ? missing !== 0 : missing < 1)) return null;
  const all = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return all.some(Number.isNaN) ? null : all;
}

/** Whether two addresses are of one kind and agree in their first `prefix` bits. */
export function sameNetwork(one: string, other: string, prefix: number): boolean {
  const [a, b] = [numberOf(one), numberOf(other)];
  if (a === null || b === null || a.bits !== b.bits || prefix < 0 || prefix > a.bits) return false;
  const rest = BigInt(a.bits - prefix);
  return a.value >> rest === b.value >> rest;
}

/** The network of so many bits that an address is in, e.g. `10.0.0.0/24`; null for what is no address. */
export function networkAround(address: string, prefix: number): string | null {
  const number = numberOf(address);
  if (number === null || prefix < 0 || prefix > number.bits) return null;
  const rest = BigInt(number.bits - prefix);
  const first = (number.value >> rest) << rest;
  const part = (bits: bigint, index: number, count: number): bigint =>
    (first >> (bits * BigInt(count - 1 - index))) & ((1n << bits) - 1n);
  if (number.bits === 32) return `${Array.from({ length: 4 }, (_, index) => part(8n, index, 4)).join('.')}/${prefix}`;
  const groups = Array.from({ length: 8 }, (_, index) => part(16n, index, 8).toString(16));
  const last = groups.findLastIndex((group) => group !== '0');
  return last === 7 ? `${groups.join(':')}/${prefix}` : `${groups.slice(0, last + 1).join(':')}::/${prefix}`;
}

/** Whether two texts are the same address, however they are written. */
export function sameAddress(one: string, other: string): boolean {
  return sameNetwork(one, other, one.includes(':') ? 128 : 32);
}
