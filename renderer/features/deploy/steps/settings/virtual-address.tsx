import type { ClusterSpec, VipSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { Choices, Switch, type Choice } from '../../../../ui/choices';
import { NumberField, TextField } from '../../wizard/spec-fields';
import { useSpec, useWizard } from '../../wizard/wizard-context';

/** The three ways an address can be held; each is what it follows and the program that holds it. */
type Way = 'haproxy' | 'primary-keepalived' | 'primary-vip-manager';

const ways: readonly Choice<Way>[] = [
  {
    value: 'haproxy',
    label: 'A server whose HAProxy answers (keepalived)',
    explain: 'Applications reach HAProxy and PgBouncer by one address. Right where there is HAProxy.',
  },
  {
    value: 'primary-keepalived',
    label: 'The primary (keepalived)',
    explain:
      'Applications reach PostgreSQL itself by one address. keepalived asks Patroni on the same server who leads.',
  },
  {
    value: 'primary-vip-manager',
    label: 'The primary (vip-manager)',
    explain: "The same, by etcd's leader key. Needs the package vip-manager2: Debian 13 has it, Debian 12 does not.",
  },
];

function wayOf({ follows, manager }: VipSpec): Way {
  if (follows === 'haproxy') return 'haproxy';
  return manager === 'keepalived' ? 'primary-keepalived' : 'primary-vip-manager';
}

function chosen(way: Way): Pick<VipSpec, 'follows' | 'manager'> {
  return {
    follows: way === 'haproxy' ? 'haproxy' : 'primary',
    manager: way === 'primary-vip-manager' ? 'vip-manager' : 'keepalived',
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
        label="One address for the applications"
        explain="When the server that holds it is lost, another one takes it over. Needs servers in one network segment."
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
        value={wayOf(vip)}
        choices={ways}
        onValue={(way) => set({ ...vip, ...chosen(way) })}
      />
      <div className="m-form-row">
        <TextField
          label="Address"
          path="vip.address"
          value={vip.address}
          placeholder="10.0.0.100"
          help="Free, and in the servers' network."
          onValue={(address) => set({ ...vip, address: address.trim() })}
        />
        <NumberField
          label="Prefix length"
          path="vip.prefix"
          value={vip.prefix}
          help="That of the servers' network."
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
