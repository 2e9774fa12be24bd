import { Button } from '@blueprintjs/core';
import { useCallback, useEffect, useImperativeHandle, useRef, useState, type Ref } from 'react';
import { useStore } from 'zustand';
import type { TerminalEnd } from '../../../shared/model/terminal/terminal';
import type { PasteText } from '../../../shared/rules/terminal/paste';
import type { TerminalTab } from '../../navigation/terminal-tabs';
import { usePage } from '../../rpc/hooks';
import { copyText } from '../../ui/command';
import { Loading } from '../../ui/loading';
import { ErrorNotice, Notice } from '../../ui/notice';
import { printable } from '../../ui/text';
import { createScreen, type ScreenEvents, type XtermScreen } from './screen';
import { SearchBar } from './search-bar';
import { LinkDialog, PasteDialog } from './terminal-dialogs';
import { linkTerminal, type TerminalLink, type TerminalPhase } from './terminal-link';
import { useIsDark } from '../../ui/is-dark';

/** What the bar above the terminals does with the one in front. */
export interface PaneHandle {
  focus(): void;
  search(): void;
  copy(): void;
  clear(): void;
  /** The id of the open terminal; null where none is open. */
  id(): string | null;
}

interface PaneProps {
  readonly tab: TerminalTab;
  /** Whether it is in front and shown. */
  readonly inFront: boolean;
  readonly handle: Ref<PaneHandle>;
  readonly onPhase: (phase: TerminalPhase) => void;
  readonly onClose: () => void;
  /** Takes the keys that are the app's own; answers whether it took one. */
  readonly onKey: (event: KeyboardEvent) => boolean;
}

/** One terminal. It is kept while it is hidden. */
export function TerminalPane(props: PaneProps) {
  const { tab, inFront } = props;
  const [paste, setPaste] = useState<PasteText | null>(null);
  const [address, setAddress] = useState<string | null>(null);
  const [searching, setSearching] = useState(false);
  const [phase, setPhase] = useState<TerminalPhase>({ kind: 'opening' });
  const dark = useIsDark();
  const { host, screen, link, open } = useTerminal(props, {
    dark,
    onPhase: setPhase,
    onPasteAsked: setPaste,
    onLink: setAddress,
    onSearch: () => setSearching(true),
  });
  useImperativeHandle(props.handle, () => ({
    focus: () => screen?.focus(),
    search: () => setSearching(true),
    copy: () => void copyText(screen?.selection() ?? ''),
    clear: () => screen?.clear(),
    id: () => link.current?.id() ?? null,
  }));
  return (
    <section
      className="m-terminal-pane"
      hidden={!inFront}
      aria-label={`Terminal ${printable(tab.title)}. Ctrl+Shift+F6 leaves it.`}
    >
      {searching && screen !== null ? (
        <SearchBar
          screen={screen}
          dark={dark}
          onClose={() => {
            setSearching(false);
            screen.focus();
          }}
        />
      ) : null}
      <div className="m-terminal-screen" data-testid={tab.key} ref={host} />
      <PhaseBar phase={phase} tab={tab} onOpen={open} onClose={props.onClose} />
      {paste === null || screen === null ? null : (
        <PasteDialog paste={paste} onPaste={(text) => screen.paste(text)} onClose={() => setPaste(null)} />
      )}
      {address === null ? null : <LinkDialog address={address} onClose={() => setAddress(null)} />}
    </section>
  );
}

interface TerminalHooks {
  readonly dark: boolean;
  readonly onPhase: (phase: TerminalPhase) => void;
  readonly onPasteAsked: (paste: PasteText) => void;
  readonly onLink: (address: string) => void;
  readonly onSearch: () => void;
}

