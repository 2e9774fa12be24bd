import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import type { UpgradePart, UpgradesView as Reading } from '../../../../../shared/model/upgrade/upgrade';
import type { ShownUpgradeStep, UpgradeChoice } from '../../../../../shared/model/upgrade/upgrade-run';
import { partsOffered, planUpgrade, stepTitle } from '../../../../../shared/rules/upgrade/plan-upgrade';
import { upgradeCommands } from '../../../../../shared/rules/upgrade/upgrade-commands';
import { gateChecks, upgradeGates } from '../../../../../shared/rules/upgrade/upgrade-gates';
import { useAnswer, usePage } from '../../../../rpc/hooks';
import { isUnderWay } from '../../../../rpc/live/jobs';
import { Answered } from '../../../../ui/answered';
import { Notice } from '../../../../ui/notice';
import { Empty, Panel } from '../../../../ui/panel';
import { printable } from '../../../../ui/text';
import { Ago } from '../../../../ui/time';
import { AssessmentPart } from './assessment-part';
import { PackageTable } from './package-table';
import { StoppedPanel } from './stopped-upgrade';
import { UpgradeDialog } from './upgrade-dialog';
import { UpgradeForm } from './upgrade-form';
import { UpgradeSteps } from './upgrade-steps';

/** What could be upgraded within its major version, in which order, what is in the way now, and the upgrade itself. */
export default function UpgradesView({ state }: { readonly state: ClusterState }) {
  const { clusterId } = state;
  const job = useStore(usePage().jobs, ({ jobs }) =>
    jobs.find((one) => one.clusterId === clusterId && one.kind === 'upgrade' && isUnderWay(one.status)),
  );
  const key = `${clusterId} ${job?.id ?? ''}`;
  const answer = useAnswer(key, (client) => client.upgrades.read({ clusterId }));
  const stopped = useAnswer(`stopped ${key}`, (client) => client.upgrades.stopped({ clusterId }));
  const [choice, setChoice] = useState<UpgradeChoice | null>(null);
  return (
    <div className="m-stack">
      {job === undefined ? null : <Notice tone="busy">{printable(job.title)}: under way, see the jobs.</Notice>}
      {stopped.value === null ? null : <StoppedPanel clusterId={clusterId} stopped={stopped.value} />}
      <Answered
        answer={answer}
        what="Asking every server what is installed and what apt offers."
        tools={<Button size="small" text="Try again" loading={answer.loading} onClick={answer.reload} />}
        show={(view) => (
          <Shown
            state={state}
            view={view}
            loading={answer.loading}
            reload={answer.reload}
            why={job === undefined ? null : 'An upgrade is under way.'}
            onChoose={setChoice}
          />
        )}
      />
      <AssessmentPart clusterId={clusterId} />
      {choice === null ? null : <UpgradeDialog clusterId={clusterId} choice={choice} onClose={() => setChoice(null)} />}
    </div>
  );
}

function Shown(props: {
  readonly state: ClusterState;
  readonly view: Reading;
  readonly loading: boolean;
  readonly reload: () => void;
  readonly why: string | null;
  readonly onChoose: (choice: UpgradeChoice) => void;
}) {
  const { state, view } = props;
  const offered = partsOffered(view.servers);
  const [left, setLeft] = useState<ReadonlySet<UpgradePart>>(new Set());
  const parts = offered.filter((part) => !left.has(part));
  const toggle = (part: UpgradePart) =>
    setLeft((before) => new Set(before.has(part) ? [...before].filter((one) => one !== part) : [...before, part]));
  return (
    <div className="m-stack" data-testid="upgrades">
      <Panel
        title="Installed and offered"
        note={
          <>
            read <Ago at={view.asOf} />
          </>
        }
        tools={<Button size="small" text="Read again" loading={props.loading} onClick={props.reload} />}
        flush
      >
        <PackageTable view={view} />
      </Panel>
      {offered.length === 0 ? (
        <NothingOffered view={view} />
      ) : (
        <>
          <UpgradeForm
            offered={offered}
            parts={parts}
            onToggle={toggle}
            why={props.why}
            onChoose={props.onChoose}
            checksFor={(bounds) => gateChecks(upgradeGates(state, view, parts, bounds))}
          />
          <Panel title="The order" note="replicas first, the leader hands over, etcd one member at a time">
            <UpgradeSteps steps={stepsOf(state, view, parts)} />
          </Panel>
        </>
      )}
    </div>
  );
}

function stepsOf(state: ClusterState, view: Reading, parts: readonly UpgradePart[]): readonly ShownUpgradeStep[] {
  return planUpgrade(state, view.servers, parts).map((step, index) => ({
    id: String(index),
    title: stepTitle(step),
    commands: upgradeCommands(step, state, null),
  }));
}

function NothingOffered({ view }: { readonly view: Reading }) {
  const unread = view.servers.filter(({ error }) => error !== null);
  if (view.servers.length === unread.length)
    return (
      <Empty title="Nothing is known">
        <p>No server could be asked what is installed on it.</p>
      </Empty>
    );
  return (
    <Empty title="Nothing to upgrade">
      <p>
        {unread.length === 0
          ? 'apt offers no other version of what is installed, by the lists that the servers have.'
          : 'apt offers no other version on the servers that answered.'}{' '}
        Lists that are old are refreshed by <code>apt-get update</code> on the server.
      </p>
    </Empty>
  );
}
