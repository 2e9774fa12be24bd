import type { PreflightCheck } from '../../../model/deploy/deploy-views';
import { serversWith } from '../layout';
import { quorumSize } from '../../etcd/quorum';
import { followedLetsIn } from './followed-checks';
import { vipFree } from './vip-checks';
import { blocks, fine, warns, type CheckResult, type PreflightInput } from './input';

/** A check of the cluster as a whole. */
interface ClusterCheck {
  readonly id: string;
  readonly name: string;
  readonly run: (input: PreflightInput) => CheckResult | null;
}

const checks: readonly ClusterCheck[] = [
  { id: 'reach', name: 'Servers reach each other', run: reach },
  { id: 'scope', name: 'Scope in etcd', run: scope },
  { id: 'quorum', name: 'etcd majority', run: quorum },
  { id: 'vip-free', name: 'Virtual address is free', run: vipFree },
  { id: 'followed', name: 'The followed cluster lets it in', run: followedLetsIn },
];

/** All checks of the cluster as a whole. */
export function clusterChecks(input: PreflightInput): readonly PreflightCheck[] {
  return checks.flatMap(({ id, name, run }) => {
    const found = run(input);
    return found === null ? [] : [{ id, name, server: null, ...found }];
  });
}

function reach(input: PreflightInput): CheckResult | null {
  if (input.reach.length === 0) return null;
  const bad = input.reach
    .filter((entry) => entry.verdict === 'blocked')
    .map((entry) => `${entry.from} to ${entry.to}:${entry.port}`);
  if (bad.length === 0) return fine(`${input.reach.length} ways tried.`);
  return blocks(
    `No way from ${bad.slice(0, 6).join(', ')}${bad.length > 6 ? ` and ${bad.length - 6} more` : ''}.`,
    'Open these ports between the servers (firewall, security group).',
  );
}

function scope(input: PreflightInput): CheckResult | null {
  const { initialize } = input.cluster;
  if (initialize === null) return null;
  const ours = input.spec.adopted.length > 0 || Object.values(input.servers).some((server) => server.manifest !== null);
  return ours
    ? fine(`${input.spec.scope} ${input.spec.adopted.length > 0 ? 'was adopted' : 'was made by this deployment'}.`)
    : blocks(
        `${input.spec.scope} exists, with system identifier ${initialize || 'not yet set'}.`,
        'Another cluster has this scope. Choose another scope or namespace, or adopt that cluster.',
      );
}

/** Only where etcd should be running already: an etcd of others, or one that this deployment made. */
function quorum(input: PreflightInput): CheckResult | null {
  const states = Object.values(input.cluster.etcdHealthy);
  const healthy = states.filter(Boolean).length;
  if (input.spec.etcd.external.length > 0) {
    return healthy > 0
      ? fine(`${healthy} of ${states.length} answer.`)
      : blocks(
          'None of the members named answers.',
          'See that etcd runs, has a majority, and that the PostgreSQL servers reach it.',
        );
  }
  const made = serversWith(input.spec, 'etcd').filter(
    (server) => input.servers[server.name]?.units['etcd.service']?.active === 'active',
  ).length;
  if (made === 0 || made < states.length) return null;
  const need = quorumSize(states.length);
  return healthy >= need
    ? fine(`${healthy} of ${states.length} agree.`)
    : warns(
        `${healthy} of ${states.length} agree, ${need} are needed.`,
        'etcd runs and has no majority: see that its members reach each other.',
      );
}
