import type { ServerSettings } from '../../../shared/model/configure/server-settings';
import { originOf } from '../../../shared/rules/configure/value-origin';
import { valueInWords } from '../../../shared/rules/configure/parameter-value';
import { Panel } from '../../ui/panel';
import { printable } from '../../ui/text';
import type { SettingRow } from './setting-rows';

/** Where a parameter's value comes from on each member, and why that wins. */
export function OriginPanel(props: {
  readonly row: SettingRow;
  readonly settings: ServerSettings;
  /** The value in the DCS; undefined where it is not set there. */
  readonly inDcs: unknown;
}) {
  const { row, settings } = props;
  const { definition } = row;
  if (definition === null) return null;
  return (
    <Panel title={`Where ${printable(row.name)} comes from`} flush>
      <table className="m-table m-table-dense">
        <thead>
          <tr>
            <th>Member</th>
            <th>Value</th>
            <th>Comes from</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(settings.members).map(([member, said]) => {
            const held = said.kind === 'known' ? said.values[definition.name] : undefined;
            if (said.kind === 'unknown' || held === undefined)
              return (
                <tr key={member}>
                  <td>{printable(member)}</td>
                  <td colSpan={3} className="m-wrap m-muted">
                    {said.kind === 'unknown' ? said.error.message : 'PostgreSQL on this member does not have it.'}
                  </td>
                </tr>
              );
            const origin = originOf({ definition, held, fileSettings: said.fileSettings, inDcs: props.inDcs });
            return (
              <tr key={member}>
                <td>{printable(member)}</td>
                <td className="m-mono">{printable(valueInWords(definition, held.value))}</td>
                <td className="m-wrap">{printable(origin.from)}</td>
                <td className="m-wrap m-muted">{printable(origin.why)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Panel>
  );
}