/** The screen and its terminal in the core, for as long as the tab is there. */
function useTerminal(props: PaneProps, hooks: TerminalHooks) {
  const page = usePage();
  const host = useRef<HTMLDivElement>(null);
  const link = useRef<TerminalLink | null>(null);
  const latest = useRef({ props, hooks });
  const [screen, setScreen] = useState<XtermScreen | null>(null);
  const screenReader = useStore(page.settings, ({ value }) => value?.terminalScreenReader ?? false);
  const fontSize = useStore(page.settings, ({ value }) => value?.terminalFontSize ?? 13);
  const { dark } = hooks;
  const look = useRef({ dark, fontSize, screenReader });
  useEffect(() => {
    latest.current = { props, hooks };
    look.current = { dark, fontSize, screenReader };
  });
  const open = useCallback(
    (on: XtermScreen, unchecked: boolean) => {
      link.current?.dispose();
      link.current = linkTerminal(page, on, { target: latest.current.props.tab.target, unchecked }, (phase) => {
        latest.current.hooks.onPhase(phase);
        latest.current.props.onPhase(phase);
      });
    },
    [page],
  );
  useEffect(() => {
    if (host.current === null) return undefined;
    const made = createScreen(host.current, look.current, screenEvents(link, latest));
    made.fit();
    setScreen(made);
    open(made, false);
    return () => {
      link.current?.dispose();
      link.current = null;
      made.dispose();
    };
  }, [open]);
  useEffect(() => {
    screen?.look({ dark, fontSize, screenReader });
    screen?.fit();
  }, [screen, dark, fontSize, screenReader]);
  useShown(screen, host, props.inFront, screenReader);
  const again = (unchecked: boolean) => {
    if (screen === null) return;
    screen.beginAnew();
    open(screen, unchecked);
    screen.focus();
  };
  return { host, screen, link, open: again };
}

/** Fits the screen to its room, and gives it the focus when it comes to the front. */
function useShown(
  screen: XtermScreen | null,
  host: { readonly current: HTMLElement | null },
  inFront: boolean,
  screenReader: boolean,
): void {
  useEffect(() => {
    screen?.show(inFront);
    if (screen === null || !inFront || host.current === null) return undefined;
    const observer = new ResizeObserver(() => screen.fit());
    observer.observe(host.current);
    screen.focus();
    return () => observer.disconnect();
  }, [screen, host, inFront, screenReader]);
}

function screenEvents(
  link: { readonly current: TerminalLink | null },
  latest: { readonly current: { readonly props: PaneProps; readonly hooks: TerminalHooks } },
): ScreenEvents {
  return {
    onType: (bytes) => link.current?.type(bytes),
    onSize: (size) => link.current?.resize(size),
    onPasteAsked: (paste) => latest.current.hooks.onPasteAsked(paste),
    onLink: (address) => latest.current.hooks.onLink(address),
    onKey: (event) => {
      if (event.ctrlKey && event.shiftKey && event.code === 'KeyF') {
        latest.current.hooks.onSearch();
        return true;
      }
      return latest.current.props.onKey(event);
    },
  };
}

function PhaseBar(props: {
  readonly phase: TerminalPhase;
  readonly tab: TerminalTab;
  readonly onOpen: (unchecked: boolean) => void;
  readonly onClose: () => void;
}) {
  const { phase } = props;
  const close = <Button size="small" text="Close the tab" onClick={props.onClose} />;
  switch (phase.kind) {
    case 'open':
      return null;
    case 'opening':
      return (
        <div className="m-terminal-phase">
          <Loading what={`Opening ${printable(props.tab.title)}.`} />
        </div>
      );
    case 'refused': {
      const unchecked = phase.error.code === 'terminal.read_only';
      const text = unchecked ? 'Open it anyway' : 'Try again';
      return (
        <div className="m-terminal-phase">
          <ErrorNotice
            error={phase.error}
            tools={
              <>
                <Button size="small" text={text} onClick={() => props.onOpen(unchecked)} />
                {close}
              </>
            }
          />
        </div>
      );
    }
    case 'ended': {
      const again = (
        <>
          <Button
            size="small"
            text={phase.end.kind === 'lost' ? 'Reconnect' : 'Open it again'}
            onClick={() => props.onOpen(phase.opened.clusters.some((cluster) => cluster.readOnly))}
          />
          {close}
        </>
      );
      return (
        <div className="m-terminal-phase">
          {phase.end.kind === 'lost' ? (
            <ErrorNotice error={phase.end.error} tools={again} />
          ) : (
            <Notice tone="idle" tools={again}>
              {endWords(phase.end)}
            </Notice>
          )}
        </div>
      );
    }
  }
}

function endWords(end: Exclude<TerminalEnd, { kind: 'lost' }>): string {
  if (end.kind === 'closed') return 'This terminal was closed.';
  if (end.signal !== null) return `What ran here was ended by the signal ${printable(end.signal)}.`;
  return `What ran here has ended${end.code === null ? '' : ` with exit code ${end.code}`}.`;
}
