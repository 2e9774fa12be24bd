import type { ClusterState, LeaderLock } from '../../../../shared/model/cluster/cluster-state';
import { formatClock } from '../../../ui/wording/format';
import { Panel } from '../../../ui/panel';
import { Term } from '../../../ui/term';
import { Name, printable } from '../../../ui/text';
import { Elapsed, useNow } from '../../../ui/time';

/** Who holds the leader lock and for how long it is safe; the synchronous standbys. */
export function LeaderPanel({ state }: { readonly state: ClusterState }) {
  const { leader, sync } = state;
  return (
    <Panel title={<Term name="leader key">Leader lock</Term>}>
      <dl className="m-facts">
        <dt>Holder</dt>
        <dd>
          <Holder leader={leader} />
        </dd>
        <dt>
          <Term name="lease">Lease left</Term>
        </dt>
        <dd>{leader.known && leader.holder === null ? 'no holder' : <Lease leader={leader} />}</dd>
        <dt>Held</dt>
        <dd>
          <Held leader={leader} />
        </dd>
        <dt>Automatic failover</dt>
        <dd>{automaticFailover(state)}</dd>
        <dt>Synchronous mode</dt>
        <dd className="m-wrap">{syncText(sync)}</dd>
        <dt>
          <Term name="failsafe mode">Failsafe mode</Term>
        </dt>
        <dd>
          <Failsafe state={state} />
        </dd>
      </dl>
    </Panel>
  );
}

/** Whether Patroni would fail over by itself now. */
function automaticFailover({ paused, dcs }: ClusterState): string {
  if (dcs.kind === 'no_quorum') return 'impossible: etcd has no quorum';
  if (paused === null) return 'not known';
  return paused ? 'paused' : 'on';
}

/** Off, on and idle, or carrying the primary (Patroni's docs, dcs_failsafe_mode). */
function Failsafe({ state }: { readonly state: ClusterState }) {
  if (state.failsafeActive === true) return <span className="m-tone-warn m-strong">keeps the primary running</span>;
  if (state.config === null) return <NotKnown />;
  return state.config.failsafeMode ? 'on, idle' : 'off';
}

/** Synchronous replication in words: its mode and its standbys. */
function syncText(sync: ClusterState['sync']): string {
  if (sync === null) return 'not known';
  if (sync.mode === 'off') return 'off';
  const names = sync.standbys.length === 0 ? 'no standby' : sync.standbys.map(printable).join(', ');
  return `${sync.mode}${sync.strict ? ', strict' : ''}: ${names}`;
}

function NotKnown() {
  return <span className="m-muted">not known</span>;
}

function Holder({ leader }: { readonly leader: LeaderLock }) {
  if (!leader.known) return <NotKnown />;
  if (leader.holder !== null)
    return (
      <span className="m-row">
        <Name text={leader.holder} strong />
      </span>
    );
  return (
    <span className="m-tone-crit m-strong">
      nobody
      {leader.vacantSince === null ? null : (
        <>
          , for{atLeast(leader)} <Elapsed since={leader.vacantSince} />
        </>
      )}
    </span>
  );
}

/** Nobody saw the change: it is as old as this at least. */
function atLeast({ changeUnseen }: LeaderLock): string {
  return changeUnseen === true ? ' at least' : '';
}

function Held({ leader }: { readonly leader: LeaderLock }) {
  if (!leader.known) return <NotKnown />;
  if (leader.holder === null) return 'not now';
  if (leader.heldSince === null) return 'since before monitoring started';
  return (
    <>
      for{atLeast(leader)} <Elapsed since={leader.heldSince} />
    </>
  );
}

function Lease({ leader }: { readonly leader: LeaderLock }) {
  const now = useNow();
  if (!leader.known || leader.leaseLeft === null || leader.askedAt === null) return <NotKnown />;
  const left = Math.min(leader.leaseTtl ?? Infinity, Math.max(0, leader.leaseLeft - (now - leader.askedAt)));
  const part = leader.leaseTtl === null || leader.leaseTtl <= 0 ? 0 : Math.min(1, left / leader.leaseTtl);
  return (
    <span
      className="m-row"
      title={`The leader renews it in every loop; at zero the replicas start an election. Read at ${formatClock(leader.askedAt)}.`}
    >
      <span className="m-nowrap">
        {Math.ceil(left / 1000)} s{leader.leaseTtl === null ? '' : ` of ${Math.round(leader.leaseTtl / 1000)} s`}
      </span>
      <span className="m-bar" aria-hidden>
        <span style={{ width: `${part * 100}%` }} />
      </span>
    </span>
  );
}
