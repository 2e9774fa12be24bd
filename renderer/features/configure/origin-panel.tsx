import type { OwnParameters } from '../../../shared/model/configure/member-file';
import type { MemberSettings, ServerSettings } from '../../../shared/model/configure/server-settings';
import type { ParameterDefinition } from '../../../shared/model/configure/parameter';
import { originOf, valuePlaces, type OwnValue, type ValuePlace } from '../../../shared/rules/configure/value-origin';
import { valueInWords } from '../../../shared/rules/configure/parameter-value';
import { useAnswer } from '../../rpc/hooks';
import { Panel } from '../../ui/panel';
import { TableHead } from '../../ui/table-head';
import { printable } from '../../ui/text';
import type { SettingRow } from './setting-rows';

/** Where a parameter's value comes from on each member, why that wins, and where else it is set. */
export function OriginPanel(props: {
  readonly clusterId: string;
  readonly row: SettingRow;
  readonly settings: ServerSettings;
  /** The value in the DCS; undefined where it is not set there. */
  readonly inDcs: unknown;
}) {
  const { clusterId, row, settings } = props;
  const own = useAnswer(clusterId, (client) => client.configure.ownParameters({ clusterId }));
  const { definition } = row;
  if (definition === null) return null;
  const note = own.loading ? "The members' own files are being read." : undefined;
  return (
    <Panel title={`Where ${printable(row.name)} comes from`} note={note} flush>
      <table className="m-table m-table-dense">
        <TableHead columns={['Member', 'Value', 'Comes from', 'Why', 'Set in']} />
        <tbody>
          {Object.entries(settings.members).map(([member, said]) => (
            <OfMember
              key={member}
              member={member}
              said={said}
              definition={definition}
              inDcs={props.inDcs}
              own={ownValue(own.value?.[member], definition.name)}
            />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function ownValue(own: OwnParameters | undefined, name: string): OwnValue {
  if (own === undefined || own.kind === 'unknown') return { kind: 'unknown' };
  const set = Object.hasOwn(own.parameters, name) ? own.parameters[name] : undefined;
  return set === undefined ? { kind: 'not_set' } : { kind: 'set', ...set };
}

function OfMember(props: {
  readonly member: string;
  readonly said: MemberSettings;
  readonly definition: ParameterDefinition;
  readonly inDcs: unknown;
  readonly own: OwnValue;
}) {
  const { member, said, definition } = props;
  const held = said.kind === 'known' ? said.values[definition.name] : undefined;
  if (said.kind === 'unknown' || held === undefined)
    return (
      <tr>
        <td>{printable(member)}</td>
        <td colSpan={4} className="m-wrap m-muted">
          {said.kind === 'unknown' ? said.error.message : 'PostgreSQL on this member does not have it.'}
        </td>
      </tr>
    );
  const question = { definition, held, fileSettings: said.fileSettings, inDcs: props.inDcs, own: props.own };
  const origin = originOf(question);
  return (
    <tr data-testid={`origin-${member}`}>
      <td>{printable(member)}</td>
      <td className="m-mono">{printable(valueInWords(definition, held.value))}</td>
      <td className="m-wrap">{printable(origin.from)}</td>
      <td className="m-wrap m-muted">{printable(origin.why)}</td>
      <td className="m-small">
        <Places places={valuePlaces(question)} />
      </td>
    </tr>
  );
}

function Places({ places }: { readonly places: readonly ValuePlace[] }) {
  return (
    <ol className="m-config-places">
      {places.map(({ place, value, wins }) => (
        <li key={place} className={wins ? 'm-strong' : 'm-muted'}>
          {place}: {printable(value === '' ? 'empty' : value)}
          {wins ? ' (wins)' : ''}
        </li>
      ))}
    </ol>
  );
}
