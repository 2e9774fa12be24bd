import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import type { UpgradeStep } from '../../../../../shared/rules/upgrade/plan-upgrade';
import { upgradeCommands } from '../../../../../shared/rules/upgrade/upgrade-commands';
import { namesInWords } from '../../../../../shared/rules/words/wording';
import { Command } from '../../../../ui/command';
import { printable } from '../../../../ui/text';

/** The steps in their order, each with the commands that do it. */
export function UpgradeSteps(props: { readonly steps: readonly UpgradeStep[]; readonly state: ClusterState }) {
  if (props.steps.length === 0) return <p className="m-muted">Nothing is chosen.</p>;
  return (
    <ol className="m-stack" data-testid="upgrade-steps">
      {props.steps.map((step, index) => (
        <li key={`${index} ${step.kind}`}>
          <div className="m-strong">{printable(titleOf(step))}</div>
          {upgradeCommands(step, props.state, null).map((command) => (
            <Command key={command} text={command} label={`Copy a command of step ${index + 1}`} />
          ))}
        </li>
      ))}
    </ol>
  );
}

function titleOf(step: UpgradeStep): string {
  switch (step.kind) {
    case 'etcd':
      return `etcd on ${step.server}${step.isLeader ? ', which leads etcd' : ''}`;
    case 'switchover':
      return `${step.leader} hands over to a replica`;
    case 'balancer':
      return `Load balancers on ${step.server}`;
    case 'member':
      return `${namesInWords(step.members)} on ${step.server}${step.isLeader ? ', which led before' : ''}`;
  }
}
