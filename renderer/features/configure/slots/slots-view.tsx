import { Button, FormGroup, InputGroup } from '@blueprintjs/core';
import { useId } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { ReplicationView, SlotReading } from '../../../../shared/model/postgres/replication';
import { isPatroniAtLeast, lowestPatroniVersion } from '../../../../shared/rules/cluster/patroni-version';
import {
  judgePermanentSlots,
  memberSlotsLife,
  readPermanentSlots,
  slotOnFailover,
  slotOwner,
  type PermanentSlot,
} from '../../../../shared/rules/configure/slots/permanent-slots';
import { bytesInWords } from '../../../../shared/rules/words/wording';
import { useAnswer } from '../../../rpc/hooks';
import { Mark } from '../../../ui/mark';
import { Empty, Panel } from '../../../ui/panel';
import { ReasonButton } from '../../../ui/reason-button';
import { TableHead } from '../../../ui/table-head';
import { printable } from '../../../ui/text';
import type { ConfigDraft } from '../use-draft';
import { AddSlot } from './add-slot';

interface SlotsProps {
  readonly state: ClusterState;
  readonly draft: ConfigDraft;
  /** Why the draft cannot be changed now; null where it can. */
  readonly why: string | null;
}

/** A slot of a server, with the member it is on. */
interface HeldSlot extends SlotReading {
  readonly member: string;
}

/** The slots that Patroni keeps whoever leads, and what it does with all others. They change the draft. */
export function SlotsView(props: SlotsProps) {
  const { state } = props;
  const answer = useAnswer(state.clusterId, (client) => client.postgres.replication({ clusterId: state.clusterId }));
  const held = answer.value === null ? null : heldSlots(answer.value);
  return (
    <div className="m-stack">
      <Permanent {...props} held={held} note={answer.error?.message ?? null} />
      <Others {...props} held={held} />
    </div>
  );
}

function heldSlots({ members }: ReplicationView): readonly HeldSlot[] {
  return members.flatMap((one) =>
    one.kind === 'known' ? one.slots.map((slot) => ({ ...slot, member: one.member })) : [],
  );
}

