import { Button, Checkbox } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import type { UpgradePart, UpgradesView as Reading } from '../../../../../shared/model/upgrade/upgrade';
import { partsOffered, planUpgrade } from '../../../../../shared/rules/upgrade/plan-upgrade';
import { upgradeGates } from '../../../../../shared/rules/upgrade/upgrade-gates';
import { useAnswer } from '../../../../rpc/hooks';
import { Answered } from '../../../../ui/answered';
import { Empty, Panel } from '../../../../ui/panel';
import { Ago } from '../../../../ui/time';
import { GateList } from './gate-list';
import { PackageTable } from './package-table';
import { partWords } from './part-words';
import { UpgradeSteps } from './upgrade-steps';

/** What could be upgraded within its major version, in which order, and what is in the way now. */
export default function UpgradesView({ state }: { readonly state: ClusterState }) {
  const { clusterId } = state;
  const answer = useAnswer(clusterId, (client) => client.upgrades.read({ clusterId }));
  return (
    <Answered
      answer={answer}
      what="Asking every server what is installed and what apt offers."
      tools={<Button size="small" text="Try again" loading={answer.loading} onClick={answer.reload} />}
      show={(view) => <Shown state={state} view={view} loading={answer.loading} reload={answer.reload} />}
    />
  );
}

function Shown(props: {
  readonly state: ClusterState;
  readonly view: Reading;
  readonly loading: boolean;
  readonly reload: () => void;
}) {
  const { state, view } = props;
  const offered = partsOffered(view.servers);
  const [left, setLeft] = useState<ReadonlySet<UpgradePart>>(new Set());
  const parts = offered.filter((part) => !left.has(part));
  const steps = planUpgrade(state, view.servers, parts);
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
          <Panel title="What is upgraded">
            <div className="m-row m-row-wrap" role="group" aria-label="Programs that are upgraded">
              {offered.map((part) => (
                <Checkbox
                  key={part}
                  inline
                  label={partWords[part]}
                  checked={!left.has(part)}
                  onChange={() => toggle(part)}
                />
              ))}
            </div>
          </Panel>
          <Panel title="Before a server is stopped">
            <GateList gates={upgradeGates(state, view, parts)} />
          </Panel>
          <Panel title="The order" note="replicas first, the leader hands over, etcd one member at a time">
            <UpgradeSteps steps={steps} state={state} />
          </Panel>
        </>
      )}
    </div>
  );
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
