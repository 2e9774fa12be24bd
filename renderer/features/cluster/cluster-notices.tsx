import { Button } from '@blueprintjs/core';
import { useStore } from 'zustand';
import type { AppErrorData } from '../../../shared/model/app-error';
import type { ClusterEvent, ClusterState } from '../../../shared/model/cluster/cluster-state';
import { useOpen, useOverlayState } from '../../navigation/overlays';
import { useAction, usePage } from '../../rpc/hooks';
import { isUnderWay } from '../../rpc/live/jobs';
import { formatDateTime, formatZone } from '../../ui/wording/format';
import { ErrorNotice, Notice } from '../../ui/notice';
import { ReasonButton } from '../../ui/reason-button';
import { printable } from '../../ui/text';
import { Countdown, Elapsed } from '../../ui/time';
import { isRemoved } from '../../../shared/rules/cluster/health';
import { whyNot } from '../../../shared/rules/operate/offers';
import { RemoveClusterButton } from '../../actions/remove-cluster';
import { useScene } from '../../actions/use-scene';
import { NewGroups } from './citus/new-groups';

/** The notices at the top: running jobs, pause, schedules, and what makes actions impossible. */
export function ClusterNotices({
  state,
  events,
  problem,
}: {
  readonly state: ClusterState;
  readonly events: readonly ClusterEvent[];
  readonly problem: AppErrorData | null;
}) {
  const open = useOpen();
  const scene = useScene(state);
  const act = (operation: Parameters<typeof open.operation>[1]) => () => open.operation(state.clusterId, operation);
  if (isRemoved(state))
    return (
      <div className="m-notices">
        <RunningJobs clusterId={state.clusterId} />
        <RemovedNotice state={state} />
      </div>
    );
  return (
    <div className="m-notices">
      {problem === null ? null : <ErrorNotice error={problem} />}
      <HoldNotice state={state} />
      <RunningJobs clusterId={state.clusterId} />
      <DcsNotice state={state} />
      <NewGroups state={state} />
      {state.failsafeActive === true ? (
        <Notice tone="warn">
          <span className="m-strong">Failsafe mode is active.</span> The leader keeps running without the DCS as long as
          it reaches every member.
        </Notice>
      ) : null}
      {state.paused === true ? (
        <Notice
          tone="warn"
          tools={
            <ReasonButton
              size="small"
              text="Resume"
              why={whyNot(scene, { kind: 'resume' })}
              onClick={act({ kind: 'resume' })}
            />
          }
        >
          <span className="m-strong">Automatic failover is paused.</span> <PausedFor events={events} />
          If the leader fails, no replica takes over until you resume.
        </Notice>
      ) : null}
      <Schedules state={state} act={act} />
    </div>
  );
}

/** A cluster that this app took away stays in the list until somebody removes it there. */
function RemovedNotice({ state }: { readonly state: ClusterState }) {
  const cluster = {
    clusterId: state.clusterId,
    title: state.title,
    isGroup: state.citusGroup !== undefined,
  };
  return (
    <Notice tone="info" tools={<RemoveClusterButton cluster={cluster} />}>
      <span className="m-strong">Matriarch removed this cluster from its servers</span>
      {state.removedAt === undefined ? '' : ` at ${formatDateTime(state.removedAt)}`}. What is shown below is the last
      known state. The cluster is only in this list now, and you can remove it here, too.
    </Notice>
  );
}

/** How long the pause lasts, where its beginning was seen. `events` have the oldest first. */
function PausedFor({ events }: { readonly events: readonly ClusterEvent[] }) {
  const turn = events.findLast((event) => event.kind === 'paused' || event.kind === 'resumed');
  return turn?.kind === 'paused' ? (
    <>
      Paused for <Elapsed since={turn.at} />.{' '}
    </>
  ) : null;
}

