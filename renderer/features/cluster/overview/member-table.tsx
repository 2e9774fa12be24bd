import { Button } from '@blueprintjs/core';
import { CrownIcon, MoreIcon } from '@blueprintjs/icons';
import { memo, useMemo, type ReactNode } from 'react';
import type { ClusterEvent, ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { Lag, Member } from '../../../../shared/model/cluster/member';
import { clusterName } from '../../../../shared/rules/citus/citus-names';
import { isRunning } from '../../../../shared/rules/cluster/member-facts';
import { membersSince, stateSince, type StateSince } from '../../../../shared/rules/cluster/member-since';
import type { MemberColumn } from '../../../../shared/model/app/settings';
import type { Operation } from '../../../../shared/model/operate/operation';
import { waitsForRestart } from '../../../../shared/rules/operate/restart-order';
import { useOpen } from '../../../navigation/overlays';
import { useMemberColumns } from '../../../rpc/columns';
import { ColumnMenu } from '../../../ui/column-menu';
import {
  formatBytes,
  formatDateTime,
  formatMoment,
  formatLsn,
  formatPostgresVersion,
  plural,
} from '../../../ui/wording/format';
import { spanInWords } from '../../../../shared/rules/words/wording';
import { Chip, ConditionMark } from '../../../ui/mark';
import { Panel } from '../../../ui/panel';
import { Copyable } from '../../../ui/copyable';
import { ReasonButton } from '../../../ui/reason-button';
import { SortHeader, useSorted, type Sorted, type SortValue } from '../../../ui/sort';
import { Term } from '../../../ui/term';
import type { GlossaryTerm } from '../../../ui/wording/glossary';
import { Name, printable } from '../../../ui/text';
import { Ago, useNow } from '../../../ui/time';
import { conditionWords, roleWords, stateWord } from '../../../ui/wording/words';
import { ActionMenu } from '../../../actions/action-menu';
import { memberOffers, takeOver, whyNot } from '../../../../shared/rules/operate/offers';
import { useScene } from '../../../actions/use-scene';

type AnyColumn = 'name' | 'state' | MemberColumn;

const widths: Readonly<Record<AnyColumn, string>> = {
  name: '19%',
  state: '19%',
  timeline: '7.5%',
  receive: '8.5%',
  replay: '8.5%',
  upstream: '10%',
  version: '12%',
  contact: '9%',
};
const actionsPx = 138;

const chosen: readonly (readonly [MemberColumn, string])[] = [
  ['timeline', 'Timeline'],
  ['receive', 'Receive lag'],
  ['replay', 'Replay lag'],
  ['upstream', 'Streams from'],
  ['version', 'Versions'],
  ['contact', 'DCS contact'],
];

/** Columns of numbers, and those whose name is a term that is explained. */
const numeric: ReadonlySet<AnyColumn> = new Set(['timeline', 'receive', 'replay']);
const terms: Readonly<Partial<Record<AnyColumn, GlossaryTerm>>> = {
  timeline: 'timeline',
  receive: 'receive lag',
  replay: 'replay lag',
  contact: 'DCS contact',
};

/** What a member has in a column, for sorting. */
function valueOf(member: Member, column: AnyColumn): SortValue {
  switch (column) {
    case 'name':
      return member.name;
    case 'state':
      return conditionWords[member.condition].word;
    case 'timeline':
      return member.timeline;
    case 'receive':
      return member.lag?.receive ?? null;
    case 'replay':
      return member.lag?.replay ?? null;
    case 'upstream':
      return member.upstream;
    case 'version':
      return member.postgresVersion;
    case 'contact':
      return member.dcsLastSeen;
  }
}

/** Every member with its figures; what is not known says so. */
export function MemberTable({
  state,
  events,
}: {
  readonly state: ClusterState;
  readonly events: readonly ClusterEvent[];
}) {
  const since = useMemo(() => membersSince(events), [events]);
  const sorted = useSorted(state.members, valueOf);
  const { hidden, onHidden } = useMemberColumns();
  const shown = chosen.filter(([column]) => !hidden.has(column));
  const columns: readonly (readonly [AnyColumn, string])[] = [['name', 'Member'], ['state', 'State'], ...shown];
  return (
    <Panel title="Members" note={plural(state.members.length, 'member')} tools={<RestartPending state={state} />} flush>
      <table className="m-table m-table-fixed m-members">
        <caption className="m-hidden">Members of {printable(clusterName(state))}</caption>
        <colgroup>
          {columns.map(([column]) => (
            <col key={column} className={`m-col-${column}`} style={{ width: widths[column] }} />
          ))}
          <col style={{ width: actionsPx }} />
        </colgroup>
        <thead>
          <tr>
            {columns.map(([column, name]) => (
              <ColumnHead key={column} column={column} name={name} sorted={sorted} />
            ))}
            <th className="m-head-tools">
              <span className="m-hidden">Actions</span>
              <ColumnMenu what="the members" choice={{ columns: chosen, hidden, onHidden }} />
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.rows.map((member) => (
            <MemberRow
              key={member.name}
              state={state}
              member={member}
              since={since.get(member.name) ?? null}
              hidden={hidden}
            />
          ))}
        </tbody>
      </table>
      {state.members.length === 0 ? <p className="m-panel-body m-muted">No member is known yet.</p> : null}
    </Panel>
  );
}

