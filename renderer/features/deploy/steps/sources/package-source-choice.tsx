import type { NetworkRoute } from '../../../../../shared/model/deploy/spec/source-spec';
import { Panel } from '../../../../ui/panel';
import { BundlePanel } from '../../bundle/bundle-panel';
import { Choices, type Choice } from '../../../../ui/choices';
import { useSpec, useWizard } from '../../wizard/wizard-context';

const routes: readonly Choice<NetworkRoute['kind']>[] = [
  { value: 'direct', label: 'By their own network', explain: 'The servers reach their package sources themselves.' },
  {
    value: 'through_workstation',
    label: 'Through this workstation',
    explain: 'The servers have no way out: packages pass through the SSH connection, from package hosts only.',
  },
  {
    value: 'bundle',
    label: 'From a bundle',
    explain: 'Neither has a way out: all packages are in one file, made on a machine that has access.',
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
      <Panel title="The way packages take">
        <Choices legend="How do packages come to the servers?" value={route.kind} choices={routes} onValue={choose} />
      </Panel>
      {route.kind === 'bundle' ? <BundlePanel file={route.file} /> : null}
    </>
  );
}
