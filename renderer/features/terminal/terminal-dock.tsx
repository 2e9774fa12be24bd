import '@xterm/xterm/css/xterm.css';
import './terminal.css';
import { Button } from '@blueprintjs/core';
import {
  ChevronDownIcon,
  CrossIcon,
  DuplicateIcon,
  EraserIcon,
  MaximizeIcon,
  MinimizeIcon,
  SearchIcon,
} from '@blueprintjs/icons';
import { useEffect, useRef, useState } from 'react';
import type { OpenedTerminal } from '../../../shared/model/terminal/terminal';
import { useOverlays, useOverlayState } from '../../navigation/overlays';
import { steppedTerminal, withoutTerminal, type TerminalTab } from '../../navigation/terminal-tabs';
import { usePage } from '../../rpc/hooks';
import { Chip } from '../../ui/mark';
import { printable } from '../../ui/text';
import { NewTerminalButton } from './new-terminal';
import { CloseDialog } from './terminal-dialogs';
import type { TerminalPhase } from './terminal-link';
import { TerminalPane, type PaneHandle } from './terminal-pane';
import { useDockHeight } from './use-dock-height';
import { useKeepWindow } from './use-keep-window';

/** A tab that is to be closed although something runs in it. */
interface Asked {
  readonly tab: TerminalTab;
  readonly command: string | null;
}

/** The terminals at the bottom of every page: they stay when the page changes, and run on while they are hidden. */
export default function TerminalDock() {
  const { tabs, active, shown } = useOverlayState((state) => state.terminals);
  const [phases, setPhases] = useState<Readonly<Record<string, TerminalPhase>>>({});
  const [panes] = useState(() => new Map<string, PaneHandle>());
  const dock = useRef<HTMLElement>(null);
  const height = useDockHeight();
  const closing = useClosing(panes);
  const keys = useDockKeys(dock);
  useFocusOf(shown, dock);
  useKeepWindow(tabs.some(({ key }) => phases[key]?.kind === 'open'));
  const opened = openedOf(active === null ? undefined : phases[active]);
  const front = () => (active === null ? undefined : panes.get(active));
  const onPhase = (tab: TerminalTab) => (phase: TerminalPhase) => {
    setPhases((before) => ({ ...before, [tab.key]: phase }));
    if (phase.kind === 'ended' && phase.end.kind === 'exited' && phase.end.code === 0) closing.drop(tab);
  };
  const isProduction = opened?.clusters.some((cluster) => cluster.production) === true;
  return (
    <aside
      className={`m-terminals ${isProduction ? 'm-terminals-production' : ''}`}
      aria-label="Terminals"
      hidden={!shown}
      style={{ height: height.value }}
      ref={dock}
    >
      <div {...height.handle} />
      <div className="m-terminals-bar">
        <TabList tabs={tabs} active={active} onClose={(tab) => void closing.ask(tab)} />
        <NewTerminalButton />
        <span className="m-grow" />
        <Marks opened={opened} />
        <Button
          variant="minimal"
          icon={<DuplicateIcon />}
          aria-label="Copy the selection"
          onClick={() => front()?.copy()}
        />
        <Button
          variant="minimal"
          icon={<SearchIcon />}
          aria-label="Search in the terminal"
          onClick={() => front()?.search()}
        />
        <Button
          variant="minimal"
          icon={<EraserIcon />}
          aria-label="Clear the terminal"
          onClick={() => front()?.clear()}
        />
        <Button
          variant="minimal"
          icon={height.isWhole ? <MinimizeIcon /> : <MaximizeIcon />}
          aria-label={height.isWhole ? 'Make the terminals smaller' : 'Make the terminals larger'}
          onClick={height.toggle}
        />
        <Button variant="minimal" icon={<ChevronDownIcon />} aria-label="Hide the terminals" onClick={keys.hide} />
      </div>
      <div className="m-terminals-body">
        {tabs.map((tab) => (
          <TerminalPane
            key={tab.key}
            tab={tab}
            inFront={shown && tab.key === active}
            handle={(handle) => {
              if (handle === null) panes.delete(tab.key);
              else panes.set(tab.key, handle);
            }}
            onPhase={onPhase(tab)}
            onClose={() => void closing.ask(tab)}
            onKey={keys.take}
          />
        ))}
        {tabs.length === 0 ? <p className="m-loading">No terminal is open. Choose a server with the + above.</p> : null}
      </div>
      {closing.asked === null ? null : (
        <CloseDialog
          title={closing.asked.tab.title}
          command={closing.asked.command}
          onConfirm={closing.confirm}
          onClose={closing.cancel}
        />
      )}
    </aside>
  );
}

