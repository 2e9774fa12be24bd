import { FormGroup, HTMLSelect } from '@blueprintjs/core';
import { useId, useState, type ReactNode } from 'react';
import type { DrillChoice, DrillPreview } from '../../../../../shared/model/drill/drill';
import { drillFaultWords, drillWayWords, targetsInWords } from '../../../../../shared/rules/drill/drill-words';
import { CheckList } from '../../../../ui/check-list';
import { Command } from '../../../../ui/command';
import { Consequences } from '../../../../ui/consequences';
import { printable } from '../../../../ui/text';
import { PreviewedJobDialog } from '../previewed-job-dialog';

/** Looks at the cluster and asks once: the server that writes, the ways, what speaks against it, what will happen. */
export function DrillDialog(props: {
  readonly clusterId: string;
  readonly first: DrillChoice;
  readonly onClose: () => void;
}) {
  const { clusterId } = props;
  const [choice, setChoice] = useState(props.first);
  return (
    <PreviewedJobDialog
      title={() => `Drill: ${drillFaultWords[choice.fault]}`}
      testId="drill-dialog"
      action="Hold the drill"
      words={{
        looking: 'Looking at the cluster, its load balancers and the server of the leader.',
        waiting: 'The cluster is being looked at.',
        unread: 'The cluster could not be looked at.',
      }}
      wish={{ clusterId, choice }}
      ask={(client) => client.drills.preview({ clusterId, choice })}
      start={(client, { choice: shown, fingerprint }, confirmed) =>
        client.drills.start({ clusterId, choice: shown, fingerprint, ...confirmed })
      }
      show={(preview, name) => (
        <Shown preview={preview} name={name} onServer={(serverId) => setChoice({ ...choice, serverId })} />
      )}
      onClose={props.onClose}
    />
  );
}

function Shown(props: {
  readonly preview: DrillPreview;
  readonly name: ReactNode;
  readonly onServer: (serverId: string) => void;
}) {
  const { preview } = props;
  const id = useId();
  const chosen = preview.ways.filter(({ kind, missing }) => missing === null && preview.choice.ways.includes(kind));
  return (
    <>
      <FormGroup
        label="Server that writes"
        labelFor={id}
        helperText="It writes by psql, and this computer writes through its SSH connection."
      >
        <HTMLSelect
          id={id}
          value={preview.choice.serverId ?? ''}
          onChange={(event) => props.onServer(event.currentTarget.value)}
        >
          {preview.servers.map(({ serverId, name, member }) => (
            <option key={serverId} value={serverId}>
              {printable(member === null || member === name ? name : `${name} (${member})`)}
            </option>
          ))}
        </HTMLSelect>
      </FormGroup>
      <CheckList checks={preview.checks} />
      <dl className="m-facts">
        {chosen.map(({ kind, targets }) => (
          <div key={kind}>
            <dt>{drillWayWords[kind]}</dt>
            <dd className="m-wrap">{printable(targetsInWords(targets))}</dd>
          </div>
        ))}
      </dl>
      <Consequences consequences={preview.consequences} />
      {props.name}
      <details className="m-details">
        <summary>Equivalent commands</summary>
        <Command text={preview.command} />
      </details>
    </>
  );
}
