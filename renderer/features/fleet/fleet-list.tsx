import { memo, useMemo, useRef, type ReactNode } from 'react';
import type { FleetColumn } from '../../../shared/model/app/settings';
import type { PairLink } from '../../../shared/model/cluster/cluster-pair';
import type { MemberSummary } from '../../../shared/model/cluster/cluster-state';
import type { FleetRow } from '../../../shared/rules/citus/citus-clusters';
import { groupsInWords } from '../../../shared/rules/citus/citus-names';
import { linkLagInWords, sourceInWords, streamingInWords } from '../../../shared/rules/standby/pair-words';
import { pairRows } from '../../../shared/rules/standby/pair-rows';
import { healthByUrgency } from '../../../shared/rules/cluster/health-order';
import { hrefOf } from '../../navigation/route';
import { formatBytes, formatDateTime, plural } from '../../ui/wording/format';
import { Chip, HealthMark, ToneIcon } from '../../ui/mark';
import { ariaSort, SortLabel, useSorted, type SortValue } from '../../ui/sort';
import { Term } from '../../ui/term';
import { Name, printable } from '../../ui/text';
import { Ago } from '../../ui/time';
import { useRows } from '../../ui/virtual';
import { conditionTone, conditionWords, roleWords } from '../../ui/wording/words';

const ROW_PX = 48;
const HEAD_PX = 33;
const MOST_DOTS = 5;

type AnyColumn = 'cluster' | 'health' | FleetColumn;

/** The columns that can be hidden, with their names. */
export const chosenFleetColumns: readonly (readonly [FleetColumn, string])[] = [
  ['leader', 'Leader'],
  ['timeline', 'Timeline'],
  ['members', 'Members'],
  ['lag', 'Worst lag'],
  ['asOf', 'As of'],
];

const columns: readonly (readonly [AnyColumn, string])[] = [
  ['cluster', 'Cluster'],
  ['health', 'Health'],
  ...chosenFleetColumns,
];
const numeric: ReadonlySet<AnyColumn> = new Set(['timeline', 'lag']);
const none: ReadonlySet<AnyColumn> = new Set();

/** What a cluster has in a column, for sorting. */
function valueOf(cluster: FleetRow, column: AnyColumn): SortValue {
  switch (column) {
    case 'cluster':
      return cluster.title;
    case 'health':
      return healthByUrgency.indexOf(cluster.health.level);
    case 'leader':
      return cluster.leader;
    case 'timeline':
      return cluster.timeline;
    case 'members':
      return cluster.members.length;
    case 'lag':
      return cluster.worstLag;
    case 'asOf':
      return cluster.asOf;
  }
}

/** The rows of the fleet; only those on the screen are in the document. */
export function FleetList({
  clusters,
  hidden = none,
}: {
  readonly clusters: readonly FleetRow[];
  readonly hidden?: ReadonlySet<AnyColumn>;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const sorted = useSorted(clusters, valueOf);
  const shown = useMemo(() => pairRows(sorted.rows), [sorted.rows]);
  const rows = useRows({ count: clusters.length, scroller, rowHeight: ROW_PX, overscan: 6, above: HEAD_PX });
  return (
    <div
      className="m-fleet-list"
      ref={scroller}
      role="table"
      aria-label="Clusters"
      aria-rowcount={clusters.length + 1}
      tabIndex={0}
    >
      <div role="rowgroup">
        <div className="m-fleet-head" role="row" aria-rowindex={1}>
          {columns.map(([column, name]) =>
            hidden.has(column) ? null : (
              <span
                key={column}
                role="columnheader"
                aria-sort={ariaSort(sorted.sorting, column)}
                className={`m-sortable m-fleet-col-${column} ${numeric.has(column) ? 'm-num' : ''}`}
                onClick={() => sorted.toggle(column)}
              >
                <SortLabel column={column} name={name} sorted={sorted}>
                  {column === 'timeline' ? <Term name="timeline">{name}</Term> : name}
                </SortLabel>
              </span>
            ),
          )}
        </div>
      </div>
      <div role="rowgroup" style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map((item) => {
          const cluster = shown[item.index];
          return cluster === undefined ? null : (
            <ClusterRow
              key={cluster.clusterId}
              cluster={cluster}
              index={item.index}
              top={item.start - HEAD_PX}
              hidden={hidden}
            />
          );
        })}
      </div>
    </div>
  );
}

