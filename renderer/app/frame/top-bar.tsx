import { Button } from '@blueprintjs/core';
import { ConsoleIcon, HelpIcon, SearchIcon, PulseIcon } from '@blueprintjs/icons';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { usePage, useSummary } from '../../rpc/hooks';
import { isUnderWay } from '../../rpc/live/jobs';
import { Chip } from '../../ui/mark';
import { Name, printable } from '../../ui/text';
import { hrefOf, type Route } from '../../navigation/route';
import { useOverlays } from '../../navigation/overlays';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { fleetRows } from '../../../shared/rules/citus/citus-clusters';

const titles: Readonly<Record<Exclude<Route['page'], 'cluster'>, string>> = {
  fleet: 'Fleet',
  connect: 'Connect to a cluster',
  direct: 'Connect without SSH',
  deploy: 'Set up a cluster',
  servers: 'Servers',
  alerts: 'Alerts',
  history: 'History',
  settings: 'Settings',
};

/** The bar above the page: where the user is, the palette, and the jobs. */
export function TopBar({ route }: { readonly route: Route }) {
  const overlays = useOverlays();
  return (
    <header className="m-top">
      <Where route={route} />
      <ReadOnlyChip />
      <button type="button" className="m-palette-button" onClick={() => overlays.setState({ palette: true })}>
        <SearchIcon size={14} aria-hidden />
        <span className="m-clip">Find a cluster or an action</span>
        <span className="m-kbd">{navigator.userAgent.includes('Mac') ? 'Cmd' : 'Ctrl'} K</span>
      </button>
      <JobsButton />
      <Button
        variant="minimal"
        icon={<ConsoleIcon />}
        aria-label="Show or hide the terminals"
        onClick={() => overlays.setState(({ terminals }) => ({ terminals: { ...terminals, shown: !terminals.shown } }))}
      />
      <Button
        variant="minimal"
        icon={<HelpIcon />}
        aria-label="Keyboard shortcuts"
        onClick={() => overlays.setState({ help: true })}
      />
    </header>
  );
}

function Where({ route }: { readonly route: Route }) {
  const summary = useSummary(route.page === 'cluster' ? route.clusterId : null);
  const name = summary === null ? 'Cluster' : clusterName(summary);
  useTitle(route.page === 'cluster' ? name : titles[route.page]);
  if (route.page !== 'cluster')
    return (
      <div className="m-where">
        <span className="m-strong">{titles[route.page]}</span>
      </div>
    );
  return (
    <div className="m-where">
      <a href={hrefOf({ page: 'fleet' })}>Fleet</a>
      <span className="m-muted" aria-hidden>
        /
      </span>
      <Name text={name} strong />
    </div>
  );
}

/** Says on every page that nothing can be changed now, and leads to where that ends. */
function ReadOnlyChip() {
  const readOnly = useStore(usePage().settings, ({ value }) => value?.readOnly === true);
  return readOnly ? (
    <a
      className="m-top-mode"
      href={hrefOf({ page: 'settings' })}
      title="Nothing is changed on any server. Switch it off under Settings."
    >
      <Chip tone="unknown" word="Read-only mode" />
    </a>
  ) : null;
}

/** Names the window after the page, with how many clusters are critical, so that it is seen among other windows. */
function useTitle(page: string): void {
  const critical = useStore(
    usePage().fleet,
    ({ clusters }) => fleetRows(clusters).filter((cluster) => cluster.health.level === 'critical').length,
  );
  useEffect(() => {
    document.title = `${critical === 0 ? '' : `(${critical} critical) `}${printable(page)} · Matriarch`;
  }, [critical, page]);
}

function JobsButton() {
  const overlays = useOverlays();
  const running = useStore(usePage().jobs, (view) => view.jobs.filter((job) => isUnderWay(job.status)).length);
  const toggle = () => overlays.setState((state) => ({ jobs: { open: !state.jobs.open, jobId: null } }));
  return (
    <Button
      variant="minimal"
      icon={<PulseIcon />}
      onClick={toggle}
      aria-label={running === 0 ? 'Jobs' : `Jobs, ${running} running`}
    >
      Jobs {running === 0 ? null : <Chip tone="busy" word={`${running} running`} />}
    </Button>
  );
}