function ColumnHead(props: {
  readonly column: AnyColumn;
  readonly name: string;
  readonly sorted: Sorted<Member, AnyColumn>;
}) {
  const { column, name, sorted } = props;
  const term = terms[column];
  return (
    <SortHeader column={column} name={name} sorted={sorted} numeric={numeric.has(column)} className={`m-col-${column}`}>
      {term === undefined ? undefined : <Term name={term}>{name}</Term>}
    </SortHeader>
  );
}

const MemberRow = memo(function MemberRow({
  state,
  member,
  since,
  hidden,
}: {
  readonly state: ClusterState;
  readonly member: Member;
  readonly since: number | null;
  readonly hidden: ReadonlySet<MemberColumn>;
}) {
  const leads = state.leader.holder === member.name;
  return (
    <tr data-testid={`member-${member.name}`}>
      <td className={staleClass(member)}>
        <MemberName member={member} leads={leads} />
      </td>
      <td className={member.stale ? 'm-stale-state' : ''}>
        <StateCell member={member} since={since} />
      </td>
      {chosen.map(([column]) =>
        hidden.has(column) ? null : (
          <td key={column} className={cellClass(column, member)} {...titleOf(column, member)}>
            <Figure column={column} member={member} leads={leads} />
          </td>
        ),
      )}
      <td>
        <RowActions state={state} member={member} leads={leads} />
      </td>
    </tr>
  );
});

const small: ReadonlySet<MemberColumn> = new Set(['version', 'contact']);

function cellClass(column: MemberColumn, member: Member): string {
  const kind = numeric.has(column) ? 'm-num' : '';
  return `m-col-${column} ${kind} ${small.has(column) ? 'm-small' : ''} ${staleClass(member)}`;
}

function titleOf(column: MemberColumn, member: Member): { readonly title?: string } {
  return column === 'timeline' ? { title: `WAL position ${formatLsn(member.lsn)}` } : {};
}

/** What a member has in one of the columns that can be hidden. */
function Figure(props: { readonly column: MemberColumn; readonly member: Member; readonly leads: boolean }): ReactNode {
  const { column, member, leads } = props;
  switch (column) {
    case 'timeline':
      return member.timeline ?? <Unknown />;
    case 'receive':
      return leads ? <None /> : <LagText bytes={member.lag?.receive ?? null} lag={member.lag} />;
    case 'replay':
      return (
        <>
          {leads ? <None /> : <LagText bytes={member.lag?.replay ?? null} lag={member.lag} />}
          {member.replayPaused === true ? <div className="m-small m-tone-warn">replay paused</div> : null}
        </>
      );
    case 'upstream':
      return <Upstream member={member} leads={leads} />;
    case 'version':
      return <Versions member={member} />;
    case 'contact':
      return <DcsContact member={member} />;
  }
}

const staleClass = (member: Member) => (member.stale ? 'm-stale' : '');

function Unknown() {
  return (
    <span className="m-muted" title="not known">
      not known
    </span>
  );
}

function None() {
  return (
    <span className="m-muted" aria-label="does not apply to the leader">
      –
    </span>
  );
}

function MemberName({ member, leads }: { readonly member: Member; readonly leads: boolean }) {
  const tags = Object.entries(member.tags).map(([name, value]) =>
    printable(value === true ? name : `${name}: ${String(value)}`),
  );
  const address = addressOf(member);
  return (
    <div className="m-stack-tight">
      <span className="m-row">
        {leads ? <CrownIcon size={13} className="m-crown" aria-label="holds the leader lock" /> : null}
        <Name text={member.name} strong />
      </span>
      <span className="m-member-line m-small m-muted">
        <span>{roleWords[member.role]}</span>
        {address === null ? null : (
          <span className="m-clip">
            <Copyable text={address} what="the address" />
          </span>
        )}
        {tags.length === 0 ? null : (
          <span className="m-member-tags m-clip" title={tags.join(', ')}>
            {tags.join(', ')}
          </span>
        )}
      </span>
    </div>
  );
}

/** Where its PostgreSQL listens; the usual port is left out. */
function addressOf(member: Member): string | null {
  if (member.host === null) return null;
  return member.port === null || member.port === 5432
    ? printable(member.host)
    : `${printable(member.host)}:${member.port}`;
}

