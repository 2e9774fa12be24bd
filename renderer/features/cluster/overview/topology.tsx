import '@xyflow/react/dist/base.css';
import {
  Background,
  Controls,
  Handle,
  MarkerType,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type Edge,
  type Node,
  type NodeProps,
} from '@xyflow/react';
import { CrownIcon } from '@blueprintjs/icons';
import { memo, useEffect, useMemo, useRef } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../../shared/model/cluster/member';
import { lagInWords } from '../../../ui/wording/format';
import { Mark } from '../../../ui/mark';
import { printable } from '../../../ui/text';
import { conditionTone, conditionWords, roleWords } from '../../../ui/wording/words';
import { ActionMenu } from '../../../actions/action-menu';
import { memberOffers } from '../../../../shared/rules/operate/offers';
import { drawTopology, NODE, type Drawing, type Stream } from './topology-layout';

type MemberNode = Node<{ readonly state: ClusterState; readonly member: Member }, 'member'>;

const nodeTypes = { member: MemberCard };
const SMALLEST = 100;
const LARGEST = 480;
const FIT = { padding: 0.08, maxZoom: 1, minZoom: 0.3 } as const;

/**
 * The size and the ends of every node, said rather than measured: React Flow forgets what it measured of a node that is
 * made anew, and draws no edge to it until its size changes.
 */
const MEASURED = {
  width: NODE.width,
  height: NODE.height,
  measured: { width: NODE.width, height: NODE.height },
  handles: [
    { type: 'target', position: Position.Left, x: 0, y: NODE.height / 2, width: 1, height: 1 },
    { type: 'source', position: Position.Right, x: NODE.width, y: NODE.height / 2, width: 1, height: 1 },
  ],
} satisfies Partial<MemberNode>;

/** Who streams from whom, drawn; each member opens its actions. */
export default memo(function Topology({ state }: { readonly state: ClusterState }) {
  const drawing = useMemo(() => drawTopology({ members: state.members }), [state.members]);
  const height = Math.min(LARGEST, Math.max(SMALLEST, drawing.height + 36));
  if (state.members.length === 0) return <p className="m-panel-body m-muted">No member is known yet.</p>;
  return (
    <div className="m-topology" style={{ height }}>
      <ReactFlowProvider>
        <Flow state={state} drawing={drawing} />
      </ReactFlowProvider>
    </div>
  );
});

function Flow({ state, drawing }: { readonly state: ClusterState; readonly drawing: Drawing }) {
  const frame = useRef<HTMLDivElement>(null);
  const nodes = drawing.members.map<MemberNode>(({ member, x, y }) => ({
    id: member.name,
    type: 'member',
    position: { x, y },
    ...MEASURED,
    // React Flow lets the pointer through nodes that can be neither dragged nor selected.
    style: { pointerEvents: 'all' },
    data: { state, member },
  }));
  useFit(frame, `${drawing.width}x${drawing.height}`);
  return (
    <div ref={frame} className="m-topology-frame">
      <ReactFlow
        nodes={nodes}
        edges={drawing.streams.map(edgeOf)}
        nodeTypes={nodeTypes}
        fitView
        fitViewOptions={FIT}
        minZoom={0.2}
        maxZoom={1.5}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        proOptions={{ hideAttribution: true }}
        zoomOnScroll={false}
        preventScrolling={false}
        zoomOnDoubleClick={false}
        aria-label="Members and the replication between them"
      >
        <Background gap={18} size={1} color="var(--m-line)" />
        {drawing.members.length > 8 ? <Controls showInteractive={false} /> : null}
      </ReactFlow>
    </div>
  );
}

/** Fits the drawing into its frame whenever either changes its size. */
function useFit(frame: React.RefObject<HTMLDivElement | null>, size: string): void {
  const flow = useReactFlow();
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => void flow.fitView(FIT));
    observer.observe(element);
    return () => observer.disconnect();
  }, [flow, frame, size]);
}

function edgeOf(stream: Stream): Edge {
  const colour = stream.stale ? 'var(--m-line-strong)' : 'var(--m-accent)';
  return {
    id: JSON.stringify([stream.from, stream.to]),
    source: stream.from,
    target: stream.to,
    label: lagInWords(stream.lag),
    style: { stroke: colour, strokeWidth: 1.5, ...(stream.stale ? { strokeDasharray: '4 4' } : {}) },
    labelShowBg: true,
    labelBgPadding: [4, 2],
    labelBgBorderRadius: 4,
    markerEnd: { type: MarkerType.ArrowClosed, color: colour, width: 16, height: 16 },
    ariaLabel: `${printable(stream.from)} streams to ${printable(stream.to)}`,
  };
}

function MemberCard({ data }: NodeProps<MemberNode>) {
  const { state, member } = data;
  const leads = state.leader.holder === member.name;
  const { word } = conditionWords[member.condition];
  const tone = conditionTone(member.condition, member.stale);
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <ActionMenu
        state={state}
        label={`Actions for ${printable(member.name)}`}
        offers={(scene) => memberOffers(scene, member)}
        member={member}
      >
        <button
          type="button"
          className={`m-node m-node-${tone} ${leads ? 'm-node-leader' : ''} ${member.stale ? 'm-stale' : ''}`}
          title={`${printable(member.name)}: ${conditionWords[member.condition].explain}`}
        >
          <span className="m-node-name">
            {leads ? <CrownIcon size={13} className="m-crown" aria-hidden /> : null}
            <bdi className="m-clip m-strong">{printable(member.name)}</bdi>
          </span>
          <span className="m-node-line m-muted">
            {roleWords[member.role]}
            {member.timeline === null ? '' : ` · timeline ${member.timeline}`}
          </span>
          <span className="m-node-line">
            <Mark tone={tone} word={word} />
            {member.stale && tone !== 'crit' ? <span className="m-muted">last known</span> : null}
          </span>
        </button>
      </ActionMenu>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </>
  );
}
