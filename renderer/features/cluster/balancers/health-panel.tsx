import type { HealthAnswer } from '../../../../shared/model/balancers/balancers';
import type { Member } from '../../../../shared/model/cluster/member';
import { healthPaths } from '../../../../shared/rules/balancers/health-paths';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { StatusMark } from './haproxy-panel';

/** What each member's Patroni answers on the endpoints by which load balancers choose. */
export function HealthPanel(props: { readonly members: readonly Member[]; readonly answers: readonly HealthAnswer[] }) {
  const { members, answers } = props;
  const paths = [...new Set(answers.map(({ path }) => path))];
  if (members.length === 0) return null;
  return (
    <Panel title="Health endpoints of Patroni" note="200: takes such connections; 503: does not" flush>
      <table className="m-table m-table-dense" aria-label="Health endpoints">
        <thead>
          <tr>
            <th>Endpoint</th>
            {members.map(({ name }) => (
              <th key={name}>{printable(name)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {paths.map((path) => (
            <tr key={path}>
              <td>
                <div className="m-mono">{path}</div>
                <div className="m-small m-muted">{healthPaths[path] ?? 'Asked by a load balancer here'}</div>
              </td>
              {members.map(({ name }) => (
                <td key={name}>
                  <StatusMark
                    status={answers.find((answer) => answer.member === name && answer.path === path)?.status ?? null}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
