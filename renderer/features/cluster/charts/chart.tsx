import 'uplot/dist/uPlot.min.css';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import type uPlot from 'uplot';
import type { ClusterEvent } from '../../../../shared/model/cluster/cluster-state';
import type { ChartsView } from '../../../../shared/model/statistics/charts';
import { withoutSingleGaps } from '../../../../shared/rules/statistics/chart-grid';
import { printable } from '../../../ui/text';
import { formatDateTime } from '../../../ui/wording/format';
import type { ChartFact } from './chart-facts';
import { drawPlot, type PlotLine } from './plot';

/** One chart of one figure: a line for each member that is shown. */
export const Chart = memo(function Chart(props: {
  readonly fact: ChartFact;
  readonly view: ChartsView;
  readonly lines: readonly PlotLine[];
  readonly events: readonly ClusterEvent[];
  readonly dark: boolean;
  readonly onMarked: (from: number, to: number) => void;
}) {
  const { fact, view, lines } = props;
  const host = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<number | null>(null);
  const values = useMemo(
    () =>
      lines.map(({ member }) => {
        const line = view.lines.find((one) => one.member === member && one.metric === fact.metric);
        return line === undefined ? view.times.map(() => null) : withoutSingleGaps(line.values);
      }),
    [view, lines, fact],
  );
  usePlot(host, { ...props, values, onPlace: setPlace });
  const isEmpty = values.every((line) => line.every((value) => value == null));
  return (
    <figure className="m-chart" aria-label={`${fact.title}. ${fact.meaning}`}>
      <figcaption>
        <span className="m-strong" title={fact.meaning}>
          {fact.title}
        </span>
        <Readout {...{ fact, view, lines, values, place }} />
      </figcaption>
      <div className="m-chart-plot" ref={host} aria-hidden>
        {isEmpty ? <span className="m-chart-empty">No figures in this time.</span> : null}
      </div>
    </figure>
  );
});

/** The figures at the pointer, or the newest ones. */
function Readout(props: {
  readonly fact: ChartFact;
  readonly view: ChartsView;
  readonly lines: readonly PlotLine[];
  readonly values: readonly (readonly (number | null | undefined)[])[];
  readonly place: number | null;
}) {
  const { fact, view, lines, values, place } = props;
  const at = place === null ? null : (view.times[place] ?? null);
  return (
    <span className="m-chart-readout">
      {at === null ? null : <span className="m-muted">{formatDateTime(at * 1000)}</span>}
      {lines.map(({ member, color }, index) => {
        const newest = view.members.find(({ name }) => name === member)?.latest[fact.metric]?.value;
        const value = place === null ? newest : values[index]?.[place];
        return value == null ? null : (
          <span key={member} className="m-nowrap" title={printable(member)}>
            <span className="m-chart-swatch" style={{ background: color }} />
            {fact.kind.write(value)}
          </span>
        );
      })}
    </span>
  );
}

function usePlot(
  host: React.RefObject<HTMLDivElement | null>,
  props: {
    readonly fact: ChartFact;
    readonly view: ChartsView;
    readonly lines: readonly PlotLine[];
    readonly events: readonly ClusterEvent[];
    readonly dark: boolean;
    readonly values: readonly (readonly (number | null | undefined)[])[];
    readonly onPlace: (place: number | null) => void;
    readonly onMarked: (from: number, to: number) => void;
  },
): void {
  const { fact, lines, dark } = props;
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  useEffect(() => {
    const place = host.current;
    if (place === null) return undefined;
    const style = getComputedStyle(document.body);
    const token = (name: string) => style.getPropertyValue(name).trim();
    const drawn = drawPlot({
      host: place,
      fact,
      lines,
      colors: { text: token('--m-muted'), grid: token('--m-line'), event: token('--m-crit') },
      events: () => latest.current.events,
      onPlace: (index) => latest.current.onPlace(index),
      onMarked: (from, to) => latest.current.onMarked(from, to),
    });
    plot.current = drawn;
    const sizes = new ResizeObserver(() => drawn.setSize({ width: place.clientWidth, height: drawn.height }));
    sizes.observe(place);
    return () => {
      sizes.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [host, fact, lines, dark]);
  const { view, values, events } = props;
  useEffect(() => {
    plot.current?.setData([[...view.times], ...values.map((line) => [...line])]);
  }, [view, values, events, lines, dark]);
}
