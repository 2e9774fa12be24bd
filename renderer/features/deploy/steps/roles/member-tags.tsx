import { HTMLSelect } from '@blueprintjs/core';
import type { ServerSpec } from '../../../../../shared/model/deploy/spec/server-spec';
import { printable } from '../../../../ui/text';
import { serverKey } from '../../../../deployment/form/server-key';
import { withTags } from '../../../../deployment/form/servers';
import { useSpec, useWizard } from '../../wizard/wizard-context';

type Tags = ServerSpec['tags'];

interface TagSwitch {
  readonly tag: string;
  readonly label: string;
  readonly explain: string;
  readonly isOn: (tags: Tags) => boolean;
  readonly set: (tags: Tags, on: boolean) => Tags;
}

/** Patroni's tags that are on or off, as docs of Patroni describe them (yaml_configuration, "Tags"). */
const switches: readonly TagSwitch[] = [
  {
    tag: 'nofailover',
    label: 'Never leads',
    explain: 'Patroni never makes it the leader.',
    isOn: (tags) => tags.nofailover === true,
    set: ({ nofailover: _old, ...rest }, on) => (on ? { ...rest, nofailover: true } : rest),
  },
  {
    tag: 'noloadbalance',
    label: 'No reads',
    explain: 'HAProxy sends it no reads.',
    isOn: (tags) => tags.noloadbalance === true,
    set: ({ noloadbalance: _old, ...rest }, on) => (on ? { ...rest, noloadbalance: true } : rest),
  },
  {
    tag: 'clonefrom',
    label: 'Copied from',
    explain: 'New replicas copy their data from it instead of the leader.',
    isOn: (tags) => tags.clonefrom === true,
    set: ({ clonefrom: _old, ...rest }, on) => (on ? { ...rest, clonefrom: true } : rest),
  },
  {
    tag: 'nosync',
    label: 'Never synchronous',
    explain: 'No commit ever waits for it.',
    isOn: (tags) => tags.nosync === true,
    set: ({ nosync: _old, ...rest }, on) => (on ? { ...rest, nosync: true } : rest),
  },
];

/** What single members do or do not do, by Patroni's tags. */
export function MemberTags() {
  const spec = useSpec();
  const members = spec.servers.filter((server) => server.roles.includes('postgres'));
  if (members.length < 2) return null;
  return (
    <details className="d-details">
      <summary>Restrict what members do (tags)</summary>
      <div className="m-panel d-picture" role="region" aria-label="Tags of the members" tabIndex={0}>
        <table className="m-table">
          <thead>
            <tr>
              <th>Member</th>
              {switches.map(({ tag, label, explain }) => (
                <th key={tag} title={`${explain} (${tag})`}>
                  {label}
                </th>
              ))}
              <th title="Cascading replication (replicatefrom)">Streams from</th>
            </tr>
          </thead>
          <tbody>
            {members.map((server) => (
              <Row key={serverKey(server)} server={server} others={members.filter((one) => one !== server)} />
            ))}
          </tbody>
        </table>
        <ul className="d-list m-small m-muted">
          {switches.map(({ tag, label, explain }) => (
            <li key={tag}>
              {label} ({tag}): {explain}
            </li>
          ))}
        </ul>
      </div>
    </details>
  );
}

function Row({ server, others }: { readonly server: ServerSpec; readonly others: readonly ServerSpec[] }) {
  const wizard = useWizard();
  const set = (tags: Tags) => wizard.change((form) => withTags(form, serverKey(server), tags));
  const { replicatefrom, ...rest } = server.tags;
  const stream = (name: string) => set(name === '' ? rest : { ...rest, replicatefrom: name });
  return (
    <tr>
      <td className="m-strong">{printable(server.name)}</td>
      {switches.map((one) => (
        <td key={one.tag}>
          <input
            type="checkbox"
            className="d-tag"
            aria-label={`${one.label}: ${server.name}`}
            checked={one.isOn(server.tags)}
            onChange={(event) => set(one.set(server.tags, event.currentTarget.checked))}
          />
        </td>
      ))}
      <td>
        <HTMLSelect
          aria-label={`${server.name} streams from`}
          value={replicatefrom ?? ''}
          onChange={(event) => stream(event.currentTarget.value)}
        >
          <option value="">the leader</option>
          {others.map((other) => (
            <option key={serverKey(other)} value={other.name}>
              {printable(other.name)}
            </option>
          ))}
        </HTMLSelect>
      </td>
    </tr>
  );
}