const ClusterRow = memo(function ClusterRow({
  cluster,
  index,
  top,
  hidden,
}: {
  readonly cluster: FleetRow;
  readonly index: number;
  readonly top: number;
  readonly hidden: ReadonlySet<AnyColumn>;
}) {
  const old = cluster.health.level === 'unknown';
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)` }}
      className={`m-fleet-row m-fleet-${cluster.health.level}`}
      onClick={(event) => {
        event.currentTarget.querySelector('a')?.click();
      }}
    >
      <span role="cell" className="m-fleet-col-cluster m-fleet-name">
        <a
          className="m-row m-fleet-link"
          href={hrefOf({ page: 'cluster', clusterId: cluster.clusterId, tab: 'overview' })}
          onClick={(event) => event.stopPropagation()}
        >
          <Name text={cluster.title} strong />
        </a>
        <Labels cluster={cluster} />
      </span>
      <span role="cell" className="m-fleet-col-health m-fleet-health">
        <HealthMark level={cluster.health.level} />
        <span className="m-fleet-sentence m-muted" title={cluster.health.sentence}>
          {cluster.health.sentence}
        </span>
      </span>
      {chosenFleetColumns.map(([column]) =>
        hidden.has(column) ? null : (
          <span
            key={column}
            role="cell"
            className={`m-fleet-col-${column} ${cellClass(column)} ${old ? 'm-stale' : ''}`}
          >
            <Figure column={column} cluster={cluster} />
          </span>
        ),
      )}
    </div>
  );
});

function cellClass(column: FleetColumn): string {
  if (column === 'leader') return 'm-row';
  return numeric.has(column) ? 'm-num' : '';
}

/** What a cluster has in one of the columns that can be hidden. */
function Figure({ column, cluster }: { readonly column: FleetColumn; readonly cluster: FleetRow }): ReactNode {
  switch (column) {
    case 'leader':
      return <Leader cluster={cluster} />;
    case 'timeline':
      return cluster.timeline ?? <span className="m-muted">not known</span>;
    case 'members':
      return <MemberDots members={cluster.members} />;
    case 'lag':
      return cluster.worstLag === null ? <span className="m-muted">not known</span> : formatBytes(cluster.worstLag);
    case 'asOf':
      return (
        <span className="m-muted m-small m-nowrap">
          <Ago at={cluster.asOf} />
        </span>
      );
  }
}

function Labels({ cluster }: { readonly cluster: FleetRow }) {
  return (
    <span className="m-fleet-labels m-small m-muted">
      {cluster.title === cluster.scope ? null : <Name text={cluster.scope} />}
      {cluster.groups === undefined ? null : <CitusChip groups={cluster.groups} />}
      <PairLabels cluster={cluster} />
      {cluster.production ? <Chip tone="info" word="production" /> : null}
      {cluster.origin === 'demo' ? <Chip tone="unknown" word="demo" /> : null}
      {cluster.paused === true ? <Chip tone="warn" icon word="paused" /> : null}
      {cluster.tags
        .filter((tag) => tag !== cluster.origin)
        .slice(0, 3)
        .map((tag) => (
          <Chip key={tag} tone="unknown" word={tag} title={tag} />
        ))}
    </span>
  );
}

/** What a row follows, and who follows it, with how far behind that is. */
function PairLabels({ cluster }: { readonly cluster: FleetRow }) {
  const { follows = null, followedBy = [] } = cluster.pair ?? {};
  return (
    <>
      {follows === null ? null : (
        <PairChip
          words={`follows ${printable(follows.site?.title ?? sourceInWords(follows.source))}`}
          link={follows.link}
        />
      )}
      {followedBy.map(({ site, link }) => (
        <PairChip key={site.clusterId} words={`followed by ${printable(site.title)}`} link={link} />
      ))}
    </>
  );
}

function PairChip({ words, link }: { readonly words: string; readonly link: PairLink }) {
  const lag = link.current || link.why !== null ? linkLagInWords(link) : `${linkLagInWords(link)}, last known`;
  const asOf = link.asOf === null ? '' : ` As of ${formatDateTime(link.asOf)}.`;
  const tone = link.streaming === 'yes' || link.streaming === 'archive' ? 'info' : pairTones[link.streaming];
  return <Chip tone={tone} word={`${words}, ${lag}`} title={`${words}: ${streamingInWords(link)}, ${lag}.${asOf}`} />;
}

const pairTones = { no: 'warn', not_known: 'unknown' } as const;

/** That a row is a Citus cluster; the title says of what it consists, and whose leader the row shows. */
function CitusChip({ groups }: { readonly groups: NonNullable<FleetRow['groups']> }) {
  const words = groupsInWords(groups.flatMap((group) => group.citusGroup ?? []));
  return (
    <Chip
      tone="unknown"
      word="Citus"
      title={`${plural(groups.length, 'group')}: ${words}. The leader and the timeline are those of the coordinator.`}
    />
  );
}

function Leader({ cluster }: { readonly cluster: FleetRow }) {
  if (cluster.leader !== null) return <Name text={cluster.leader} />;
  return cluster.leaderKnown ? (
    <span className="m-tone-crit m-strong">no leader</span>
  ) : (
    <span className="m-muted">not known</span>
  );
}

/** One shape per member, with the sum in words: colour is not needed to read it. */
function MemberDots({ members }: { readonly members: readonly MemberSummary[] }) {
  const healthy = members.filter((member) => member.condition === 'healthy' && !member.stale).length;
  return (
    <span
      className="m-dots"
      title={members
        .map(
          (member) =>
            `${member.name}: ${roleWords[member.role]}, ${conditionWords[member.condition].word}` +
            (member.stale ? ', last known' : ''),
        )
        .join('\n')}
    >
      {members.slice(0, MOST_DOTS).map((member, index) => {
        const tone = conditionTone(member.condition, member.stale);
        return (
          <span key={`${index} ${member.name}`} className={`m-dot m-dot-${tone} m-tone-${tone}`}>
            <ToneIcon tone={tone} size={11} />
          </span>
        );
      })}
      <span className="m-dots-text m-muted">
        {healthy} of {members.length}
        <span className="m-hidden"> healthy</span>
      </span>
    </span>
  );
}
