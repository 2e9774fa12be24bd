import type { NetworkRoute } from '../../../../../shared/model/deploy/spec/source-spec';
import { Panel } from '../../../../ui/panel';
import { BundlePanel } from '../../bundle/bundle-panel';
import { Choices, type Choice } from '../../../../ui/choices';
import { LinesField } from '../../wizard/spec-fields';
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
    explain:
      'For servers without internet access: packages pass through the SSH connection, from known package hosts only.',
  },
  {
    value: 'bundle',
    label: 'From a bundle',
    explain: 'No internet on either side: all packages come from one file, made on a machine with access.',
  },
];

function routeOf(kind: NetworkRoute['kind']): NetworkRoute {
  if (kind === 'bundle') return { kind, file: '' };
  return kind === 'through_workstation' ? { kind, hosts: [] } : { kind };
}

/** How the servers get at packages. */
export function RouteChoice() {
  const wizard = useWizard();
  const { route } = useSpec().sources;
  const set = (next: NetworkRoute) =>
    wizard.changeSpec((before) => ({ ...before, sources: { ...before.sources, route: next } }));
  const choose = (kind: NetworkRoute['kind']) => set(routeOf(kind));
  return (
    <>
      <Panel title="Package source">
        <Choices legend="How do the servers get their packages?" value={route.kind} choices={routes} onValue={choose} />
        {route.kind === 'through_workstation' ? (
          <LinesField
            label="Other package hosts"
            path="sources.route.hosts"
            value={route.hosts}
            help="One a line, e.g. mirror.example or mirror.example:8080. Those of Debian, Ubuntu and PostgreSQL are agreed to."
            onValue={(hosts) => set({ kind: 'through_workstation', hosts: [...hosts] })}
          />
        ) : null}
      </Panel>
      {route.kind === 'bundle' ? <BundlePanel file={route.file} /> : null}
    </>
  );
}
