import type { ScopeFacts, ServerFacts } from '../../../model/deploy/facts';
import type { Leaving } from '../../../model/deploy/day2';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { newEtcdCluster, peerUrl, type EtcdStart } from '../files/etcd';
import { layoutOf, serversWith } from '../layout';
import type { PlanInput } from './plan-input';

type Listed = NonNullable<ScopeFacts['etcdMembers']>[number];

/** How a member starts, and whether it must be let in first. `forget`: the id of its former self, whose data is lost. */
export interface EtcdEntry {
  readonly start: EtcdStart;
  readonly joins: boolean;
  readonly forget: string | null;
}

/**
 * How one member of etcd starts. One that has data goes on with what it was started with: etcd reads the initial
 * cluster only once, and a change of the file would restart it for nothing. One without data founds the cluster, or joins it.
 */
export function etcdEntry(input: PlanInput, server: ServerSpec): EtcdEntry {
  const own = input.facts.servers[server.name];
  const held = own === undefined ? null : startedWith(input, own);
  const entry = listedAs(input, server);
  const gone = entry === undefined && input.facts.cluster.etcdMembers !== null;
  if (held !== null) return { start: held, joins: gone || entry?.learner === true, forget: null };
  if (founds(input, server, entry)) return { start: newEtcdCluster(input.spec), joins: false, forget: null };
  const forget = entry?.started === true ? entry.id : null;
  return { start: { state: 'existing', initialCluster: clusterFor(input, server) }, joins: true, forget };
}

function listedAs(input: PlanInput, server: ServerSpec): Listed | undefined {
  return input.facts.cluster.etcdMembers?.find((member) => member.peerUrls.includes(peerUrl(input.spec, server)));
}

function hasData(input: PlanInput, facts: ServerFacts): boolean {
  const found = facts.paths[layoutOf(input.spec).etcdData];
  return found !== undefined && found.kind === 'directory' && !found.empty;
}

/** The start that stands in a member's settings, where it has been started with them. */
function startedWith(input: PlanInput, facts: ServerFacts): EtcdStart | null {
  return hasData(input, facts) ? readStart(facts.paths[layoutOf(input.spec).etcdDefaults]?.content ?? '') : null;
}

/** Reads `ETCD_INITIAL_CLUSTER` and its state from /etc/default/etcd. */
function readStart(text: string): EtcdStart | null {
  const value = (name: string): string | undefined => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1];
  const state = value('ETCD_INITIAL_CLUSTER_STATE');
  const initialCluster = value('ETCD_INITIAL_CLUSTER');
  return initialCluster === undefined || (state !== 'new' && state !== 'existing') ? null : { state, initialCluster };
}

/** A member is one of the founders when there is no cluster yet, or when the founders' own files name it and it has never started. */
function founds(input: PlanInput, server: ServerSpec, entry: Listed | undefined): boolean {
  if (entry?.started === true) return false;
  const starts = serversWith(input.spec, 'etcd').flatMap((other) => {
    const facts = input.facts.servers[other.name];
    return facts === undefined ? [] : (startedWith(input, facts) ?? []);
  });
  if (starts.length === 0) return input.facts.cluster.etcdMembers === null;
  const own = `${server.name}=${peerUrl(input.spec, server)}`;
  return starts.some((start) => start.state === 'new' && start.initialCluster.split(',').includes(own));
}

/** A member that does not answer leaves before another joins; one that does stays until the other follows. */
export function leavesFirst(input: PlanInput, leaving: Leaving): boolean {
  return leaving.roles.includes('etcd') && input.facts.cluster.etcdHealthy[leaving.server.name] !== true;
}

/** All members at the moment this one joins: those listed, those that join before it, and itself. */
function clusterFor(input: PlanInput, server: ServerSpec): string {
  const { spec, facts } = input;
  const leaving = new Set(
    (input.leaving ?? []).filter((entry) => leavesFirst(input, entry)).map((entry) => peerUrl(spec, entry.server)),
  );
  const etcd = serversWith(spec, 'etcd');
  const named = new Map(etcd.map((member) => [peerUrl(spec, member), member.name]));
  const members = new Map<string, string>();
  for (const member of facts.cluster.etcdMembers ?? []) {
    const url = member.peerUrls[0];
    if (url !== undefined && !leaving.has(url))
      members.set(url, named.get(url) ?? (member.name === '' ? member.id : member.name));
  }
  for (const member of etcd.slice(0, etcd.indexOf(server) + 1)) members.set(peerUrl(spec, member), member.name);
  return [...members].map(([url, name]) => `${name}=${url}`).join(',');
}
