import type { ClusterSpec, SpecProblem, VipSpec } from '../../../../model/deploy/spec/cluster-spec';
import { sameAddress, sameNetwork } from '../../network';
import { carrierRole, carriers } from '../../vip';
import { isAddress } from './names';
import { warning, problem } from './problem';

/** The virtual address: free, in the servers' network, and with somebody to hold it. */
export function vipProblems(spec: ClusterSpec): readonly SpecProblem[] {
  const { vip } = spec;
  if (vip === undefined) return [];
  const address = addressProblem(spec, vip);
  return [
    ...(address === null ? networkProblems(spec, vip) : [address]),
    ...managerProblems(vip),
    ...carrierProblems(spec, vip),
  ];
}

function addressProblem(spec: ClusterSpec, vip: VipSpec): SpecProblem | null {
  const free = "Use a free IP address of the servers' network.";
  if (vip.address === '') return problem('vip_invalid', 'vip.address', 'The virtual address is not given yet.', free);
  if (!isAddress(vip.address) || /^127\.|^0\.|^169\.254\.|^::1?$|^fe80:/i.test(vip.address))
    return problem('vip_invalid', 'vip.address', `${vip.address} cannot be the virtual address.`, free);
  const taken = spec.servers.find((server) => sameAddress(server.address, vip.address));
  return taken === undefined
    ? null
    : problem(
        'vip_invalid',
        'vip.address',
        `${vip.address} is ${taken.name}'s own address and cannot be the virtual one.`,
        free,
      );
}

/** A prefix of all bits says nothing of the network: what the interfaces say then counts, in the preflight. */
function networkProblems(spec: ClusterSpec, vip: VipSpec): SpecProblem[] {
  const most = vip.address.includes(':') ? 128 : 32;
  if (vip.prefix > most)
    return [
      problem(
        'vip_prefix',
        'vip.prefix',
        `${vip.address} has ${most} bits; a prefix of ${vip.prefix} is too long.`,
        `Use the prefix of the servers' network, at most ${most}.`,
      ),
    ];
  const outside =
    vip.prefix === most
      ? []
      : carriers(spec).filter(
          (server) => isAddress(server.address) && !sameNetwork(server.address, vip.address, vip.prefix),
        );
  const named = outside.map((server) => `${server.name} (${server.address})`).join(', ');
  return outside.length === 0
    ? []
    : [
        problem(
          'vip_other_network',
          'vip.address',
          `${vip.address}/${vip.prefix} is not in the network of ${named}.`,
          "A virtual address moves within one network segment: choose one of the servers' network, or correct the prefix.",
        ),
      ];
}

function managerProblems(vip: VipSpec): SpecProblem[] {
  if (vip.manager === 'keepalived' || vip.follows === 'primary') return [];
  return [
    problem(
      'vip_manager',
      'vip.manager',
      'vip-manager follows the primary, not HAProxy.',
      'Let keepalived hold an address that follows HAProxy, or let the address follow the primary.',
    ),
  ];
}

function carrierProblems(spec: ClusterSpec, vip: VipSpec): SpecProblem[] {
  const all = carriers(spec);
  if (all.length === 0)
    return [
      problem(
        'vip_nobody',
        'vip.follows',
        `The virtual address follows ${vip.follows === 'haproxy' ? 'HAProxy' : 'the primary'}, and no server ` +
          `of this set-up has the role ${carrierRole(vip)}.`,
        'Give at least two servers that role, or let the address follow something else.',
      ),
    ];
  return all.length === 1
    ? [
        warning(
          'vip_alone',
          'vip',
          `Only ${all[0]?.name ?? 'one server'} can hold the virtual address: when it is lost, the address is, too.`,
          `Give a second server the role ${carrierRole(vip)}.`,
        ),
      ]
    : [];
}