function Permanent(props: SlotsProps & { readonly held: readonly HeldSlot[] | null; readonly note: string | null }) {
  const { state, draft, why } = props;
  const version = lowestPatroniVersion(state.members.map((member) => member.patroniVersion));
  const slots = readPermanentSlots(draft.config);
  const issues = judgePermanentSlots(draft.config, state);
  return (
    <Panel title="Permanent slots" note="changes the draft; Review shows and applies it" flush>
      {slots.length === 0 ? (
        <Empty title="No permanent slot">
          <p>A permanent slot is kept when another member takes over. Patroni removes slots that it does not know.</p>
        </Empty>
      ) : (
        <table className="m-table m-table-dense">
          <TableHead
            columns={['Slot', 'Type', 'WAL that it retains', 'When another member takes over']}
            unseen="Actions"
          />
          <tbody>
            {slots.map((slot) => (
              <tr key={slot.name} data-testid={`slot-${slot.name}`}>
                <td className="m-mono">{printable(slot.name)}</td>
                <td className="m-wrap">{printable(typeInWords(slot))}</td>
                <td className="m-wrap">{printable(retainedInWords(slot.name, props.held))}</td>
                <td className="m-wrap m-muted">{printable(slotOnFailover(slot.kind, version))}</td>
                <td>
                  <ReasonButton
                    size="small"
                    text="Remove"
                    aria-label={`Remove ${slot.name}`}
                    why={why}
                    onClick={() => draft.setValue(['slots', slot.name], undefined)}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {props.note === null ? null : <p className="m-panel-body m-small m-muted">{printable(props.note)}</p>}
      {issues.length === 0 ? null : (
        <ul className="m-consequences m-panel-body" aria-label="Checks of the slots">
          {issues.map(({ path, severity, sentence, advice }) => (
            <li key={`${path.join('.')} ${sentence}`}>
              <Mark tone={severity === 'error' ? 'crit' : 'warn'} word={printable(`${sentence} ${advice}`)} />
            </li>
          ))}
        </ul>
      )}
      <AddSlot draft={draft} why={why} />
    </Panel>
  );
}

function typeInWords({ kind, database, plugin }: PermanentSlot): string {
  return kind === 'logical' ? `logical, ${database ?? 'no database'}, ${plugin ?? 'no plugin'}` : kind;
}

function retainedInWords(name: string, held: readonly HeldSlot[] | null): string {
  if (held === null) return 'not known';
  const found = held.filter((slot) => slot.name === name);
  if (found.length === 0) return 'on no member yet';
  return found
    .map(({ member, retained }) => `${member}: ${retained === null ? 'none' : bytesInWords(retained)}`)
    .join(', ');
}

/** The slots of members, and those that nobody told Patroni of. */
function Others(props: SlotsProps & { readonly held: readonly HeldSlot[] | null }) {
  const { state, draft, why } = props;
  const version = lowestPatroniVersion(state.members.map((member) => member.patroniVersion));
  const others = (props.held ?? []).filter(
    (slot) => !slot.temporary && slotOwner(slot, draft.config, state.members).kind !== 'permanent',
  );
  return (
    <Panel title="Other slots" note="as the members have them" flush>
      <p className="m-panel-body m-small m-muted">{memberSlotsLife(version)}</p>
      {isPatroniAtLeast(version, '4.0.0') === true ? <MemberSlotsTtl draft={draft} why={why} /> : null}
      {others.length === 0 ? null : (
        <table className="m-table m-table-dense">
          <TableHead columns={['Slot', 'On', 'Retains', 'Whose']} unseen="Actions" />
          <tbody>
            {others.map((slot) => (
              <OtherRow key={`${slot.member} ${slot.name}`} {...props} slot={slot} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function OtherRow({ slot, state, draft, why }: SlotsProps & { readonly slot: HeldSlot }) {
  const owner = slotOwner(slot, draft.config, state.members);
  const keep = () =>
    draft.setValue(
      ['slots', slot.name],
      slot.kind === 'logical'
        ? { type: 'logical', database: slot.database, plugin: slot.plugin }
        : { type: 'physical' },
    );
  return (
    <tr>
      <td className="m-mono">{printable(slot.name)}</td>
      <td>{printable(slot.member)}</td>
      <td>{slot.retained === null ? 'none' : bytesInWords(slot.retained)}</td>
      <td className="m-wrap">{ownerInWords(owner)}</td>
      <td>
        {owner.kind === 'nobody' ? (
          <div className="m-row m-row-actions">
            <ReasonButton size="small" text="Keep" aria-label={`Keep ${slot.name}`} why={why} onClick={keep} />
            <ReasonButton
              size="small"
              text="Leave alone"
              aria-label={`Leave ${slot.name} alone`}
              why={why}
              onClick={() =>
                draft.setValue(['ignore_slots'], [...ignoredSlots(draft), { name: slot.name, type: slot.kind }])
              }
            />
          </div>
        ) : null}
      </td>
    </tr>
  );
}

function ignoredSlots({ config }: ConfigDraft): readonly unknown[] {
  return Array.isArray(config['ignore_slots']) ? config['ignore_slots'] : [];
}

function ownerInWords(owner: ReturnType<typeof slotOwner>): string {
  switch (owner.kind) {
    case 'permanent':
      return 'permanent';
    case 'member':
      return `of the member ${printable(owner.member)}`;
    case 'ignored':
      return 'left alone (ignore_slots)';
    case 'nobody':
      return 'not known to Patroni, which removes it from the leader unless it is in use';
  }
}

function MemberSlotsTtl({ draft, why }: { readonly draft: ConfigDraft; readonly why: string | null }) {
  const id = useId();
  const set = draft.config['member_slots_ttl'];
  return (
    <div className="m-panel-body m-row">
      <FormGroup
        label="member_slots_ttl"
        labelFor={id}
        helperText="How long the slot of a member that is away is kept; 0: not at all."
      >
        <InputGroup
          id={id}
          disabled={why !== null}
          placeholder="30min"
          value={set === undefined ? '' : String(set)}
          onValueChange={(text) => draft.setValue(['member_slots_ttl'], text.trim() === '' ? undefined : text.trim())}
        />
      </FormGroup>
      {set === undefined ? null : (
        <Button size="small" text="Default" onClick={() => draft.setValue(['member_slots_ttl'], undefined)} />
      )}
    </div>
  );
}
