import type { ClusterSpec } from '../../../../shared/model/spec/cluster-spec';
import { NumberField, Switch, TextField } from '../fields';
import { useSpec, useWizard } from '../wizard-context';

type Vip = NonNullable<ClusterSpec['vip']>;

/** A virtual address that moves to a server whose HAProxy is well. */
export function VirtualAddress() {
  const wizard = useWizard();
  const { vip } = useSpec();
  const set = (next: Vip | undefined) => wizard.changeSpec(({ vip: _old, ...rest }) => (next === undefined ? rest : { ...rest, vip: next }));
  return (
    <>
      <Switch label="One address for the applications (keepalived)" explain="It follows HAProxy: when its server is lost, another one takes it over. Needs servers in one network segment." checked={vip !== undefined} onValue={(on) => set(on ? { address: '', prefix: 24, routerId: 51 } : undefined)} />
      {vip === undefined ? null : <VipFields vip={vip} set={set} />}
    </>
  );
}

function VipFields({ vip, set }: { readonly vip: Vip; readonly set: (vip: Vip) => void }) {
  const setInterface = (text: string) => { const { interface: _old, ...rest } = vip; set(text === '' ? rest : { ...rest, interface: text }); };
  return (
    <div className="m-form-row">
      <TextField label="Address" path="vip.address" value={vip.address} placeholder="10.0.0.100" help="Free, and in the servers' network." onValue={(address) => set({ ...vip, address: address.trim() })} />
      <NumberField label="Prefix length" path="vip.prefix" value={vip.prefix} onValue={(prefix) => set({ ...vip, prefix })} />
      <TextField label="Interface" path="vip.interface" value={vip.interface ?? ''} placeholder="the one with the server's address" onValue={setInterface} />
      <NumberField label="Router id" path="vip.routerId" value={vip.routerId} help="1 to 255, unique in the network." onValue={(routerId) => set({ ...vip, routerId })} />
    </div>
  );
}
