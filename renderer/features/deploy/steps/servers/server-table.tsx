import { Button, InputGroup } from '@blueprintjs/core';
import { CrossIcon, EditIcon, RefreshIcon } from '@blueprintjs/icons';
import { useState } from 'react';
import type { Server } from '../../../../../shared/model/connect/server';
import type { ServerSpec } from '../../../../../shared/model/deploy/spec/server-spec';
import { FactsLine } from '../../../../deployment/plan/facts-line';
import { Mark } from '../../../../ui/mark';
import { ErrorNotice } from '../../../../ui/notice';
import { TableHead } from '../../../../ui/table-head';
import { printable } from '../../../../ui/text';
import { ServerDialog } from '../../../../server-editor/server-dialogs';
import { problemAt } from '../../../../deployment/form/problems';
import { serverKey } from '../../../../deployment/form/server-key';
import { usable, withName, withoutServer, withServer } from '../../../../deployment/form/servers';
import { useProblems, useSpec, useWizard, useWizardState } from '../../wizard/wizard-context';
import type { Inspection } from '../../wizard/wizard-store';

/** The servers of the cluster: name, address, what was seen. */
export function ServerTable() {
  const wizard = useWizard();
  const spec = useSpec();
  const [editing, setEditing] = useState<Server | null>(null);
  const close = () => {
    const id = editing?.id;
    setEditing(null);
    if (id !== undefined)
      void wizard.reloadInventory().then(
        () => wizard.inspect([id]),
        () => undefined,
      );
  };
  return (
    <>
      <table className="m-table d-servers">
        <colgroup>
          <col style={{ width: '19%' }} />
          <col style={{ width: '20%' }} />
          <col />
          <col style={{ width: 108 }} />
        </colgroup>
        <TableHead columns={['Name', 'Address', 'Inspection']} unseen="Actions" />
        <tbody>
          {spec.servers.map((server, index) => (
            <Row key={serverKey(server)} server={server} index={index} onEdit={setEditing} />
          ))}
        </tbody>
      </table>
      {editing === null ? null : <ServerDialog server={editing} onClose={close} />}
    </>
  );
}

function Row({
  server,
  index,
  onEdit,
}: {
  readonly server: ServerSpec;
  readonly index: number;
  readonly onEdit: (server: Server) => void;
}) {
  const wizard = useWizard();
  const key = serverKey(server);
  const inspection = useWizardState((state) => state.inspections[key]);
  const entry = useWizardState((state) => state.inventory.find((one) => one.id === key));
  const problems = useProblems();
  const addresses =
    inspection?.kind === 'done' && inspection.result.facts !== null ? usable(inspection.result.facts.addresses) : [];
  return (
    <tr>
      <td>
        <Cell
          label={`Name of server ${index + 1}`}
          value={server.name}
          problem={problemAt(problems, `servers.${index}.name`)}
          onValue={(name) => wizard.change((form) => withName(form, key, name.trim()))}
        />
      </td>
      <td>
        <Cell
          label={`Address of ${server.name}`}
          value={server.address}
          options={addresses}
          problem={problemAt(problems, `servers.${index}.address`)}
          onValue={(address) => wizard.change((form) => withServer(form, key, { address: address.trim() }))}
        />
      </td>
      <td>
        <InspectionResult
          inspection={inspection}
          login={entry === undefined ? key : `${entry.user}@${entry.host}${entry.port === 22 ? '' : `:${entry.port}`}`}
        />
      </td>
      <td className="d-row-tools">
        <Button
          size="small"
          variant="minimal"
          icon={<RefreshIcon />}
          aria-label={`Inspect ${server.name} again`}
          onClick={() => void wizard.inspect([key])}
        />
        {entry === undefined ? null : (
          <Button
            size="small"
            variant="minimal"
            icon={<EditIcon />}
            aria-label={`Edit the connection to ${server.name}`}
            onClick={() => onEdit(entry)}
          />
        )}
        <Button
          size="small"
          variant="minimal"
          icon={<CrossIcon />}
          aria-label={`Remove ${server.name} from the cluster`}
          onClick={() => wizard.change((form) => withoutServer(form, key))}
        />
      </td>
    </tr>
  );
}

function Cell(props: {
  readonly label: string;
  readonly value: string;
  readonly options?: readonly string[];
  readonly problem: string | undefined;
  readonly onValue: (value: string) => void;
}) {
  const list =
    props.options === undefined || props.options.length === 0
      ? undefined
      : `list-${props.label.replaceAll(/\W+/g, '-')}`;
  return (
    <>
      <InputGroup
        size="small"
        aria-label={props.label}
        value={props.value}
        autoComplete="off"
        spellCheck={false}
        intent={props.problem === undefined ? 'none' : 'danger'}
        aria-invalid={props.problem !== undefined}
        onValueChange={props.onValue}
        {...(list === undefined ? {} : { list })}
      />
      {list === undefined ? null : (
        <datalist id={list}>
          {props.options?.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
      {props.problem === undefined ? null : <span className="m-small m-tone-crit">{printable(props.problem)}</span>}
    </>
  );
}

function InspectionResult({
  inspection,
  login,
}: {
  readonly inspection: Inspection | undefined;
  readonly login: string;
}) {
  if (inspection === undefined)
    return (
      <div>
        <Mark tone="idle" word="Not inspected yet" />
        <div className="m-small m-muted m-mono">{printable(login)}</div>
      </div>
    );
  if (inspection.kind === 'running')
    return (
      <div>
        <Mark tone="busy" word="Inspecting" />
        <div className="m-small m-muted m-mono">{printable(login)}</div>
      </div>
    );
  if (inspection.result.facts === null) return <ErrorNotice error={inspection.result.error} />;
  return <FactsLine facts={inspection.result.facts} login={login} />;
}
