import { useEffect } from 'react';
import { usePage } from '../../rpc/hooks';
import type { Page } from '../../rpc/page';
import { goTo, type LogMoment, type Route } from '../../navigation/route';
import { terminalTitle, withTerminal } from '../../navigation/terminal-tabs';
import type { TerminalKind } from '../../../shared/model/terminal/terminal';
import { useOverlays, type Overlays } from '../../navigation/overlays';

/** One shortcut as the help shows it. `keys` are pressed one after the other; `Mod` is Ctrl, on a Mac Cmd. */
export interface Shortcut {
  readonly keys: readonly string[];
  readonly text: string;
  readonly run: (deps: ShortcutDeps) => void;
}

interface ShortcutDeps {
  readonly route: Route;
  readonly overlays: Overlays;
  readonly page: Page;
}

/** Every shortcut outside of dialogs. */
export const shortcuts: readonly Shortcut[] = [
  { keys: ['Mod', 'K'], text: 'Command palette', run: ({ overlays }) => overlays.setState({ palette: true }) },
  {
    keys: ['Ctrl', '`'],
    text: 'Terminals',
    run: ({ overlays }) =>
      overlays.setState(({ terminals }) => ({ terminals: { ...terminals, shown: !terminals.shown } })),
  },
  { keys: ['?'], text: 'Keyboard shortcuts', run: ({ overlays }) => overlays.setState({ help: true }) },
  {
    keys: ['j'],
    text: 'Jobs',
    run: ({ overlays }) => overlays.setState((state) => ({ jobs: { open: !state.jobs.open, jobId: null } })),
  },
  {
    keys: ['/'],
    text: 'Search the list on this page',
    run: () => document.querySelector<HTMLInputElement>('input[type="search"]')?.focus(),
  },
  { keys: ['g', 'f'], text: 'Fleet', run: () => goTo({ page: 'fleet' }) },
  { keys: ['g', 's'], text: 'Servers', run: () => goTo({ page: 'servers' }) },
  { keys: ['g', 'a'], text: 'Alerts', run: () => goTo({ page: 'alerts' }) },
  { keys: ['g', 'h'], text: 'History', run: () => goTo({ page: 'history' }) },
  { keys: ['g', 'c'], text: 'Connect to a cluster', run: () => goTo({ page: 'connect', serverId: null }) },
  { keys: ['g', 'n'], text: 'Set up a new cluster', run: () => goTo({ page: 'deploy' }) },
  { keys: ['g', 't'], text: 'Settings', run: () => goTo({ page: 'settings' }) },
  { keys: ['l'], text: 'Logs of the open cluster', run: ({ route }) => openLogs(route) },
  { keys: ['w'], text: 'Why did the open cluster fail over?', run: ({ route }) => openLogs(route, 'last-change') },
  { keys: ['t'], text: "Terminal on the open cluster's leader", run: (deps) => openTerminal(deps, 'shell') },
  { keys: ['p'], text: "psql on the open cluster's leader", run: (deps) => openTerminal(deps, 'psql') },
  { keys: ['m'], text: "patronictl on the open cluster's leader", run: (deps) => openTerminal(deps, 'patronictl') },
  { keys: ['s'], text: 'Switch over the open cluster', run: openSwitchover },
  { keys: ['r'], text: 'Refresh the open cluster', run: refresh },
];

function openLogs(route: Route, at?: LogMoment): void {
  if (route.page === 'cluster')
    goTo({ page: 'cluster', clusterId: route.clusterId, tab: 'logs', ...(at === undefined ? {} : { at }) });
}

/** A terminal where the cluster is led from; on any member where nobody leads. */
function openTerminal({ route, overlays, page }: ShortcutDeps, kind: TerminalKind): void {
  if (route.page !== 'cluster') return;
  const { clusterId } = route;
  const cluster = page.fleet.getState().clusters.find((one) => one.clusterId === clusterId);
  const member = cluster?.leader ?? cluster?.members[0]?.name;
  if (member === undefined) return;
  overlays.setState(({ terminals }) => ({
    terminals: withTerminal(terminals, { at: 'member', clusterId, member, kind }, terminalTitle(member, kind)),
  }));
}

function openSwitchover({ route, overlays, page }: ShortcutDeps): void {
  if (route.page !== 'cluster') return;
  const leader =
    page.fleet.getState().clusters.find((cluster) => cluster.clusterId === route.clusterId)?.leader ?? null;
  if (leader !== null)
    overlays.setState({
      draft: {
        clusterId: route.clusterId,
        operation: { kind: 'switchover', leader, candidate: null },
        suggested: false,
      },
    });
}

function refresh({ route, page }: ShortcutDeps): void {
  if (route.page === 'cluster')
    void page.call((client) => client.clusters.refresh({ clusterId: route.clusterId })).catch(() => undefined);
}

const CHORD_MS = 1200;

/** Listens for the shortcuts while nothing lies above the page and no field has the focus; the palette's works anywhere. */
export function useShortcuts(route: Route): void {
  const overlays = useOverlays();
  const page = usePage();
  useEffect(() => {
    let before = { key: '', at: 0 };
    const onKeyDown = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event, event.timeStamp - before.at < CHORD_MS ? before.key : '');
      before = { key: event.key, at: event.timeStamp };
      if (shortcut === undefined) return;
      event.preventDefault();
      shortcut.run({ route, overlays, page });
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [route, overlays, page]);
}

function shortcutOf(event: KeyboardEvent, before: string): Shortcut | undefined {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') return shortcuts[0];
  if (event.ctrlKey && event.code === 'Backquote') return shortcuts[1];
  if (
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    isTyping(event.target) ||
    document.querySelector('.bp6-overlay-open') !== null
  )
    return undefined;
  const chord = shortcuts.find(
    (each) => each.keys.length === 2 && each.keys[0] === before && each.keys[1] === event.key,
  );
  return chord ?? shortcuts.find((each) => each.keys.length === 1 && each.keys[0] === event.key);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
