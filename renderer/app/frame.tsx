import './frame.css';
import { FocusStyleManager } from '@blueprintjs/core';
import { Suspense, useEffect } from 'react';
import { useStore } from 'zustand';
import { usePage } from '../rpc/hooks';
import { Loading } from '../ui/loading';
import { CoreBanner, StartProblems } from './frame/core-banner';
import {
  AlertsPage,
  ClusterPage,
  ConfigureTab,
  ConnectPage,
  DemoDialog,
  DeployPage,
  DirectPage,
  HistoryPage,
  JobsDrawer,
  OperateDialog,
  Palette,
  PromptDialog,
  ServersPage,
  ServicesDialog,
  SettingsPage,
  ShortcutHelp,
  TerminalDock,
  VaultDialog,
  loadPartsWhenIdle,
} from './lazy-parts';
import { explainCutText } from './cut-text';
import { ErrorBoundary } from './frame/error-boundary';
import { useKeptFocus } from './keyboard/keep-focus';
import { useKeyRelease } from './keyboard/key-release';
import { useRoute, type Route } from '../navigation/route';
import { useOverlays, useOverlayState } from '../navigation/overlays';
import { useShortcuts } from './keyboard/shortcuts';
import { Sidebar } from './frame/sidebar';
import { useDensity, useTheme } from './theme';
import { TopBar } from './frame/top-bar';
import { FleetPage } from '../features/fleet/fleet-page';

FocusStyleManager.onlyShowFocusOnTabs();

/** The page's frame: side bar, top bar, the page of the route, and what may lie above. */
export function Frame() {
  const route = useRoute();
  useTheme();
  useDensity();
  useShortcuts(route);
  useKeptFocus();
  useKeyRelease();
  useEffect(() => explainCutText(document), []);
  const isLoaded = useStore(usePage().fleet, (fleet) => fleet.loaded);
  useEffect(() => (isLoaded ? loadPartsWhenIdle(window) : undefined), [isLoaded]);
  return (
    <div className="m-frame">
      <a
        className="m-skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        Skip to the content
      </a>
      <Sidebar route={route} />
      <div className="m-frame-right">
        <TopBar route={route} />
        <CoreBanner />
        <StartProblems />
        <main id="main" tabIndex={-1} className="m-main">
          <ErrorBoundary key={`${route.page}`}>
            <Suspense fallback={<Loading what="Loading." />}>
              <RoutePage route={route} />
            </Suspense>
          </ErrorBoundary>
        </main>
        <Terminals />
      </div>
      <Above />
    </div>
  );
}

const clusterParts = { Configuration: ConfigureTab };

function RoutePage({ route }: { readonly route: Route }) {
  switch (route.page) {
    case 'fleet':
      return <FleetPage />;
    case 'cluster':
      return (
        <ClusterPage
          key={route.clusterId}
          clusterId={route.clusterId}
          tab={route.tab}
          part={route.view ?? null}
          at={route.at ?? null}
          member={route.member ?? null}
          parts={clusterParts}
        />
      );
    case 'connect':
      return <ConnectPage key={route.serverId} serverId={route.serverId} />;
    case 'direct':
      return <DirectPage />;
    case 'deploy':
      return <DeployPage />;
    case 'alerts':
      return <AlertsPage />;
    case 'servers':
      return <ServersPage />;
    case 'history':
      return <HistoryPage />;
    case 'settings':
      return <SettingsPage />;
  }
}

/** Loaded with the first terminal, and kept from then on. */
function Terminals() {
  const isWanted = useOverlayState(({ terminals }) => terminals.shown || terminals.tabs.length > 0);
  return isWanted ? (
    <Suspense fallback={<Loading what="Loading." />}>
      <TerminalDock />
    </Suspense>
  ) : null;
}

function Above() {
  const page = usePage();
  const overlays = useOverlays();
  const state = useOverlayState((all) => all);
  const prompts = useStore(page.prompts, ({ open }) => open);
  const vault = useStore(page.gate.request, (gate) => gate.open);
  return (
    <Suspense fallback={null}>
      {state.palette ? <Palette /> : null}
      {state.help ? <ShortcutHelp /> : null}
      {state.jobs.open ? <JobsDrawer /> : null}
      {state.draft === null ? null : (
        <OperateDialog
          key={JSON.stringify(state.draft)}
          draft={state.draft}
          onClose={() => overlays.setState({ draft: null })}
        />
      )}
      {state.services === null ? null : (
        <ServicesDialog draft={state.services} onClose={() => overlays.setState({ services: null })} />
      )}
      {state.demo ? <DemoDialog onClose={() => overlays.setState({ demo: false })} /> : null}
      {prompts.length === 0 ? null : <PromptDialog open={prompts} />}
      {vault === null ? null : <VaultDialog request={vault} />}
    </Suspense>
  );
}
