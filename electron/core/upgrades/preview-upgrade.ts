import { toErrorData } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { OperationCheck } from '../../../shared/model/operate/operation';
import type { UpgradeChoice, UpgradePreview } from '../../../shared/model/upgrade/upgrade-run';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import {
  partsOffered,
  planUpgrade,
  stepTitle,
  stopsPostgres,
  type UpgradeStep,
} from '../../../shared/rules/upgrade/plan-upgrade';
import { upgradeCommands } from '../../../shared/rules/upgrade/upgrade-commands';
import { gateChecks, upgradeGates } from '../../../shared/rules/upgrade/upgrade-gates';
import { namesInWords, spanInWords } from '../../../shared/rules/words/wording';
import { stateOfCluster } from '../postgres/member-place';
import { simulateInstall } from './install-script';
import { etcdGateNow } from './pass-gates';
import { readUpgrades, type UpgradeReadDeps } from './read-upgrades';
import { isLeftOver, type UpgradeRecord } from './upgrade-store';
import type { UpgradeWorkDeps } from './upgrade-run';

/** A rolling upgrade with all that was looked at. */
export interface PreparedUpgrade {
  readonly preview: UpgradePreview;
  readonly steps: readonly UpgradeStep[];
  readonly state: ClusterState;
}

/** Reads the cluster, its servers and what apt would do, and says what a rolling upgrade would be. Changes nothing. */
export async function prepareUpgrade(
  deps: UpgradeReadDeps & UpgradeWorkDeps,
  clusterId: string,
  choice: UpgradeChoice,
  open: { readonly record: UpgradeRecord | null; readonly otherJob: string | null },
): Promise<PreparedUpgrade> {
  stateOfCluster(deps, clusterId);
  const state = await deps.hub.refresh(clusterId);
  const view = await readUpgrades(deps, clusterId);
  const steps = planUpgrade(state, view.servers, choice.parts);
  const configPath = deps.hub.entry(clusterId)?.configPath ?? null;
  const checks = [
    ...ownChecks(state, steps, open),
    ...gateChecks(upgradeGates(state, view, choice.parts, choice.bounds).filter(({ id }) => id !== 'etcd')),
    ...gateChecks([await etcdGateNow(deps.hub, clusterId, steps.find(({ kind }) => kind === 'etcd') ?? null)]),
    ...(await aptChecks(deps, steps)),
  ];
  const preview: UpgradePreview = {
    choice,
    offered: partsOffered(view.servers),
    steps: steps.map((step, index) => ({
      id: String(index),
      title: stepTitle(step),
      commands: upgradeCommands(step, state, configPath),
    })),
    checks,
    consequences: consequencesOf(state, steps, choice),
    typeToConfirm: state.production ? clusterName(state) : null,
    fingerprint: fingerprintOf(state, steps, choice),
    allowed: checks.every(({ verdict }) => verdict !== 'refuses'),
    asOf: view.asOf,
  };
  return { preview, steps, state };
}

const refuses = (code: string, sentence: string): readonly OperationCheck[] => [{ code, verdict: 'refuses', sentence }];

function ownChecks(
  state: ClusterState,
  steps: readonly UpgradeStep[],
  { record, otherJob }: { readonly record: UpgradeRecord | null; readonly otherJob: string | null },
): readonly OperationCheck[] {
  return [
    ...(state.readOnly
      ? refuses(
          'operation.read_only',
          'This cluster is set to read-only in this app. Change that in its settings first.',
        )
      : []),
    ...(otherJob === null ? [] : refuses('job.busy', `Another job is at work here: ${otherJob}.`)),
    ...(record !== null && isLeftOver(record)
      ? refuses('upgrade.left', 'An upgrade that was broken off left something on servers. Clean up after it first.')
      : []),
    ...(steps.length === 0 ? refuses('upgrade.nothing', 'Nothing is chosen that apt would replace.') : []),
  ];
}

/** What apt itself says of it: more than what was chosen is not done. */
async function aptChecks(deps: UpgradeWorkDeps, steps: readonly UpgradeStep[]): Promise<readonly OperationCheck[]> {
  const works = steps.flatMap((step) => ('serverId' in step && step.packages.length > 0 ? [step] : []));
  const answers = await Promise.all(
    works.map(async ({ serverId, server, packages }): Promise<readonly OperationCheck[]> => {
      try {
        const { others, sameSource } = await simulateInstall(
          { remote: deps.remotes.remote(serverId), id: '00000000' },
          packages,
        );
        if (others.length > 0)
          return refuses(
            'upgrade.more_than_chosen',
            `apt on ${server} would do more than was chosen: ${namesInWords(others)}.`,
          );
        return sameSource.length === 0
          ? []
          : [
              {
                code: 'upgrade.same_source',
                verdict: 'warns',
                sentence: `On ${server} with it, of the same source: ${namesInWords(sameSource)}.`,
              },
            ];
      } catch (thrown) {
        return refuses('upgrade.apt_refuses', toErrorData(thrown).message);
      }
    }),
  );
  const found = answers.flat();
  if (works.length === 0 || found.some(({ verdict }) => verdict === 'refuses')) return found;
  return [
    ...found,
    { code: 'upgrade.apt', verdict: 'ok', sentence: 'apt would put nothing else in place, and remove nothing.' },
  ];
}

function consequencesOf(state: ClusterState, steps: readonly UpgradeStep[], choice: UpgradeChoice): readonly string[] {
  const stops = steps.some(stopsPostgres);
  const isPair = state.members.length === 2 && stops;
  const handsOver = steps.some(({ kind }) => kind === 'switchover');
  return [
    'One server after another: before each all of this is read again, and the upgrade stops by itself at the first ' +
      'that is not in order.',
    ...(stops
      ? [
          'A replica is taken out of load balancing, synchronous replication and elections by its own tags, emptied, ' +
            `upgraded, and its tags are put back. Clients on it have ${spanInWords(choice.bounds.drainMs)} to end what they do.`,
        ]
      : []),
    ...(handsOver
      ? ['The leader hands over once: applications cannot write for some seconds, and their connections break.']
      : []),
    ...(isPair ? ['While the only replica is stopped nobody could take over from the leader.'] : []),
    ...(choice.countWrites
      ? [
          'A role, a database and a table are made on the leader, written to ten times a second to count what fails, ' +
            'and removed at the end.',
        ]
      : []),
  ];
}

/** Names what was shown: the steps with every version, who leads, and what was chosen. */
function fingerprintOf(state: ClusterState, steps: readonly UpgradeStep[], choice: UpgradeChoice): string {
  const words = steps.map((step) =>
    step.kind === 'switchover'
      ? [step.kind, step.leader]
      : [
          step.kind,
          step.serverId,
          step.restarts,
          step.packages.map(({ name, installed, offered }) => `${name} ${installed} ${offered ?? ''}`),
        ],
  );
  return JSON.stringify({ leader: state.leader.holder, choice, words });
}
