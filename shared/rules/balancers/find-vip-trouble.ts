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
  for (const { server, running, ownAddresses, instance } of hosts.flatMap(instancesOn)) {
    for (const { address, holds } of instance.addresses) {
      const known = all.find((one) => sameAddress(one.address, address)) ?? { address, carriers: [] };
      if (known.carriers.length === 0) all.push(known);
      known.carriers.push({ server, running, instance, holds, ownAddresses });
    }
  }
  return all.map(({ address, carriers }) => ({ address, carriers, isWhole: isWhole(carriers) }));
}

function instancesOn({ server, vip, vipManager }: BalancerHost): readonly Omit<VipCarrier, 'holds'>[] {
  return [vip, vipManager].flatMap((view) =>
    (view?.instances ?? []).map((instance) => {
      const { running = false, ownAddresses = [] } = view ?? {};
      return { server, running, ownAddresses, instance };
    }),
  );
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

/** The key of the leader in the DCS, and the member that holds it; null: nobody, or not known. */
export interface VipLeader {
  readonly key: string;
  readonly holder: string | null;
}

/** What is not as it should be with virtual addresses. Pure. */
export function findVipTrouble(hosts: readonly BalancerHost[], leader: VipLeader): readonly BalancerFinding[] {
  const addresses = virtualAddresses(hosts).flatMap((one) => [
    ...ofHolders(one),
    ...ofStates(one),
    ...ofLeader(one, leader),
  ]);
  const stopped = hosts.flatMap(({ server, vip, vipManager }) => [
    ...(vip?.running === false ? [notRunning(server, 'keepalived')] : []),
    ...(vipManager?.running === false ? [notRunning(server, 'vip-manager')] : []),
  ]);
  return [...stopped, ...addresses];
}

function notRunning(server: string, program: string): BalancerFinding {
  return {
    ...{ code: 'balancer.not_running', severity: 'warning', member: null, server, subject: `${server} ${program}` },
    sentence: `${program} is installed on ${server} but does not run.`,
    evidence: 'Its service is enabled, and no process of it is there.',
    advice: `Look at its log (journalctl -u ${program}), and start it there: this server takes no virtual address over.`,
  };
}

/** A vip-manager has the address where the leader is: it follows the same key in the DCS as everybody else. */
function ofLeader({ address, carriers }: SeenAddress, { key, holder }: VipLeader): readonly BalancerFinding[] {
  const following = carriers.filter(({ instance }) => instance.follows?.key === key);
  if (holder === null) return [];
  const others = following.filter(({ holds, instance }) => holds === true && instance.follows?.member !== holder);
  const own = following.find(({ instance }) => instance.follows?.member === holder);
  // Two that have it at once are told as that.
  const isMissing = own?.holds === false;
  if (!isMissing && (others.length === 0 || own?.holds === true)) return [];
  const names = others.map(({ server }) => server);
  const where = others.length === 0 ? `${own?.server ?? ''} does not have it` : `it is on ${namesInWords(names)}`;
  return [
    {
      ...{ code: 'balancer.vip_not_at_leader', severity: 'critical', member: null },
      server: own?.server ?? names[0] ?? '',
      subject: `virtual address ${address}`,
      sentence: `The virtual address ${address} shall be where ${holder} leads, and ${where}.`,
      evidence: `${following.map(carrierInWords).join('; ')}.`,
      advice:
        'See in the log of vip-manager on each of them (journalctl -u vip-manager) why it does not follow: it may not reach the DCS, or ' +
        'its trigger-value may not be the name of the member.',
    },
  ];
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
          'See in the log of their managers on each of them why it does not take the address: a check there fails, or it is stopped.',
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

/** The program that moves the address. */
export function managerOf({ follows }: VrrpInstance): 'keepalived' | 'vip-manager' {
  return follows === undefined ? 'keepalived' : 'vip-manager';
}

function managerInWords({ state, follows }: VrrpInstance): string {
  if (follows === undefined)
    return state === 'unknown' ? 'its keepalived does not say its state' : `keepalived is ${state}`;
  return follows.member === null
    ? "vip-manager asks the server's own Patroni whether it leads"
    : `vip-manager takes it while ${follows.member} leads`;
}

function carrierInWords({ server, holds, instance, running }: VipCarrier): string {
  const has =
    holds === null ? 'what addresses it has is not known' : `it ${holds ? 'has' : 'does not have'} the address`;
  return `${server}: ${has}, ${running ? managerInWords(instance) : `${managerOf(instance)} does not run`}`;
}
