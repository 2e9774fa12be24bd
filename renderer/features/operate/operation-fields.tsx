import { Checkbox, FormGroup, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useId, type ReactNode } from 'react';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Candidate, Operation } from '../../../shared/model/operate/operation';
import { isPatroniAtLeast } from '../../../shared/rules/cluster/patroni-version';
import { printable } from '../../ui/text';
import { formatZone } from '../../ui/wording/format';
import { CandidateList } from './candidate-list';
import type { Fields } from './fields';

interface FieldsProps {
  readonly operation: Operation;
  readonly candidates: readonly Candidate[];
  /** The cluster as it is now; null until it was heard of. */
  readonly state: ClusterState | null;
  readonly fields: Fields;
  readonly onFields: (fields: Fields) => void;
}

/** What the user may choose for an operation. */
export function OperationFields(props: FieldsProps): ReactNode {
  const { operation } = props;
  switch (operation.kind) {
    case 'switchover':
    case 'failover':
    case 'schedule_switchover':
      return <TakeOverFields {...props} operation={operation} />;
    case 'schedule_restart':
      return (
        <>
          <TimeField {...props} />
          <PendingField {...props} />
        </>
      );
    case 'restart':
      return <PendingField {...props} />;
    case 'rolling_restart':
      return (
        <>
          <RoleField {...props} />
          <PendingField {...props} />
        </>
      );
    case 'reinit':
      return <FromLeaderField {...props} />;
    case 'change_config':
      return Object.keys(operation.patch).length > 0 ? null : <ParameterFields {...props} />;
    case 'promote_cluster':
      return <CutOffField {...props} />;
    case 'demote_cluster':
      return <SourceFields {...props} />;
    case 'reload':
    case 'pause':
    case 'resume':
    case 'cancel_switchover':
    case 'cancel_restart':
      return null;
  }
}

type TakeOver = Extract<Operation, { kind: 'switchover' | 'failover' | 'schedule_switchover' }>;

function TakeOverFields(props: FieldsProps & { readonly operation: TakeOver }) {
  const { operation, candidates, fields, onFields } = props;
  const failover = operation.kind === 'failover';
  return (
    <>
      {operation.kind === 'schedule_switchover' ? <TimeField {...props} /> : null}
      <CandidateList
        candidates={candidates}
        chosen={fields.candidate}
        mayBeBest={!failover}
        leader={failover ? null : operation.leader}
        onChoose={(candidate) => onFields({ ...fields, candidate })}
      />
    </>
  );
}

/** Offered where Patroni knows it (4.1 and later), or may know it because its version is not known. */
function FromLeaderField({ operation, state, fields, onFields }: FieldsProps) {
  const member = operation.kind === 'reinit' ? state?.members.find((one) => one.name === operation.member) : undefined;
  if (isPatroniAtLeast(member?.patroniVersion ?? null, '4.1.0') === false) return null;
  return (
    <Checkbox
      checked={fields.fromLeader}
      onChange={(event) => onFields({ ...fields, fromLeader: event.currentTarget.checked })}
      label="Copy from the leader, not from a replica"
    />
  );
}

/** Offered where the cluster that is followed is seen to take writes: nothing else asks for it. */
function CutOffField({ state, fields, onFields }: FieldsProps) {
  const site = state?.pair?.follows?.site ?? null;
  if (site === null || (site.writes.kind !== 'yes' && !fields.cutOff)) return null;
  return (
    <Checkbox
      checked={fields.cutOff}
      onChange={(event) => onFields({ ...fields, cutOff: event.currentTarget.checked })}
      label={`Applications cannot reach ${printable(site.title)}`}
    />
  );
}

function SourceFields({ fields, onFields }: FieldsProps) {
  return (
    <>
      <div className="m-form-row">
        <TextField
          label="Hosts to follow"
          help="Members parted by commas, or a virtual address"
          value={fields.host}
          onValue={(host) => onFields({ ...fields, host })}
        />
        <TextField
          label="Port"
          help="One for all hosts, or one for each"
          value={fields.port}
          onValue={(port) => onFields({ ...fields, port })}
        />
        <TextField
          label="Slot there"
          help="A permanent physical slot; leave empty for none"
          value={fields.slot}
          onValue={(slot) => onFields({ ...fields, slot })}
        />
      </div>
      <Checkbox
        checked={fields.lose}
        onChange={(event) => onFields({ ...fields, lose: event.currentTarget.checked })}
        label="What this cluster wrote since the two parted may be lost"
      />
    </>
  );
}

function TextField(props: {
  readonly label: string;
  readonly help: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}) {
  const id = useId();
  return (
    <FormGroup label={props.label} labelFor={id} helperText={props.help}>
      <InputGroup id={id} value={props.value} spellCheck={false} onValueChange={props.onValue} />
    </FormGroup>
  );
}

function TimeField({ fields, onFields }: FieldsProps) {
  const id = useId();
  const at = new Date(fields.time).getTime();
  return (
    <FormGroup
      label="When"
      labelFor={id}
      helperText={
        Number.isFinite(at) ? `In the time zone of this computer: ${formatZone(at)}` : 'Enter a date and a time.'
      }
    >
      <InputGroup
        id={id}
        type="datetime-local"
        value={fields.time}
        onValueChange={(time) => onFields({ ...fields, time })}
      />
    </FormGroup>
  );
}

function PendingField({ fields, onFields }: FieldsProps) {
  return (
    <Checkbox
      checked={fields.pendingOnly}
      onChange={(event) => onFields({ ...fields, pendingOnly: event.currentTarget.checked })}
      label="Only members with a pending restart"
    />
  );
}

function RoleField({ fields, onFields }: FieldsProps) {
  const id = useId();
  const role = (value: string): Fields['role'] => (value === 'leader' || value === 'replica' ? value : 'any');
  return (
    <FormGroup label="Which members" labelFor={id}>
      <HTMLSelect
        id={id}
        fill
        value={fields.role}
        onChange={(event) => onFields({ ...fields, role: role(event.currentTarget.value) })}
        options={[
          { value: 'any', label: 'All members' },
          { value: 'replica', label: 'Replicas only' },
          { value: 'leader', label: 'The leader only' },
        ]}
      />
    </FormGroup>
  );
}

function ParameterFields({ fields, onFields }: FieldsProps) {
  const name = useId();
  const value = useId();
  return (
    <div className="m-form-row">
      <FormGroup
        label="Parameter"
        labelFor={name}
        helperText="A PostgreSQL parameter, or a Patroni setting such as ttl"
      >
        <InputGroup
          id={name}
          value={fields.parameter}
          spellCheck={false}
          autoFocus
          placeholder="max_connections"
          onValueChange={(parameter) => onFields({ ...fields, parameter })}
        />
      </FormGroup>
      <FormGroup label="New value" labelFor={value} helperText="Leave empty to restore the default">
        <InputGroup
          id={value}
          value={fields.value}
          spellCheck={false}
          onValueChange={(next) => onFields({ ...fields, value: next })}
        />
      </FormGroup>
    </div>
  );
}