function StateCell({ member, since }: { readonly member: Member; readonly since: number | null }) {
  return (
    <div className="m-stack-tight">
      <span className="m-row">
        <ConditionMark condition={member.condition} stale={member.stale} />
      </span>
      {waitsForRestart(member) && isRunning(member) && !member.stale ? (
        <span className="m-row">
          <Pending member={member} />
        </span>
      ) : (
        <span className="m-small m-muted m-clip">
          {isRunning(member) ? '' : 'PostgreSQL '}
          {printable(stateWord(member))}
          {member.stale ? ', last known' : ''} <Since since={stateSince(member, since)} />
        </span>
      )}
    </div>
  );
}

function Versions({ member }: { readonly member: Member }) {
  if (member.postgresVersion === null && member.patroniVersion === null) return <Unknown />;
  return (
    <>
      <div className="m-nowrap">PostgreSQL {formatPostgresVersion(member.postgresVersion)}</div>
      <div className="m-muted m-nowrap">Patroni {member.patroniVersion ?? 'not known'}</div>
    </>
  );
}

/** Since when PostgreSQL runs, or the member was seen to be as it is; nothing where neither is known. */
function Since({ since }: { readonly since: StateSince | null }) {
  const now = useNow();
  if (since === null) return null;
  const isStart = since.from === 'postgres';
  return (
    <time
      className="m-nowrap"
      dateTime={new Date(since.at).toISOString()}
      title={`${isStart ? 'PostgreSQL started' : 'First seen in this state'}: ${formatDateTime(since.at)}`}
    >
      {isStart ? 'since' : 'seen'} {formatMoment(since.at, now)}
    </time>
  );
}

/** That a restart is pending, in place of since when it runs; for which parameters is said once, in the findings. */
function Pending({ member }: { readonly member: Member }): ReactNode {
  const changes = (member.pendingRestart ?? []).map(
    (each) => `${each.name}: ${each.oldValue ?? 'not known'} → ${each.newValue ?? 'not known'}`,
  );
  return <Chip tone="warn" icon word="restart pending" title={printable(changes.join(', '))} />;
}

/** Restarts every member that waits for it, one by one, where that is said. */
function RestartPending({ state }: { readonly state: ClusterState }) {
  const open = useOpen();
  const scene = useScene(state);
  const waiting = state.members.filter(waitsForRestart).length;
  if (waiting === 0) return null;
  const operation: Operation = { kind: 'rolling_restart', pendingOnly: true, role: 'any' };
  return (
    <ReasonButton
      size="small"
      text={`Restart all pending (${waiting})`}
      why={whyNot(scene, operation)}
      onClick={() => open.operation(state.clusterId, operation)}
    />
  );
}

const bases: Readonly<Record<Lag['basis'], string>> = {
  leader_rest: 'the position that the leader reports',
  status_key: 'the leader position in etcd (up to 10 s old)',
  patroni: 'the lag that Patroni reports',
};

function LagText({ bytes, lag }: { readonly bytes: number | null; readonly lag: Lag | null }) {
  if (bytes === null || lag === null) return <Unknown />;
  return <span title={`Based on ${bases[lag.basis]}`}>{formatBytes(bytes)}</span>;
}

function Upstream({ member, leads }: { readonly member: Member; readonly leads: boolean }) {
  if (leads || member.role === 'leader') return <None />;
  if (!member.upstreamKnown) return <Unknown />;
  return member.upstream === null ? (
    <span className="m-tone-warn">not streaming</span>
  ) : (
    <span className="m-row">
      <Name text={member.upstream} />
    </span>
  );
}

function DcsContact({ member }: { readonly member: Member }) {
  const now = useNow();
  if (member.dcsLastSeen === null) return <Unknown />;
  const old = now - member.dcsLastSeen;
  return (
    <span
      className={old > 60_000 ? 'm-tone-warn' : ''}
      title={
        old > 60_000
          ? `The member itself last reached the DCS ${spanInWords(old)} ago`
          : 'When the member itself last reached the DCS'
      }
    >
      <Ago at={member.dcsLastSeen} />
    </span>
  );
}

function RowActions({
  state,
  member,
  leads,
}: {
  readonly state: ClusterState;
  readonly member: Member;
  readonly leads: boolean;
}) {
  const open = useOpen();
  const main = takeOver(useScene(state), member);
  const text = main.operation.kind === 'failover' ? 'Fail over' : 'Switch over';
  return (
    <div className="m-row m-row-actions">
      {leads ? null : (
        <ReasonButton
          size="small"
          className="m-nowrap"
          text={text}
          why={main.why}
          title={main.label}
          aria-label={`${main.label}: ${printable(member.name)}`}
          onClick={() => open.operation(state.clusterId, main.operation)}
        />
      )}
      <ActionMenu
        state={state}
        label={`Actions for ${printable(member.name)}`}
        offers={(scene) => memberOffers(scene, member)}
        member={member}
      >
        <Button
          size="small"
          variant="minimal"
          icon={<MoreIcon />}
          aria-label={`Actions for ${printable(member.name)}`}
        />
      </ActionMenu>
    </div>
  );
}