function openedOf(phase: TerminalPhase | undefined): OpenedTerminal | null {
  return phase?.kind === 'open' || phase?.kind === 'ended' ? phase.opened : null;
}

function TabList(props: {
  readonly tabs: readonly TerminalTab[];
  readonly active: string | null;
  readonly onClose: (tab: TerminalTab) => void;
}) {
  const overlays = useOverlays();
  const choose = (key: string) => overlays.setState(({ terminals }) => ({ terminals: { ...terminals, active: key } }));
  if (props.tabs.length === 0) return null;
  return (
    <ul className="m-terminals-tabs" aria-label="Open terminals">
      {props.tabs.map((tab) => (
        <li key={tab.key} className={tab.key === props.active ? 'm-terminals-front' : ''}>
          <button
            type="button"
            className="m-terminals-tab"
            aria-current={tab.key === props.active ? 'true' : undefined}
            title={printable(tab.title)}
            onClick={() => choose(tab.key)}
          >
            <span className="m-clip">{printable(tab.title)}</span>
          </button>
          <Button
            variant="minimal"
            size="small"
            icon={<CrossIcon size={12} />}
            aria-label={`Close ${printable(tab.title)}`}
            onClick={() => props.onClose(tab)}
          />
        </li>
      ))}
    </ul>
  );
}

/** What the user must not forget while typing: which cluster this server belongs to. */
function Marks({ opened }: { readonly opened: OpenedTerminal | null }) {
  if (opened === null) return null;
  return (
    <>
      {opened.clusters
        .filter((cluster) => cluster.production || cluster.readOnly)
        .map((cluster) => (
          <Chip
            key={cluster.clusterId}
            tone={cluster.production ? 'crit' : 'warn'}
            icon
            word={`${printable(cluster.title)}: ${cluster.production ? 'production' : ''}${
              cluster.production && cluster.readOnly ? ', ' : ''
            }${cluster.readOnly ? 'read-only, not checked here' : ''}`}
          />
        ))}
      <span className="m-small m-muted m-clip m-terminals-command m-mono" title={opened.command}>
        {printable(opened.command)}
      </span>
    </>
  );
}

/** Closes a tab at once where nothing runs in it, and asks otherwise. */
function useClosing(panes: ReadonlyMap<string, PaneHandle>) {
  const page = usePage();
  const overlays = useOverlays();
  const [asked, setAsked] = useState<Asked | null>(null);
  const drop = (tab: TerminalTab) =>
    overlays.setState(({ terminals }) => ({ terminals: withoutTerminal(terminals, tab.key) }));
  const ask = async (tab: TerminalTab) => {
    const id = panes.get(tab.key)?.id() ?? null;
    const activity =
      id === null ? null : await page.core.call((client) => client.terminals.activity({ id })).catch(() => null);
    if (activity === null || activity.kind === 'idle') drop(tab);
    else setAsked({ tab, command: activity.kind === 'busy' ? activity.command : null });
  };
  return {
    asked,
    ask,
    drop,
    confirm: () => {
      if (asked !== null) drop(asked.tab);
      setAsked(null);
    },
    cancel: () => setAsked(null),
  };
}

/** The app's own keys in a terminal; all others are the program's. */
function useDockKeys(dock: { readonly current: HTMLElement | null }) {
  const overlays = useOverlays();
  const hide = () => overlays.setState(({ terminals }) => ({ terminals: { ...terminals, shown: false } }));
  const step = (by: 1 | -1) => overlays.setState(({ terminals }) => ({ terminals: steppedTerminal(terminals, by) }));
  const take = (event: KeyboardEvent): boolean => {
    if (!event.ctrlKey) return false;
    if (event.code === 'Backquote') hide();
    else if (event.key === 'PageDown') step(1);
    else if (event.key === 'PageUp') step(-1);
    else if (event.shiftKey && event.key === 'F6')
      dock.current?.querySelector<HTMLElement>('[aria-current="true"]')?.focus();
    else return false;
    return true;
  };
  return { hide, take };
}

/** Gives the focus back to where it was when the terminals are hidden. */
function useFocusOf(shown: boolean, dock: { readonly current: HTMLElement | null }): void {
  const before = useRef<Element | null>(null);
  useEffect(() => {
    if (!shown) return undefined;
    const here = document.activeElement;
    if (here !== null && dock.current?.contains(here) !== true) before.current = here;
    return () => {
      const back = before.current;
      const target = back instanceof HTMLElement && back.isConnected && back !== document.body ? back : null;
      (target ?? document.getElementById('main'))?.focus({ preventScroll: true });
    };
  }, [shown, dock]);
}
