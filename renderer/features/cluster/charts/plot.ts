import uPlot from 'uplot';
import type { ClusterEvent } from '../../../../shared/model/cluster/cluster-state';
import type { ChartFact } from './chart-facts';
import { timeLabels } from './time-labels';

/** One line of a chart. */
export interface PlotLine {
  readonly member: string;
  readonly color: string;
}

/** What a chart is drawn with. */
export interface PlotRequest {
  readonly host: HTMLElement;
  readonly fact: ChartFact;
  readonly lines: readonly PlotLine[];
  readonly colors: { readonly text: string; readonly grid: string; readonly event: string };
  /** Those of the time that is shown. */
  readonly events: () => readonly ClusterEvent[];
  /** The place under the pointer, null where it is not on the chart. */
  readonly onPlace: (index: number | null) => void;
  /** A part was marked; ms since the epoch. */
  readonly onMarked: (from: number, to: number) => void;
}

/** All charts show the same place. */
const SYNC = 'matriarch-charts';
const HEIGHT = 140;
const AXIS_WIDTH = 72;

/** Draws a chart into its host; the caller destroys it. */
export function drawPlot(request: PlotRequest): uPlot {
  const { host, fact, lines } = request;
  const options: uPlot.Options = {
    width: Math.max(120, host.clientWidth),
    height: HEIGHT,
    legend: { show: false },
    padding: [8, 8, 0, 0],
    cursor: {
      sync: { key: SYNC },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
    },
    scales: { x: { time: true }, y: { range: (_plot, _low, high) => rangeOf(fact, high) } },
    axes: axesOf(request),
    series: [
      {},
      ...lines.map(({ member, color }) => ({ label: member, stroke: color, width: 1.5, points: { size: 4 } })),
    ],
    hooks: {
      draw: [(plot) => drawEvents(plot, request)],
      setCursor: [(plot) => request.onPlace(plot.cursor.idx ?? null)],
      setSelect: [(plot) => tellMarked(plot, request)],
    },
  };
  return new uPlot(options, [[], ...lines.map(() => [])], host);
}

function rangeOf({ kind }: ChartFact, high: number | null): [number, number] {
  if (kind.most !== null) return [0, kind.most];
  return [0, Math.max(kind.least, (high ?? 0) * 1.05)];
}

function axesOf({ fact, colors }: PlotRequest): uPlot.Axis[] {
  const look = {
    stroke: colors.text,
    grid: { stroke: colors.grid, width: 1 },
    ticks: { stroke: colors.grid, width: 1 },
    font: '11px system-ui, sans-serif',
  };
  return [
    {
      ...look,
      space: 70,
      values: (_plot, splits, _axis, _space, step) => timeLabels(splits, step),
    },
    {
      ...look,
      size: AXIS_WIDTH,
      space: 34,
      ...(fact.kind.steps === null ? {} : { incrs: [...fact.kind.steps] }),
      values: (_plot, splits) => splits.map((value) => fact.kind.write(value)),
    },
  ];
}

function drawEvents(plot: uPlot, { events, colors }: PlotRequest): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colors.event;
  ctx.lineWidth = Math.max(1, uPlot.pxRatio);
  ctx.setLineDash([4, 3]);
  for (const { at } of events()) {
    const x = Math.round(plot.valToPos(at / 1000, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

function tellMarked(plot: uPlot, { onMarked }: PlotRequest): void {
  const { left, width } = plot.select;
  if (width < 4) return;
  const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onMarked(from * 1000, to * 1000);
}
