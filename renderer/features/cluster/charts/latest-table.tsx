import type { ChartMember } from '../../../../shared/model/statistics/charts';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { Ago } from '../../../ui/time';
import { chartGroups } from './chart-facts';

/** The newest figure of every chart as a table, for whoever does not see the lines. */
export function LatestTable({ members }: { readonly members: readonly ChartMember[] }) {
  return (
    <Panel title="Latest figures" flush>
      <div className="m-scroll-x" tabIndex={0} role="region" aria-label="Latest figures as a table">
        <table className="m-table">
          <thead>
            <tr>
              <th scope="col">Figure</th>
              {members.map(({ name }) => (
                <th key={name} scope="col" className="m-num">
                  {printable(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {chartGroups
              .flatMap(({ charts }) => charts)
              .map(({ metric, title, kind }) => (
                <tr key={metric}>
                  <th scope="row">{title}</th>
                  {members.map(({ name, latest }) => (
                    <td key={name} className="m-num">
                      {latest[metric] === undefined ? '–' : kind.write(latest[metric].value)}
                    </td>
                  ))}
                </tr>
              ))}
            <tr>
              <th scope="row">As of</th>
              {members.map(({ name, latest }) => {
                const newest = Math.max(0, ...Object.values(latest).map(({ at }) => at));
                return (
                  <td key={name} className="m-num">
                    {newest === 0 ? '–' : <Ago at={newest} />}
                  </td>
                );
              })}
            </tr>
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
