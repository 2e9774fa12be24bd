import type { ChartFact } from '../../../renderer/features/cluster/charts/chart-facts';
import { chartGroups } from '../../../renderer/features/cluster/charts/chart-facts';
import { drawPlot } from '../../../renderer/features/cluster/charts/plot';

const LINES = 8;
const POINTS = 8_640;
const WIDTH = 900;
const HEIGHT = 140;

/** What the bench calls in the browser. */
declare global {
  interface Window {
    measureCharts: () => Promise<{ readonly ours: number; readonly baseline: number }>;
  }
}

const values = Array.from({ length: LINES }, (_, line) =>
  Array.from({ length: POINTS }, (_, at) => 50_000 * (line + 1) + 20_000 * Math.sin(at / 40 + line)),
);
const times = Array.from({ length: POINTS }, (_, at) => 1_800_000_000 + at * 10);

const nextFrame = (): Promise<unknown> => new Promise((resolve) => void requestAnimationFrame(resolve));

/** Draws a day of eight lines, and the same points by the canvas alone; ms until each is painted. */
window.measureCharts = async () => {
  const fact = chartGroups.flatMap(({ charts }) => charts).find(({ metric }) => metric === 'wal_rate');
  if (fact === undefined) throw new Error('no chart of WAL');
  return { baseline: await timed(plainLines), ours: await timed(() => charted(fact)) };
};

async function timed(draw: () => HTMLElement): Promise<number> {
  await nextFrame();
  const began = performance.now();
  const drawn = draw();
  await nextFrame();
  const took = performance.now() - began;
  drawn.remove();
  return took;
}

function charted(fact: ChartFact): HTMLElement {
  const host = document.createElement('div');
  host.style.width = `${WIDTH}px`;
  document.body.append(host);
  const plot = drawPlot({
    host,
    fact,
    lines: values.map((_, index) => ({ member: `db${index}`, color: `hsl(${index * 45} 60% 45%)` })),
    colors: { text: '#333', grid: '#ddd', event: '#a00' },
    events: () => [],
    onPlace: () => undefined,
    onMarked: () => undefined,
  });
  plot.setData([times, ...values]);
  return host;
}

function plainLines(): HTMLElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  document.body.append(canvas);
  const context = canvas.getContext('2d');
  for (const line of values) {
    context?.beginPath();
    for (const [at, value] of line.entries()) context?.lineTo((at / POINTS) * WIDTH, HEIGHT - value / 4_000);
    context?.stroke();
  }
  return canvas;
}
