import { healthCheck } from '../rest/patroni-status';
import { answersQueries, isWritable } from '../model/postgres';
import type { Sim } from '../model/sim';
import type { MemberState } from '../model/types';

/** A connection of a drill's client: from whose server, and to which PostgreSQL. `startedAt` is that of the PostgreSQL it began with. */
export interface Bound {
  readonly sim: Sim;
  readonly from: MemberState;
  readonly to: MemberState;
  readonly startedAt: number;
}

/** What becomes of a write: nothing is heard of it, the connection ends, PostgreSQL takes no writes, or it is done. */
type Outcome = 'silent' | 'ends' | 'read_only' | 'done';

/** Whether the load balancer on a server takes a member for the leader. */
function isUp(sim: Sim, from: MemberState, to: MemberState): boolean {
  if (from.balancerBlind || !sim.connected(from, to) || !to.agent || to.frozen) return false;
  return healthCheck(sim, to, 'primary', new URLSearchParams());
}

/** Connects to a member, or by the load balancer of a server to the leader; null where nobody takes the connection. */
export function bindTo(sim: Sim, from: MemberState, target: MemberState | null): Bound | null {
  const to = target ?? sim.members.find((member) => isUp(sim, from, member));
  if (to === undefined || !answersQueries(to) || !sim.connected(from, to)) return null;
  return { sim, from, to, startedAt: to.startedAt };
}

/** Writes a row, or only asks whether that is possible. */
export function writeRow(
  { sim, from, to, startedAt }: Bound,
  row: { readonly client: string; readonly way: string; readonly n: number } | null,
): Outcome {
  if (!to.power || !sim.connected(from, to)) return 'silent';
  if (!answersQueries(to) || to.startedAt !== startedAt) return 'ends';
  if (!isWritable(to)) return 'read_only';
  if (row !== null) sim.drill.rows.push({ ...row, member: to.name, at: sim.now });
  return 'done';
}

/** The rows that are there on the member that leads: what another one took after its promotion is not. */
export function rowsThere(sim: Sim, leader: MemberState): Sim['drill']['rows'] {
  const text = sim.read('history');
  const rows: unknown = text === null ? [] : JSON.parse(text);
  const last: unknown = Array.isArray(rows) ? rows.at(-1) : null;
  const promotedAt = Array.isArray(last) ? Date.parse(String(last[3]).replace('000+00:00', 'Z')) : Number.NaN;
  return sim.drill.rows.filter(({ member, at }) => member === leader.name || !(at > promotedAt));
}
