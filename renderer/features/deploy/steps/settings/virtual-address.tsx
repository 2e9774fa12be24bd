import type { ClusterSpec, VipSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { Choices, Switch, type Choice } from '../../../../ui/choices';
import { NumberField, TextField } from '../../wizard/spec-fields';
import { useSpec, useWizard } from '../../wizard/wizard-context';

/** The three placements of an address: what it follows, and the program that holds it. */
type Placement = 'haproxy' | 'primary-keepalived' | 'primary-vip-manager';

const placements: readonly Choice<Placement>[] = [
  {
    value: 'haproxy',
    label: 'A server with a working HAProxy (keepalived)',
    explain: 'Applications reach HAProxy and PgBouncer at one address. Recommended with HAProxy.',
  },
  {
    value: 'primary-keepalived',
    label: 'The primary (keepalived)',
    explain:
      'Applications reach PostgreSQL directly at one address. keepalived asks Patroni on the same server whether it leads.',
  },
  {
    value: 'primary-vip-manager',
    label: 'The primary (vip-manager)',
    explain:
      'The same, following the leader key in etcd. Needs the package vip-manager2, which Debian 13 has and Debian 12 lacks.',
  },
];

function placementOf({ follows, manager }: VipSpec): Placement {
  if (follows === 'haproxy') return 'haproxy';
  return manager === 'keepalived' ? 'primary-keepalived' : 'primary-vip-manager';
}

function chosen(placement: Placement): Pick<VipSpec, 'follows' | 'manager'> {
  return {
    follows: placement === 'haproxy' ? 'haproxy' : 'primary',
    manager: placement === 'primary-vip-manager' ? 'vip-manager' : 'keepalived',
  };
}

/** A new address follows HAProxy where there is one. */
function firstVip(spec: ClusterSpec): VipSpec {
  const follows = spec.servers.some((server) => server.roles.includes('haproxy')) ? 'haproxy' : 'primary';
  return { address: '', prefix: 24, routerId: 51, follows, manager: 'keepalived' };
}

/** A virtual address that moves to a server whose HAProxy is well, or to the primary. */
export function VirtualAddress() {
  const wizard = useWizard();
  const spec = useSpec();
  const { vip } = spec;
  const set = (next: VipSpec | undefined) =>
    wizard.changeSpec(({ vip: _old, ...rest }) => (next === undefined ? rest : { ...rest, vip: next }));
  return (
    <>
      <Switch
        label="One address for applications"
        explain="If its server fails, another one takes the address over. All servers must be in one network segment."
        checked={vip !== undefined}
        onValue={(on) => set(on ? firstVip(spec) : undefined)}
      />
      {vip === undefined ? null : <VipFields vip={vip} set={set} />}
    </>
  );
}

function VipFields({ vip, set }: { readonly vip: VipSpec; readonly set: (vip: VipSpec) => void }) {
  const setInterface = (text: string) => {
    const { interface: _old, ...rest } = vip;
    set(text === '' ? rest : { ...rest, interface: text });
  };
  return (
    <>
      <Choices
        legend="Who holds the address?"
        value={placementOf(vip)}
        choices={placements}
        onValue={(placement) => set({ ...vip, ...chosen(placement) })}
      />
      <div className="m-form-row">
        <TextField
          label="Address"
          path="vip.address"
          value={vip.address}
          placeholder="10.0.0.100"
          help="An unused address in the servers' network."
          onValue={(address) => set({ ...vip, address: address.trim() })}
        />
        <NumberField
          label="Prefix length"
          path="vip.prefix"
          value={vip.prefix}
          help="The same as in the servers' network."
          onValue={(prefix) => set({ ...vip, prefix })}
        />
        <TextField
          label="Interface"
          path="vip.interface"
          value={vip.interface ?? ''}
          placeholder="the one with the server's address"
          onValue={setInterface}
        />
        {vip.manager === 'keepalived' ? (
          <NumberField
            label="Router id"
            path="vip.routerId"
            value={vip.routerId}
            help="1 to 255, unique in the network."
            onValue={(routerId) => set({ ...vip, routerId })}
          />
        ) : null}
      </div>
    </>
  );
}
