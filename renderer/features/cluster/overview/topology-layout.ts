import { Graph, layout } from '@dagrejs/dagre';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../../shared/model/cluster/member';

/** Size of a member in the graph, px. */
export const NODE = { width: 196, height: 66 } as const;

/** A member with its place, px from the top left of the drawing. */
export interface PlacedMember {
  readonly member: Member;
  readonly x: number;
  readonly y: number;
}

/** An observed stream of WAL from one member to another. */
export interface Stream {
  readonly from: string;
  readonly to: string;
  readonly lag: number | null;
  readonly stale: boolean;
}

/** The drawing: members left to right by who streams from whom, as observed. */
export interface Drawing {
  readonly members: readonly PlacedMember[];
  readonly streams: readonly Stream[];
  readonly width: number;
  readonly height: number;
}

/** The streams that were observed: a member whose upstream is not known, or not a member, has none. */
function streamsOf(members: readonly Member[]): readonly Stream[] {
  const names = new Set(members.map((member) => member.name));
  return members.flatMap((member) => {
    const from = member.upstream;
    if (!member.upstreamKnown || from === null || from === member.name || !names.has(from)) return [];
    return [{ from, to: member.name, lag: member.lag?.replay ?? null, stale: member.stale }];
  });
}

/** Lays the members out; those that nobody is seen to stream to stand in the first column below the leader. */
export function drawTopology(state: Pick<ClusterState, 'members'>): Drawing {
  const streams = streamsOf(state.members);
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 16, ranksep: 124, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  // dagre puts what it meets last at the top; members are wanted from the top in the order given.
  for (const member of [...state.members].reverse()) graph.setNode(member.name, { ...NODE });
  for (const stream of [...streams].reverse()) graph.setEdge(stream.from, stream.to);
  layout(graph);
  const members = state.members.map((member) => {
    const at = graph.node(member.name);
    return { member, x: (at.x ?? 0) - NODE.width / 2, y: (at.y ?? 0) - NODE.height / 2 };
  });
  return {
    members,
    streams,
    width: extent(members.map((each) => each.x + NODE.width)),
    height: extent(members.map((each) => each.y + NODE.height)),
  };
}

function extent(ends: readonly number[]): number {
  return ends.reduce((most, end) => Math.max(most, end), 0);
}
