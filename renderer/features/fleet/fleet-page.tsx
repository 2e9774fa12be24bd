import './fleet.css';
import { Button, InputGroup } from '@blueprintjs/core';
import { PlusIcon, SearchIcon } from '@blueprintjs/icons';
import { useDeferredValue, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { HealthLevel } from '../../../shared/model/cluster/cluster-state';
import { fleetRows, type FleetRow } from '../../../shared/rules/citus/citus-clusters';
import { goTo } from '../../navigation/route';
import { useFleetColumns } from '../../rpc/columns';
import { usePage } from '../../rpc/hooks';
import { ColumnMenu } from '../../ui/column-menu';
import { plural } from '../../ui/wording/format';
import { Loading } from '../../ui/loading';
import { Notice } from '../../ui/notice';
import { Chip } from '../../ui/mark';
import { Empty } from '../../ui/panel';
import { healthWords } from '../../ui/wording/words';
import { Welcome } from './welcome';
import { filterFleet, tally } from './filter';
import { chosenFleetColumns, FleetList } from './fleet-list';

/** All clusters on one screen, worst first; the welcome screen while there is none. */
export function FleetPage() {
  const fleet = useStore(usePage().fleet);
  const rows = useMemo(() => fleetRows(fleet.clusters), [fleet.clusters]);
  if (!fleet.loaded) return <Loading what="Loading your clusters." />;
  return rows.length === 0 ? <Welcome /> : <Fleet clusters={rows} />;
}

function Fleet({ clusters }: { readonly clusters: readonly FleetRow[] }) {
  const [words, setWords] = useState('');
  const [level, setLevel] = useState<HealthLevel | null>(null);
  const { hidden, onHidden } = useFleetColumns();
  const shown = filterFleet(clusters, { words: useDeferredValue(words), level });
  return (
    <div className="m-fleet">
      <div className="m-fleet-tools">
        <h1>Fleet</h1>
        <Tally clusters={clusters} level={level} onLevel={setLevel} />
        <span className="m-grow" />
        <InputGroup
          type="search"
          className="m-fleet-search"
          leftIcon={<SearchIcon />}
          placeholder="Title, scope, tag or member"
          aria-label="Search the fleet"
          value={words}
          onValueChange={setWords}
          onKeyDown={(event) => {
            const [only, another] = shown;
            if (event.key === 'Enter' && only !== undefined && another === undefined)
              goTo({ page: 'cluster', clusterId: only.clusterId, tab: 'overview' });
          }}
        />
        <ColumnMenu what="the fleet" choice={{ columns: chosenFleetColumns, hidden, onHidden }} />
        <Button
          intent="primary"
          icon={<PlusIcon />}
          text="Connect"
          onClick={() => goTo({ page: 'connect', serverId: null })}
        />
      </div>
      <DemoHint clusters={clusters} />
      {shown.length === 0 ? (
        <Empty title="No cluster matches">
          <p>Change the search, or show all {plural(clusters.length, 'cluster')}.</p>
          <Button
            text="Show all"
            onClick={() => {
              setWords('');
              setLevel(null);
            }}
          />
        </Empty>
      ) : (
        <FleetList clusters={shown} hidden={hidden} />
      )}
    </div>
  );
}

/** Says how to find out what is wrong in the demo, while something is. */
function DemoHint({ clusters }: { readonly clusters: readonly FleetRow[] }) {
  const isSick = clusters.some(({ origin, health }) => origin === 'demo' && !WELL.has(health.level));
  if (!isSick) return null;
  return (
    <Notice tone="info">
      A cluster of the demo has a problem. Open it: its findings say what is wrong and what to do. What the demo broke
      stands below its title, and &quot;Break something&quot; has &quot;Repair everything&quot;.
    </Notice>
  );
}

/** Levels that tell of no problem, or not yet. */
const WELL: ReadonlySet<HealthLevel> = new Set(['healthy', 'unknown', 'connecting']);

function Tally(props: {
  readonly clusters: readonly FleetRow[];
  readonly level: HealthLevel | null;
  readonly onLevel: (level: HealthLevel | null) => void;
}) {
  return (
    <div className="m-tally" role="group" aria-label="Filter by health">
      {tally(props.clusters).map(([level, count]) => (
        <button
          key={level}
          type="button"
          aria-pressed={props.level === level}
          onClick={() => props.onLevel(props.level === level ? null : level)}
        >
          <Chip tone={healthWords[level].tone} icon word={`${count} ${healthWords[level].word.toLowerCase()}`} />
        </button>
      ))}
    </div>
  );
}
