import { BlockList, isIP } from 'node:net';

/**
 * Addresses that no package host has from here: this computer itself, the link, and everybody at once. An
 * internal mirror on a private address is a package host like any other, as long as the sources name it.
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

/** Whether a connection to this address may be made for a server that fetches packages. Text that is no address may not. */
export function mayBeReached(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !never.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
