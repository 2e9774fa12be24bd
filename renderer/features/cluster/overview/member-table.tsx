import { Button } from '@blueprintjs/core';
import { CrownIcon, MoreIcon } from '@blueprintjs/icons';
import { memo, useMemo, type ReactNode } from 'react';
import type { ClusterEvent, ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { Lag, Member } from '../../../../shared/model/cluster/member';
import { membersSince, stateSince, type StateSince } from '../../../../shared/rules/cluster/member-since';
import { useOpen } from '../../../navigation/overlays';
import {
  formatBytes,
  formatDateTime,
  formatMoment,
  formatDuration,
  formatLsn,
  formatPostgresVersion,
  plural,
} from '../../../ui/wording/format';
import { Chip, ConditionMark } from '../../../ui/mark';
import { Panel } from '../../../ui/panel';
import { ReasonButton } from '../../../ui/reason-button';
import { Term } from '../../../ui/term';
import { Name, printable } from '../../../ui/text';
import { Ago, useNow } from '../../../ui/time';
import { roleWords, stateWord } from '../../../ui/wording/words';
import { ActionMenu } from '../../../actions/action-menu';
import { memberOffers, takeOver } from '../../../../shared/rules/operate/offers';
import { useScene } from '../../../actions/use-scene';

const widths = ['16%', '15%', '8.5%', '8.5%', '8.5%', '10%', '11.5%', '9%', 138];

/** Every member with its figures; what is not known says so. */
export function MemberTable({
  state,
  events,
}: {
  readonly state: ClusterState;
  readonly events: readonly ClusterEvent[];
}) {
  const since = useMemo(() => membersSince(events), [events]);
  return (
    <Panel title="Members" note={plural(state.members.length, 'member')} flush>
      <table className="m-table m-table-fixed m-members">
        <caption className="m-hidden">Members of {printable(state.title)}</caption>
        <colgroup>
          {widths.map((width, index) => (
            <col key={index} style={{ width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            <th>Member</th>
            <th>State</th>
            <th className="m-num">
              <Term name="timeline">Timeline</Term>
            </th>
            <th className="m-num" title="Not yet received from the leader">
              Receive lag
            </th>
            <th className="m-num" title="Not yet replayed, including what is not yet received">
              Replay lag
            </th>
            <th>Streams from</th>
            <th>Versions</th>
            <th title="When the member itself last reached the DCS, where Patroni keeps the leader lock">
              DCS contact
            </th>
            <th>
              <span className="m-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {state.members.map((member) => (
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
  const tags = Object.entries(member.tags);
  return (
    <div className="m-stack-tight">
      <span className="m-row">
        {leads ? <CrownIcon size={13} className="m-crown" aria-label="holds the leader lock" /> : null}
        <Name text={member.name} strong />
      </span>
      <span className="m-small m-muted m-wrap" title={addressOf(member) ?? undefined}>
        {[roleWords[member.role], addressOf(member)].filter((part) => part !== null).join(' · ')}
      </span>
      {tags.length === 0 ? null : (
        <span className="m-row m-row-wrap m-tags">
          {tags.map(([name, value]) => (
            <Chip key={name} tone="unknown" word={printable(value === true ? name : `${name}: ${String(value)}`)} />
          ))}
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
      <ConditionMark condition={member.condition} stale={member.stale} />
      <span className="m-small m-muted m-wrap">
        PostgreSQL {printable(stateWord(member))}
        {member.stale ? ', last known' : ''}
      </span>
      <Since since={stateSince(member, since)} />
      <Pending member={member} />
    </div>
  );
}

function Versions({ member }: { readonly member: Member }) {
  if (member.postgresVersion === null && member.patroniVersion === null) return <Unknown />;
  return (
    <>
      <div className="m-nowrap">
        PostgreSQL {member.postgresVersion === null ? '?' : formatPostgresVersion(member.postgresVersion)}
      </div>
      <div className="m-muted m-nowrap">Patroni {member.patroniVersion ?? '?'}</div>
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
      className="m-small m-muted m-nowrap"
      dateTime={new Date(since.at).toISOString()}
      title={`${isStart ? 'PostgreSQL started' : 'First seen in this state'}: ${formatDateTime(since.at)}`}
    >
      {isStart ? 'since' : 'seen'} {formatMoment(since.at, now)}
    </time>
  );
}

function Pending({ member }: { readonly member: Member }): ReactNode {
  if (!member.pendingRestartFlag && (member.pendingRestart === null || member.pendingRestart.length === 0)) return null;
  const reasons = member.pendingRestart ?? [];
  return (
    <div className="m-small m-wrap">
      <Chip tone="warn" icon word="restart pending" />
      {reasons.length === 0 ? <div className="m-muted">parameters not known</div> : null}
      {reasons.map((each) => (
        <div key={each.name} className="m-pending">
          {printable(each.name)}: {printable(each.oldValue ?? 'not known')} → {printable(each.newValue ?? 'not known')}
        </div>
      ))}
    </div>
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
          ? `The member itself last reached the DCS ${formatDuration(old)} ago`
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