function RunningJobs({ clusterId }: { readonly clusterId: string }) {
  const open = useOpen();
  const jobs = useStore(usePage().jobs, (view) => view.jobs);
  const followed = useOverlayState((overlays) => (overlays.jobs.open ? overlays.jobs.jobId : null));
  return jobs
    .filter((job) => job.clusterId === clusterId && job.id !== followed && isUnderWay(job.status))
    .map((job) => {
      const phase = job.phases.find((each) => each.status === 'active');
      return (
        <Notice
          key={job.id}
          tone="busy"
          tools={<Button size="small" text="Follow" onClick={() => open.jobs(job.id)} />}
        >
          <span className="m-strong">{printable(job.title)}</span> has been running for{' '}
          <Elapsed since={job.startedAt} />.
          {phase === undefined ? '' : ` ${phase.label}${phase.detail === null ? '' : `: ${printable(phase.detail)}`}`}
        </Notice>
      );
    });
}

/** A cluster from a file is contacted when the user says so: its addresses are those that the file names. */
function HoldNotice({ state }: { readonly state: ClusterState }) {
  const page = usePage();
  const agree = useAction(() =>
    page.call((client) => client.clusters.update({ clusterId: state.clusterId, onHold: false })),
  );
  if (state.onHold !== true) return null;
  return (
    <>
      {agree.error === null ? null : <ErrorNotice error={agree.error} />}
      <Notice
        tone="info"
        tools={<Button size="small" text="Start watching" loading={agree.busy} onClick={() => void agree.run()} />}
      >
        <span className="m-strong">This cluster is on hold.</span> It came from a file, and nothing of it was contacted.
        Check the addresses of its members first.
      </Notice>
    </>
  );
}

function DcsNotice({ state }: { readonly state: ClusterState }) {
  const { dcs } = state;
  switch (dcs.kind) {
    case 'no_quorum':
      return (
        <Notice tone="crit" alert>
          <span className="m-strong">etcd has no quorum</span> (for <Elapsed since={dcs.since} />
          ). Patroni can neither read nor change the cluster state, so no action is available. The page shows the last
          known state. Restore a majority of the etcd members first.
        </Notice>
      );
    case 'unreachable':
    case 'refused':
      return <ErrorNotice error={dcs.error} />;
    case 'connecting':
    case 'live':
    case 'not_configured':
      return null;
  }
}

function Schedules({
  state,
  act,
}: {
  readonly state: ClusterState;
  readonly act: (operation: Parameters<ReturnType<typeof useOpen>['operation']>[1]) => () => void;
}) {
  const planned = state.scheduledSwitchover;
  const scene = useScene(state);
  return (
    <>
      {planned === null ? null : (
        <Notice
          tone="info"
          tools={
            <ReasonButton
              size="small"
              text="Cancel"
              why={whyNot(scene, { kind: 'cancel_switchover' })}
              onClick={act({ kind: 'cancel_switchover' })}
            />
          }
        >
          <span className="m-strong">
            A switchover{planned.to === null ? '' : ` to ${printable(planned.to)}`} is scheduled
          </span>{' '}
          <Countdown to={planned.at} />, at {formatDateTime(planned.at)} {formatZone(planned.at)}.
        </Notice>
      )}
      {state.members.flatMap((member) =>
        member.scheduledRestart === null
          ? []
          : [
              <Notice
                key={member.name}
                tone="info"
                tools={
                  <ReasonButton
                    size="small"
                    text="Cancel"
                    why={whyNot(scene, { kind: 'cancel_restart', member: member.name })}
                    onClick={act({ kind: 'cancel_restart', member: member.name })}
                  />
                }
              >
                <span className="m-strong">A restart of {printable(member.name)} is scheduled</span>{' '}
                <Countdown to={member.scheduledRestart.at} />, at {formatDateTime(member.scheduledRestart.at)}
                {member.scheduledRestart.pendingOnly ? ', only if a restart is pending then' : ''}.
              </Notice>,
            ],
      )}
    </>
  );
}
