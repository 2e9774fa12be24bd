import './charts.css';
import { Button, Checkbox } from '@blueprintjs/core';
import { useMemo, useState } from 'react';
import type { ClusterEvent, ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { ChartMember, ChartsView } from '../../../../shared/model/statistics/charts';
import type { Metric } from '../../../../shared/model/statistics/metrics';
import { goToView } from '../../../navigation/route';
import { isViewOf, tabViews, viewsOf } from '../../../navigation/tab-views';
import { useAction, usePage } from '../../../rpc/hooks';
import { useIsDark } from '../../../ui/is-dark';
import { Loading } from '../../../ui/loading';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { formatDateTime, plural } from '../../../ui/wording/format';
import { Chart } from './chart';
import { chartGroups } from './chart-facts';
import { marked, moved, rangeLengths, spanOf, zoomed, type ChartRange } from './chart-range';
import { LatestTable } from './latest-table';
import { lineColor } from './line-colors';
import { PrometheusChoice } from './prometheus-choice';
import { useCharts } from './use-charts';
import { usePrometheus, type PrometheusFeed } from './use-prometheus';

/** Events that are drawn into the charts: what changes who writes, and what interrupts it. */
const drawnKinds: ReadonlySet<ClusterEvent['kind']> = new Set(['leader_lost', 'leader_elected', 'promoted']);

/** The figures of a cluster over time. */
export default function ChartsTab(props: {
  readonly state: ClusterState;
  readonly events: readonly ClusterEvent[];
  readonly view: string | null;
}) {
  const { clusterId } = props.state;
  const [range, setRange] = useState(() => rangeOf(props.view));
  const [came, setCame] = useState(props.view);
  if (came !== props.view) {
    setCame(props.view);
    setRange(rangeOf(props.view));
  }
  const [wanted, setWanted] = useState(false);
  const prometheus = usePrometheus(clusterId, range, wanted);
  // A Prometheus that does not answer is no reason to look at nothing.
  const isPaused = wanted && prometheus.error === null;
  const { view, error, reload } = useCharts(clusterId, range, isPaused);
  if (view === null)
    return error === null ? <Loading what="Reading the figures of this cluster." /> : <ErrorNotice error={error} />;
  return (
    <div className="m-stack" data-testid="charts">
      {error === null ? null : <ErrorNotice error={error} />}
      {view.problem === null ? null : <ErrorNotice error={view.problem} />}
      <Ranges clusterId={clusterId} range={range} onRange={setRange} />
      <Collected clusterId={clusterId} view={view} isPaused={isPaused} onChanged={reload} />
      <PrometheusChoice
        state={props.state}
        place={prometheus.place}
        isShown={wanted}
        onShown={setWanted}
        onChanged={prometheus.reload}
      />
      {wanted ? <FromPrometheus feed={prometheus} /> : null}
      <Charts state={props.state} view={withFigures(view, prometheus)} events={props.events} onRange={setRange} />
      {isPaused ? null : <LatestTable members={view.members} />}
    </div>
  );
}

/** The charts with the lines of a Prometheus in place of the app's own, where they are there. */
function withFigures(view: ChartsView, { figures }: PrometheusFeed): ChartsView {
  return figures === null ? view : { ...view, times: figures.times, lines: figures.lines };
}

/** What the Prometheus does not have, or why it is not read. */
function FromPrometheus({ feed: { figures, error } }: { readonly feed: PrometheusFeed }) {
  if (error !== null) return <ErrorNotice error={error} />;
  if (figures === null) return <Loading what="Reading the Prometheus." />;
  if (figures.missing.length === 0) return null;
  return (
    <details className="m-small m-muted" data-testid="prometheus-missing">
      <summary>
        {plural(figures.missing.length, 'chart is', 'charts are')} empty: this Prometheus lacks their figures.
      </summary>
      <ul>
        {figures.missing.map(({ metric, reason }) => (
          <li key={metric}>
            {titleOf(metric)}: {printable(reason)}
          </li>
        ))}
      </ul>
    </details>
  );
}

const titleOf = (metric: Metric): string =>
  chartGroups.flatMap(({ charts }) => charts).find((chart) => chart.metric === metric)?.title ?? metric;

function rangeOf(view: string | null): ChartRange {
  return { kind: 'recent', lengthMs: rangeLengths[isViewOf('charts', view) ? view : 'min-15'] };
}

interface RangesProps {
  readonly clusterId: string;
  readonly range: ChartRange;
  readonly onRange: (range: ChartRange) => void;
}

function Ranges({ clusterId, range, onRange }: RangesProps) {
  const change = (next: (range: ChartRange, now: number) => ChartRange) => onRange(next(range, Date.now()));
  return (
    <div className="m-row m-row-wrap">
      <div className="m-row m-row-wrap" role="group" aria-label="Time that is shown">
        {viewsOf('charts').map((view) => (
          <Button
            key={view}
            size="small"
            text={tabViews.charts[view]}
            aria-pressed={range.kind === 'recent' && range.lengthMs === rangeLengths[view]}
            onClick={() => {
              onRange(rangeOf(view));
              goToView(clusterId, 'charts', view);
            }}
          />
        ))}
      </div>
      <div className="m-row m-row-wrap" role="group" aria-label="Move in time">
        <Button size="small" text="Earlier" onClick={() => change((at, now) => moved(at, -1, now))} />
        <Button
          size="small"
          text="Later"
          disabled={range.kind === 'recent'}
          onClick={() => change((at, now) => moved(at, 1, now))}
        />
        <Button size="small" text="Zoom in" onClick={() => change((at, now) => zoomed(at, 0.5, now))} />
        <Button size="small" text="Zoom out" onClick={() => change((at, now) => zoomed(at, 2, now))} />
      </div>
      <span className="m-small m-muted" role="status">
        {rangeInWords(range)}
      </span>
    </div>
  );
}

function rangeInWords(range: ChartRange): string {
  if (range.kind === 'recent') return 'Live. Mark a part of a chart to look at it closely.';
  const { from, to } = spanOf(range, 0);
  return `${formatDateTime(from)} to ${formatDateTime(to)}`;
}

/** What is collected and since when, and whether it goes on while nobody looks. */
function Collected(props: {
  readonly clusterId: string;
  readonly view: ChartsView;
  /** A Prometheus is read in place of what the app would collect. */
  readonly isPaused: boolean;
  readonly onChanged: () => void;
}) {
  const { clusterId, view, isPaused, onChanged } = props;
  const page = usePage();
  const keep = useAction((on: boolean) =>
    page.call((client) => client.statistics.keep({ clusterId, on })).then(onChanged),
  );
  const troubled = isPaused ? [] : view.members.flatMap((member) => troubleOf(member) ?? []);
  return (
    <>
      {keep.error === null ? null : <ErrorNotice error={keep.error} />}
      <div className="m-row m-row-wrap m-small m-muted">
        <span>{sourceInWords(view, isPaused)}</span>
        <Checkbox
          className="m-chart-keep"
          checked={view.kept}
          disabled={keep.busy}
          label="Collect also while this page is closed"
          onChange={(event) => void keep.run(event.currentTarget.checked)}
        />
      </div>
      {troubled.map((sentence) => (
        <Notice key={sentence} tone="warn">
          {sentence}
        </Notice>
      ))}
    </>
  );
}

/** Whose figures the charts show. */
function sourceInWords({ since, kept }: ChartsView, isPaused: boolean): string {
  if (isPaused)
    return kept
      ? "The charts show the Prometheus. The app's own figures are collected beside it, as you asked for."
      : "The charts show the Prometheus. The app's own readings are paused: no server is asked for figures.";
  return since === null
    ? 'The first figures come in a few seconds.'
    : `Figures since ${formatDateTime(since)}; gaps are times in which nobody looked or a server did not answer.`;
}

function troubleOf({ name, status }: ChartMember): string | null {
  switch (status.kind) {
    case 'off':
      return `${printable(name)} is not asked: no server is chosen as the way to it. Choose one under Cluster settings.`;
    case 'lost':
      return `${printable(name)}: ${printable(status.error.message)}`;
    case 'live':
      return status.postgres ? null : `PostgreSQL on ${printable(name)} does not answer; its server does.`;
    case 'connecting':
      return null;
  }
}

function Charts(props: {
  readonly state: ClusterState;
  readonly view: ChartsView;
  readonly events: readonly ClusterEvent[];
  readonly onRange: (range: ChartRange) => void;
}) {
  const { state, view, onRange } = props;
  const dark = useIsDark();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const names = view.members.map(({ name }) => name).join('\n');
  const all = useMemo(
    () =>
      names
        .split('\n')
        .filter((name) => name !== '')
        .map((member, index) => ({ member, color: lineColor(index, dark) })),
    [names, dark],
  );
  const lines = useMemo(() => all.filter(({ member }) => !hidden.has(member)), [all, hidden]);
  const events = useMemo(() => props.events.filter(({ kind }) => drawnKinds.has(kind)), [props.events]);
  const onMarked = useMemo(() => (from: number, to: number) => onRange(marked(from, to)), [onRange]);
  const toggle = (member: string) =>
    setHidden(
      (before) => new Set(before.has(member) ? [...before].filter((one) => one !== member) : [...before, member]),
    );
  return (
    <>
      <div className="m-row m-row-wrap" role="group" aria-label="Members that are shown">
        {all.map(({ member, color }) => (
          <Button
            key={member}
            size="small"
            aria-pressed={!hidden.has(member)}
            icon={<span className="m-chart-swatch" style={{ background: color }} />}
            text={`${printable(member)}${member === state.leader.holder ? ' (leader)' : ''}`}
            onClick={() => toggle(member)}
          />
        ))}
        {events.length === 0 ? null : (
          <span className="m-small m-muted">Dashed lines: the leader was lost or changed.</span>
        )}
      </div>
      {chartGroups.map(({ title, charts }) => (
        <Panel key={title} title={title}>
          <div className="m-charts">
            {charts.map((fact) => (
              <Chart key={fact.metric} {...{ fact, view, lines, events, dark, onMarked }} />
            ))}
          </div>
        </Panel>
      ))}
    </>
  );
}
