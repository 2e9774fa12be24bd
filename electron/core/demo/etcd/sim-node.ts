import type { Sim } from '../model/sim';
import type { DemoClusterSpec, MemberState } from '../model/types';
import { atLeast } from '../model/version';
import type { MemberMessage } from './messages';
import type { EtcdNode } from './node';

/** The etcd process on a member's server, as its clients see it. */
export function etcdNodeOf(sim: Sim, host: MemberState, now: () => number): EtcdNode {
  const { hosts } = sim.dcs;
  const hasQuorum = (): boolean => sim.dcsReachable(host);
  return {
    store: sim.store,
    clusterId: String(14_841_639_068_965_178_000n + BigInt(sim.systemIdentifier.slice(-6))),
    memberId: idOf(host),
    version: atLeast(sim.spec.version, '4.0.0') ? '3.5.16' : '3.4.23',
    now,
    hasQuorum,
    leaderId: () => {
      const leader = sim.dcs.leader();
      return hasQuorum() && leader !== undefined ? idOf(leader) : '0';
    },
    term: () => sim.dcs.term,
    moveLeader: (id) => {
      const to = hosts.find((member) => idOf(member) === id);
      if (to !== undefined) sim.dcs.moveLeader(to);
      return to !== undefined;
    },
    members: () => hosts.map((member) => messageOf(sim.spec, member)),
    isSlow: () => host.etcdSlow,
    onQuorum: (listener) => sim.dcs.onQuorum(() => listener(hasQuorum())),
    leasesChanged: () => sim.onEarlier(),
  };
}

function idOf(member: MemberState): string {
  return String(10_276_657_743_932_975_400n + BigInt(member.index) * 7_919n);
}

function messageOf({ tls, ports }: DemoClusterSpec, member: MemberState): MemberMessage {
  const address = `${tls === true ? 'https' : 'http'}://${member.ip}`;
  return {
    ID: idOf(member),
    name: member.name,
    isLearner: false,
    peerURLs: [`${address}:${ports?.etcdPeer ?? 2380}`],
    clientURLs: [`${address}:${ports?.etcd ?? 2379}`],
  };
}
