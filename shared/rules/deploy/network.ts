import { readIp } from '../connect/ip-address';

/** Whether two addresses are of one kind and agree in their first `prefix` bits. */
export function sameNetwork(one: string, other: string, prefix: number): boolean {
  const [a, b] = [readIp(one), readIp(other)];
  if (a === null || b === null || a.bits !== b.bits || prefix < 0 || prefix > a.bits) return false;
  const rest = BigInt(a.bits - prefix);
  return a.value >> rest === b.value >> rest;
}

/** The network of so many bits that an address is in, e.g. `10.0.0.0/24`; null for what is no address. */
export function networkAround(address: string, prefix: number): string | null {
  const number = readIp(address);
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
