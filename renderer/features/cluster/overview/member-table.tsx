import { Button } from '@blueprintjs/core';
import { CrownIcon, MoreIcon } from '@blueprintjs/icons';
import { memo, useMemo, type ReactNode } from 'react';
import type { ClusterEvent, ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { Lag, Member } from '../../../../shared/model/cluster/member';
import { clusterName } from '../../../../shared/rules/citus/citus-names';
import { isRunning } from '../../../../shared/rules/cluster/member-facts';
import { membersSince, stateSince, type StateSince } from '../../../../shared/rules/cluster/member-since';
import type { Operation } from '../../../../shared/model/operate/operation';
import { waitsForRestart } from '../../../../shared/rules/operate/restart-order';
import { useOpen } from '../../../navigation/overlays';
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
import { SortHeader, useSorted, type SortValue } from '../../../ui/sort';
import { UnseenHead } from '../../../ui/table-head';
import { Term } from '../../../ui/term';
import { Name, printable } from '../../../ui/text';
import { Ago, useNow } from '../../../ui/time';
import { conditionWords, roleWords, stateWord } from '../../../ui/wording/words';
import { ActionMenu } from '../../../actions/action-menu';
import { memberOffers, takeOver, whyNot } from '../../../../shared/rules/operate/offers';
import { useScene } from '../../../actions/use-scene';

const widths = ['19%', '19%', '7.5%', '8.5%', '8.5%', '10%', '12%', '9%', 138];

type MemberColumn = 'name' | 'state' | 'timeline' | 'receive' | 'replay' | 'upstream' | 'version' | 'contact';

/** What a member has in a column, for sorting. */
function valueOf(member: Member, column: MemberColumn): SortValue {
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
  return (
    <Panel title="Members" note={plural(state.members.length, 'member')} tools={<RestartPending state={state} />} flush>
      <table className="m-table m-table-fixed m-members">
        <caption className="m-hidden">Members of {printable(clusterName(state))}</caption>
        <colgroup>
          {widths.map((width, index) => (
            <col key={index} style={{ width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            <SortHeader column="name" name="Member" sorted={sorted} />
            <SortHeader column="state" name="State" sorted={sorted} />
            <SortHeader column="timeline" name="Timeline" sorted={sorted} numeric>
              <Term name="timeline">Timeline</Term>
            </SortHeader>
            <SortHeader column="receive" name="Receive lag" sorted={sorted} numeric>
              <Term name="receive lag">Receive lag</Term>
            </SortHeader>
            <SortHeader column="replay" name="Replay lag" sorted={sorted} numeric>
              <Term name="replay lag">Replay lag</Term>
            </SortHeader>
            <SortHeader column="upstream" name="Streams from" sorted={sorted} />
            <SortHeader column="version" name="Versions" sorted={sorted} />
            <SortHeader column="contact" name="DCS contact" sorted={sorted}>
              <Term name="DCS contact">DCS contact</Term>
            </SortHeader>
            <UnseenHead name="Actions" />
          </tr>
        </thead>
        <tbody>
          {sorted.rows.map((member) => (
            <MemberRow key={member.name} state={state} member={member} since={since.get(member.name) ?? null} />
          ))}
        </tbody>
      </table>
      {state.members.length === 0 ? <p className="m-panel-body m-muted">No member is known yet.</p> : null}
    </Panel>
  );
}

const MemberRow = memo(function MemberRow({
  state,
  member,
  since,
}: {
  readonly state: ClusterState;
  readonly member: Member;
  readonly since: number | null;
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
      <td className={`m-num ${staleClass(member)}`} title={`WAL position ${formatLsn(member.lsn)}`}>
        {member.timeline ?? <Unknown />}
      </td>
      <td className={`m-num ${staleClass(member)}`}>
        {leads ? <None /> : <LagText bytes={member.lag?.receive ?? null} lag={member.lag} />}
      </td>
      <td className={`m-num ${staleClass(member)}`}>
        {leads ? <None /> : <LagText bytes={member.lag?.replay ?? null} lag={member.lag} />}
        {member.replayPaused === true ? <div className="m-small m-tone-warn">replay paused</div> : null}
      </td>
      <td className={staleClass(member)}>
        <Upstream member={member} leads={leads} />
      </td>
      <td className={`m-small ${staleClass(member)}`}>
        <Versions member={member} />
      </td>
      <td className={`m-small ${staleClass(member)}`}>
        <DcsContact member={member} />
      </td>
      <td>
        <RowActions state={state} member={member} leads={leads} />
      </td>
    </tr>
  );
});

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
      <span className="m-small m-muted m-wrap">
        {roleWords[member.role]}
        {address === null ? null : (
          <>
            {' · '}
            <Copyable text={address} what="the address" />
          </>
        )}
      </span>
      {tags.length === 0 ? null : (
        <span className="m-small m-muted m-clip" title={tags.join(', ')}>
          {tags.join(', ')}
        </span>
      )}
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
      <span className="m-row m-row-wrap">
        <ConditionMark condition={member.condition} stale={member.stale} />
        <Pending member={member} />
      </span>
      <span className="m-small m-muted m-wrap">
        {isRunning(member) ? '' : 'PostgreSQL '}
        {printable(stateWord(member))} <Since since={stateSince(member, since)} />
        {member.stale ? ', last known' : ''}
      </span>
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

/** That a restart is pending; for which parameters is said once, in the findings. */
function Pending({ member }: { readonly member: Member }): ReactNode {
  if (!waitsForRestart(member)) return null;
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
