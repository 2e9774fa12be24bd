import type { ServerFacts } from '../../../model/deploy/facts';
import type { VipSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { sameAddress, sameNetwork } from '../network';
import { carriers, vipInterface, vipUnits } from '../vip';
import { blocks, fine, warns, type CheckResult, type PreflightInput } from './input';

/** The virtual address on one server that may hold it: interface, network, and a program that can follow. */
export function vipOnServer(server: ServerSpec, facts: ServerFacts, input: PreflightInput): CheckResult | null {
  const { vip } = input.spec;
  if (vip === undefined || !carriers(input.spec).some((other) => other.name === server.name)) return null;
  const name = vipInterface(vip, server, facts);
  const own = facts.interfaces.filter((entry) => entry.name === name && !sameAddress(entry.address, vip.address));
  if (name === null || own.length === 0)
    return blocks(
      interfacesText(facts),
      name === null
        ? `No interface has ${server.address}: name the one that shall hold the virtual address.`
        : `There is no interface ${name} with an address.`,
    );
  if (!own.some((entry) => sameNetwork(entry.address, vip.address, entry.prefix)))
    return blocks(
      `${name} has ${own.map((entry) => `${entry.address}/${entry.prefix}`).join(', ')}.`,
      `${vip.address} is in no network of this interface: nobody would find it there.`,
    );
  return oldManager(vip, facts) ?? fine(`${vip.address}/${vip.prefix} on ${name}`);
}

/** vip-manager before 2.0 asks etcd by its v2 API; Patroni writes by v3, which v2 does not show. */
function oldManager(vip: VipSpec, facts: ServerFacts): CheckResult | null {
  if (
    vip.manager !== 'vip-manager' ||
    facts.packages['vip-manager2'] !== undefined ||
    (facts.candidates['vip-manager2'] ?? '') !== ''
  )
    return null;
  return warns(
    'No vip-manager2 is offered.',
    `The package vip-manager of ${facts.os.title} reads only etcd's v2 API, where Patroni's leader is ` +
      'not found. Let keepalived hold the address (it can follow the primary, too), or add a repository ' +
      'with vip-manager2.',
  );
}

function interfacesText(facts: ServerFacts): string {
  const all = facts.interfaces
    .filter((entry) => entry.name !== 'lo')
    .map((entry) => `${entry.name} ${entry.address}/${entry.prefix}`);
  return all.length === 0 ? 'The interfaces could not be read.' : `It has ${all.join(', ')}.`;
}

/** Whether the address is free. Asked by ARP or neighbour discovery from every server that may hold it. */
export function vipFree(input: PreflightInput): CheckResult | null {
  const { vip } = input.spec;
  if (vip === undefined) return null;
  const holder = Object.values(input.servers).find((facts) =>
    facts.addresses.some((address) => sameAddress(address, vip.address)),
  );
  if (holder !== undefined) return held(vip, holder);
  const answered = input.vip.find((entry) => entry.verdict === 'answers');
  if (answered !== undefined)
    return blocks(
      `${vip.address} answers${answered.hardware === null ? '' : ` from ${answered.hardware}`}, asked from ${answered.from}.`,
      'Somebody else has this address: choose another one.',
    );
  const asked = input.vip.filter((entry) => entry.verdict === 'silent').map((entry) => entry.from);
  return asked.length === 0
    ? warns('Nobody could ask for it.', 'See yourself that the address is free.')
    : fine(`Nobody answers at ${vip.address}, asked from ${asked.join(', ')}.`);
}

function held(vip: VipSpec, holder: ServerFacts): CheckResult {
  const made =
    holder.manifest?.units.some(
      (entry) => entry.unit === vipUnits.keepalived || entry.unit === vipUnits['vip-manager'],
    ) ?? false;
  return made
    ? fine(`${holder.server} holds ${vip.address}.`)
    : blocks(
        `${holder.server} has ${vip.address} as an address of its own.`,
        "The virtual address must not be a server's own: choose another one.",
      );
}
