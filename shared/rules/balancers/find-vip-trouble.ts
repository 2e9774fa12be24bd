import type { BalancerFinding, BalancerHost } from '../../model/balancers/balancers';
import type { VrrpInstance } from '../../model/balancers/vip';
import { sameAddress } from '../deploy/network';
import { namesInWords } from '../words/wording';

/** One server that may hold a virtual address, with all that is known of it there. */
export interface VipCarrier {
  readonly server: string;
  readonly running: boolean;
  readonly instance: VrrpInstance;
  readonly holds: boolean | null;
  readonly ownAddresses: readonly string[];
}

/** A virtual address with the servers that may hold it, as far as they were read. */
export interface SeenAddress {
  readonly address: string;
  readonly carriers: readonly VipCarrier[];
  /** Whether no other server may hold it: all that the carriers name as theirs were read. */
  readonly isWhole: boolean;
}

/** The virtual addresses of all servers that were read, each once. */
export function virtualAddresses(hosts: readonly BalancerHost[]): readonly SeenAddress[] {
  const all: { readonly address: string; readonly carriers: VipCarrier[] }[] = [];
  for (const { server, vip } of hosts) {
    for (const instance of vip?.instances ?? []) {
      for (const { address, holds } of instance.addresses) {
        const known = all.find((one) => sameAddress(one.address, address)) ?? { address, carriers: [] };
        if (known.carriers.length === 0) all.push(known);
        const { running = false, ownAddresses = [] } = vip ?? {};
        known.carriers.push({ server, running, instance, holds, ownAddresses });
      }
    }
  }
  return all.map(({ address, carriers }) => ({ address, carriers, isWhole: isWhole(carriers) }));
}

/** By multicast a server names no other: there may always be one more. */
function isWhole(carriers: readonly VipCarrier[]): boolean {
  const read = carriers.flatMap(({ ownAddresses }) => ownAddresses);
  const peers = carriers.flatMap(({ instance }) => instance.peers);
  return (
    peers.length > 0 &&
    carriers.every(({ holds }) => holds !== null) &&
    peers.every((peer) => read.some((own) => sameAddress(own, peer)))
  );
}

/** Findings of which every server's answer is a part: one that does not answer neither finds them again nor takes them back. */
export function restsOnAllServers(code: string): boolean {
  return code === 'balancer.vip_held_twice' || code === 'balancer.vip_held_by_none';
}

/** What is not as it should be with virtual addresses. Pure. */
export function findVipTrouble(hosts: readonly BalancerHost[]): readonly BalancerFinding[] {
  const addresses = virtualAddresses(hosts).flatMap((one) => [...ofHolders(one), ...ofStates(one)]);
  return [...hosts.flatMap(({ server, vip }) => (vip?.running === false ? [notRunning(server)] : [])), ...addresses];
}

function notRunning(server: string): BalancerFinding {
  return {
    ...{ code: 'balancer.not_running', severity: 'warning', member: null, server, subject: `${server} keepalived` },
    sentence: `keepalived is installed on ${server} but does not run.`,
    evidence: 'Its service is enabled, and no process of it is there.',
    advice:
      'Look at its log (journalctl -u keepalived), and start it there: this server takes no virtual address over.',
  };
}

function ofHolders({ address, carriers, isWhole: whole }: SeenAddress): readonly BalancerFinding[] {
  const holders = carriers.filter(({ holds }) => holds === true).map(({ server }) => server);
  const [server = carriers[0]?.server ?? ''] = holders;
  const where = { member: null, server, subject: `virtual address ${address}` };
  const evidence = `${carriers.map(carrierInWords).join('; ')}.`;
  if (holders.length > 1)
    return [
      {
        ...{ code: 'balancer.vip_held_twice', severity: 'critical', ...where },
        sentence: `${namesInWords(holders)} have the virtual address ${address} at the same time.`,
        evidence,
        advice:
          'Clients reach one or the other by chance. See whether the servers reach each other by VRRP (protocol 112), and take ' +
          'the address off the one that shall not have it (systemctl restart keepalived).',
      },
    ];
  if (holders.length === 0 && whole)
    return [
      {
        ...{ code: 'balancer.vip_held_by_none', severity: 'critical', ...where },
        sentence: `No server has the virtual address ${address}: nobody gets through it.`,
        evidence,
        advice:
          'See in the log of keepalived on each of them why it does not take the address: a check there fails, or it is stopped.',
      },
    ];
  return [];
}

/** keepalived and the server itself say different things: the address was set or taken off by hand, or by another program. */
function ofStates({ address, carriers }: SeenAddress): readonly BalancerFinding[] {
  return carriers.flatMap((carrier): readonly BalancerFinding[] => {
    const { server, instance, holds } = carrier;
    if (holds === null || instance.state === 'unknown' || (instance.state === 'master') === holds) return [];
    return [
      {
        ...{ code: 'balancer.vip_disagrees', severity: 'warning', member: null, server },
        subject: `${server} virtual address ${address}`,
        sentence: holds
          ? `${server} has the virtual address ${address}, though keepalived there is ${instance.state}.`
          : `keepalived on ${server} is master, though the server does not have the virtual address ${address}.`,
        evidence: `${carrierInWords(carrier)}.`,
        advice: 'Restart keepalived there, so that both agree; then see who set or took off the address.',
      },
    ];
  });
}

function carrierInWords({ server, holds, instance, running }: VipCarrier): string {
  const has =
    holds === null ? 'what addresses it has is not known' : `it ${holds ? 'has' : 'does not have'} the address`;
  const said =
    instance.state === 'unknown' ? 'its keepalived does not say its state' : `keepalived is ${instance.state}`;
  return `${server}: ${has}, ${running ? said : 'keepalived does not run'}`;
}
