import type { NetworkRoute } from '../../../../../shared/model/deploy/spec/source-spec';
import { Panel } from '../../../../ui/panel';
import { BundlePanel } from '../../bundle/bundle-panel';
import { Choices, type Choice } from '../../../../ui/choices';
import { useSpec, useWizard } from '../../wizard/wizard-context';

const routes: readonly Choice<NetworkRoute['kind']>[] = [
  {
    value: 'direct',
    label: 'Servers download directly',
    explain: 'The servers reach the package repositories themselves.',
  },
  {
    value: 'through_workstation',
    label: 'Through this workstation',
    explain: 'For servers without internet access: packages pass through the SSH connection, from package hosts only.',
  },
  {
    value: 'bundle',
    label: 'From a bundle',
    explain: 'No internet on either side: all packages come from one file, made on a machine with access.',
  },
];

/** How the servers get at packages. */
export function RouteChoice() {
  const wizard = useWizard();
  const { route } = useSpec().sources;
  const set = (next: NetworkRoute) =>
    wizard.changeSpec((before) => ({ ...before, sources: { ...before.sources, route: next } }));
  const choose = (kind: NetworkRoute['kind']) => set(kind === 'bundle' ? { kind, file: '' } : { kind });
  return (
    <>
      <Panel title="Package source">
        <Choices legend="How do the servers get their packages?" value={route.kind} choices={routes} onValue={choose} />
      </Panel>
      {route.kind === 'bundle' ? <BundlePanel file={route.file} /> : null}
    </>
  );
}
