import { BlockList, isIP } from 'node:net';

/**
 * Addresses that no package host has from here: this computer itself, the link, and everybody at once. An
 * internal mirror on a private address is a package host like any other, as long as the spec names it.
 */
const never = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  never.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  never.addSubnet(network, prefix, 'ipv6');

/** Networks that are not the internet's: what is there is reached only where the spec names it. */
const inside = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
] as const)
  inside.addSubnet(network, prefix, 'ipv4');
inside.addSubnet('fc00::', 7, 'ipv6');
inside.addSubnet('fec0::', 10, 'ipv6');

/**
 * Whether a connection to this address may be made for a server that fetches packages; `named`: from a host that the spec names. Text
 * that is no address may not.
 */
export function mayBeReached(address: string, named: boolean): boolean {
  const kind = isIP(address);
  if (kind === 0) return false;
  const family = kind === 4 ? 'ipv4' : 'ipv6';
  return !never.check(address, family) && (named || !inside.check(address, family));
}
