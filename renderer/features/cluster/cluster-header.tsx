import { Button } from '@blueprintjs/core';
import { ChevronDownIcon, RefreshIcon, SwapHorizontalIcon } from '@blueprintjs/icons';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../shared/model/cluster/member';
import { groupInWords } from '../../../shared/rules/citus/citus-names';
import { isRemoved } from '../../../shared/rules/cluster/health';
import { isSilent } from '../../../shared/rules/cluster/member-facts';
import { useOpen } from '../../navigation/overlays';
import { useAction, usePage } from '../../rpc/hooks';
import { Chip, HealthMark } from '../../ui/mark';
import { ErrorNotice } from '../../ui/notice';
import { ReasonButton } from '../../ui/reason-button';
import { Term } from '../../ui/term';
import { Name, printable } from '../../ui/text';
import { Ago, Elapsed } from '../../ui/time';
import { conditionWords } from '../../ui/wording/words';
import { ActionMenu } from '../../actions/action-menu';
import { bestSwitchover, clusterOffers } from '../../../shared/rules/operate/offers';
import { useScene } from '../../actions/use-scene';
import { ActiveFaults, DemoFaults } from './demo-faults';
import { WriteFacts } from './write-facts';

/** Title, health, leader, and what may be done with the whole cluster. */
export function ClusterHeader({ state }: { readonly state: ClusterState }) {
  const page = usePage();
  const refresh = useAction(() => page.call((client) => client.clusters.refresh({ clusterId: state.clusterId })));
  return (
    <header className="m-cluster-head">
      <div className="m-cluster-title">
        <div className="m-row">
          <h1 className="m-row">
            <Name text={state.title} />
          </h1>
          {state.citusGroup === undefined ? null : (
            <Chip tone="info" word={`Citus: ${groupInWords(state.citusGroup).toLowerCase()}`} />
          )}
          {state.production ? <Chip tone="info" word="production" /> : null}
          {state.readOnly ? <Chip tone="unknown" word="read-only" /> : null}
          {state.origin === 'demo' ? <Chip tone="unknown" word="demo" /> : null}
          {state.tags
            .filter((tag) => tag !== state.origin)
            .map((tag) => (
              <Chip key={tag} tone="unknown" word={printable(tag)} title={tag} />
            ))}
        </div>
      </div>
      <div className="m-cluster-tools">
        {state.origin === 'demo' ? <DemoFaults state={state} /> : null}
        <Button
          variant="minimal"
          icon={<RefreshIcon />}
          loading={refresh.busy}
          aria-label="Refresh now"
          title="Refresh now"
          onClick={() => void refresh.run()}
        />
        <ActionMenu state={state} label="Actions for the cluster" offers={clusterOffers}>
          <Button text="Actions" endIcon={<ChevronDownIcon />} />
        </ActionMenu>
        <SwitchoverButton state={state} />
      </div>
      <div className="m-cluster-said">
        <div className="m-row m-row-wrap m-cluster-facts">
          <span className="m-cluster-health">
            <HealthMark level={state.health.level} />
          </span>
          <span className="m-wrap" data-testid="health-sentence">
            {printable(state.health.sentence)}
          </span>
        </div>
        {isRemoved(state) ? null : <WriteFacts state={state} />}
        {state.origin === 'demo' ? <ActiveFaults state={state} /> : null}
        <div className="m-row m-row-wrap m-small m-muted m-cluster-facts">
          <span className="m-row">
            <Term name="scope">Scope</Term> <Name text={state.scope} />
          </span>
          <LeaderFact state={state} />
          <span>
            As of <Ago at={freshest(state)} />
          </span>
        </div>
      </div>
      {refresh.error === null ? null : (
        <div className="m-cluster-error">
          <ErrorNotice error={refresh.error} tools={<Button size="small" text="Dismiss" onClick={refresh.clear} />} />
        </div>
      )}
    </header>
  );
}

/** When any source last reported, ms since the epoch. */
function freshest(state: ClusterState): number | null {
  const times = state.sources.flatMap((source) => source.asOf ?? []);
  return times.length === 0 ? null : Math.max(...times);
}

function LeaderFact({ state }: { readonly state: ClusterState }) {
  const { leader } = state;
  if (!leader.known) return <span>Leader not known</span>;
  if (leader.holder !== null)
    return <HolderFact holder={leader.holder} member={state.members.find((member) => member.name === leader.holder)} />;
  return (
    <span className="m-tone-crit m-strong" role="timer">
      No primary{leader.vacantSince === null ? '' : ' for '}
      {leader.vacantSince === null ? null : <Elapsed since={leader.vacantSince} />}
    </span>
  );
}

/** The holder of the lock. When it is silent, its lock is valid for a while, and the page says when it last reported. */
function HolderFact({ holder, member }: { readonly holder: string; readonly member: Member | undefined }) {
  const silent = member !== undefined && (isSilent(member) || member.condition === 'postgres_down');
  return (
    <span className="m-row">
      Leader{' '}
      <span className="m-row m-cluster-leader" data-testid="leader">
        <Name text={holder} strong />
      </span>
      {silent ? (
        <span className="m-tone-crit m-strong m-nowrap" role="timer">
          {conditionWords[member.condition].word}
          {member.restAsOf === null ? '' : ', last reported '}
          {member.restAsOf === null ? null : <Ago at={member.restAsOf} />}: no primary is seen
        </span>
      ) : null}
    </span>
  );
}

function SwitchoverButton({ state }: { readonly state: ClusterState }) {
  const open = useOpen();
  const offer = bestSwitchover(useScene(state));
  const nobody = state.leader.known
    ? 'There is no leader: use Failover in the Actions menu.'
    : 'The leader is not known.';
  const why = offer === null ? nobody : offer.why;
  return (
    <ReasonButton
      intent="primary"
      icon={<SwapHorizontalIcon />}
      text="Switchover"
      why={why}
      title="Hand the leader role to another member"
      onClick={() => {
        if (offer !== null) open.operation(state.clusterId, offer.operation);
      }}
    />
  );
}
