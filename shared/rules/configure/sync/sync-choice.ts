import type { Member } from '../../../model/cluster/member';
import { isPatroniAtLeast } from '../../cluster/patroni-version';
import { isTagOn } from '../member-file/judge-tags';
import { readSwitchWord } from '../parameter-value';

type Json = Readonly<Record<string, unknown>>;

/** How commits wait for other members, as the dynamic configuration says it. */
export interface SyncChoice {
  readonly mode: 'off' | 'on' | 'quorum';
  readonly strict: boolean;
  /** synchronous_node_count: how many members a commit waits for. */
  readonly count: number;
  /** maximum_lag_on_syncnode, bytes; -1: without a limit. */
  readonly maximumLag: number;
}

function isOn(value: unknown): boolean {
  return value === true || (typeof value === 'string' && readSwitchWord(value) === true);
}

function numberIn(config: Json, key: string, otherwise: number): number {
  const value = Number(config[key] ?? otherwise);
  return Number.isFinite(value) ? value : otherwise;
}

/** What a dynamic configuration chooses; what it does not say is Patroni's default. */
export function readSyncChoice(config: Json): SyncChoice {
  const set = config['synchronous_mode'];
  const onOrOff = isOn(set) ? 'on' : 'off';
  return {
    mode: typeof set === 'string' && set.toLowerCase() === 'quorum' ? 'quorum' : onOrOff,
    strict: isOn(config['synchronous_mode_strict']),
    count: Math.max(1, numberIn(config, 'synchronous_node_count', 1)),
    maximumLag: numberIn(config, 'maximum_lag_on_syncnode', -1),
  };
}

/** The members that a commit may wait for: those beside the leader that no tag keeps from it (patroni/postgresql/sync.py). */
export function possibleSyncStandbys(
  members: readonly Pick<Member, 'name' | 'tags'>[],
  leader: string | null,
): readonly string[] {
  const others = leader === null ? members.slice(1) : members.filter(({ name }) => name !== leader);
  return others.flatMap(({ name, tags }) => (isTagOn(tags['nosync']) || isTagOn(tags['nostream']) ? [] : [name]));
}

/** Why quorum commit cannot be chosen; null where it can. */
export function whyNotQuorum(version: string | null): string | null {
  return isPatroniAtLeast(version, '4.0.0') === false ? `Quorum needs Patroni 4.0; a member runs ${version}.` : null;
}
