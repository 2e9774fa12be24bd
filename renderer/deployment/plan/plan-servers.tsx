import { useState } from 'react';
import type { FirewallLine, PlanView, ServerPlanView } from '../../../shared/model/deploy/deploy-views';
import type { NetworkRoute } from '../../../shared/model/deploy/spec/source-spec';
import { serverRoleNames } from '../../../shared/rules/deploy/roles/role-names';
import { Command } from '../../ui/command';
import { plural } from '../../ui/wording/format';
import { Mark } from '../../ui/mark';
import { ErrorNotice } from '../../ui/notice';
import { TableHead } from '../../ui/table-head';
import { printable } from '../../ui/text';
import { packageRoute } from './package-route';
import { StepRow } from './step-row';

/** The plan, one server at a time. */
export function PlanServers({ plan, route }: { readonly plan: PlanView; readonly route: NetworkRoute }) {
  const [shown, setShown] = useState<string | null>(null);
  const server = plan.servers.find((one) => one.name === shown) ?? plan.servers[0];
  if (server === undefined) return null;
  const select = (name: string) => setShown(name);
  return (
    <div>
      <div className="d-tabs" role="tablist" aria-label="Servers of the plan">
        {plan.servers.map((one) => (
          <Tab
            key={one.name}
            server={one}
            selected={one.name === server.name}
            names={plan.servers.map((each) => each.name)}
            onSelect={select}
          />
        ))}
      </div>
      <div
        className="d-pad"
        role="tabpanel"
        id="plan-of-server"
        aria-labelledby={`plan-tab-${server.name}`}
        tabIndex={0}
      >
        <ServerPlan key={server.name} server={server} route={route} />
      </div>
    </div>
  );
}

const STEP_OF_KEY: ReadonlyMap<string, number> = new Map([
  ['ArrowRight', 1],
  ['ArrowLeft', -1],
]);

function Tab(props: {
  readonly server: ServerPlanView;
  readonly selected: boolean;
  readonly names: readonly string[];
  readonly onSelect: (name: string) => void;
}) {
  const { server, selected, names } = props;
  const move = (key: string) => {
    const by = STEP_OF_KEY.get(key);
    const next = by === undefined ? undefined : names[(names.indexOf(server.name) + by + names.length) % names.length];
    if (next === undefined) return;
    props.onSelect(next);
    document.getElementById(`plan-tab-${next}`)?.focus();
  };
  const refused = server.steps.some((step) => step.action === 'refuse');
  const changes = server.steps.filter((step) => step.action !== 'none').length;
  return (
    <button
      type="button"
      role="tab"
      id={`plan-tab-${server.name}`}
      aria-selected={selected}
      aria-controls="plan-of-server"
      tabIndex={selected ? 0 : -1}
      className="d-tab"
      onClick={() => props.onSelect(server.name)}
      onKeyDown={(event) => move(event.key)}
    >
      <span className="m-strong">{printable(server.name)}</span>
      {refused ? (
        <Mark tone="crit" word="blocked" />
      ) : (
        <span className="m-small m-muted">{changes === 0 ? 'nothing to do' : plural(changes, 'step')}</span>
      )}
    </button>
  );
}

/** Whether anything is still to be installed. */
function installs(server: ServerPlanView): boolean {
  return server.steps.some((step) => step.kind === 'packages' && step.action !== 'none');
}

function ServerPlan({ server, route }: { readonly server: ServerPlanView; readonly route: NetworkRoute }) {
  const [all, setAll] = useState(false);
  const todo = server.steps.filter((step) => step.action !== 'none');
  const shown = all ? server.steps : todo;
  const files = shown.filter((step) => step.file !== null);
  const others = shown.filter((step) => step.file === null);
  return (
    <div className="m-stack">
      <p className="m-muted">
        {printable(server.address)}: {server.roles.map((role) => serverRoleNames[role]).join(', ')}
      </p>
      {shown
        .filter((step) => step.action === 'refuse')
        .map((step) => (
          <ErrorNotice
            key={step.id}
            error={{
              code: 'deploy.refused',
              message: `${step.label}: ${step.reason ?? ''}`,
              target: server.name,
              hint: 'Matriarch does not change what it did not set up: move it, or choose other paths or ports.',
              retryable: false,
            }}
          />
        ))}
      {server.packages.length === 0 ? null : (
        <div>
          <h3>Packages</h3>
          <p className="m-mono m-wrap">{server.packages.map(printable).join(' ')}</p>
          <p className="m-small m-muted m-wrap">
            {installs(server) ? `They are installed ${printable(packageRoute(route))}.` : 'Already installed.'}
          </p>
        </div>
      )}
      {files.length === 0 ? null : (
        <div>
          <h3>{plural(files.length, 'file')}</h3>
          <ul className="d-steps">
            {files.map((step) => (
              <StepRow key={step.id} step={step} />
            ))}
          </ul>
        </div>
      )}
      {others.length === 0 ? null : (
        <div>
          <h3>{plural(others.length, 'other step')}, in the order of their dependencies</h3>
          <ul className="d-steps">
            {others.map((step) => (
              <StepRow key={step.id} step={step} />
            ))}
          </ul>
        </div>
      )}
      <Firewall lines={server.firewall} />
      {server.steps.length === todo.length ? null : (
        <label className="d-radio">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
          Also show the {plural(server.steps.length - todo.length, 'step')} that{' '}
          {server.steps.length - todo.length === 1 ? 'is' : 'are'} done already
        </label>
      )}
    </div>
  );
}

/** What a firewall on the server must let in, as text to take along: nothing is changed in any firewall. */
function Firewall({ lines }: { readonly lines: readonly FirewallLine[] }) {
  if (lines.length === 0) return null;
  return (
    <details className="d-details">
      <summary>Connections a firewall must allow</summary>
      <div className="m-stack">
        <p className="m-small m-muted">
          Matriarch does not change firewalls; the preflight tests the connections between the servers. These are rules
          for nftables.
        </p>
        <table className="m-table">
          <TableHead columns={['For', 'From', 'To']} />
          <tbody>
            {lines.map((line) => (
              <tr key={line.rule}>
                <td>{line.what}</td>
                <td className="m-mono m-wrap">{line.from.map(printable).join(' ')}</td>
                <td className="m-mono">{line.to}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <Command text={lines.map((line) => line.rule).join('\n')} label="Copy the firewall rules" />
      </div>
    </details>
  );
}
