import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { WebglAddon } from '@xterm/addon-webgl';
import { Terminal, type ILink } from '@xterm/xterm';
import type { TerminalSize } from '../../../shared/model/terminal/terminal';
import type { Undo } from '../../../shared/model/undo';
import { findLinks, isWebAddress } from '../../../shared/rules/terminal/link';
import { judgePaste, type PasteText } from '../../../shared/rules/terminal/paste';
import { copyText } from '../../ui/command';
import type { TerminalScreen } from './terminal-link';
import { terminalFont, terminalTheme } from './terminal-theme';

/** Lines that can be scrolled back to. */
const SCROLLBACK = 10_000;

/**
 * What ends the modes that a program left behind: a sequence it began (CAN), the other screen, mouse, paste, and colours. The cursor
 * is kept first: leaving the other screen brings back the place that was kept last, also where no program was in it.
 */
const AFTER_A_PROGRAM =
  '\u0018\u001b7\u001b[?1049l\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?2004l\u001b[!p\r\n';

/** What a screen tells its tab. */
export interface ScreenEvents {
  readonly onType: (bytes: Uint8Array) => void;
  readonly onSize: (size: TerminalSize) => void;
  /** A paste that a program would run line by line. */
  readonly onPasteAsked: (paste: PasteText) => void;
  /** A link was clicked with Ctrl. */
  readonly onLink: (address: string) => void;
  /** A key of the app's own; answers whether it was one. */
  readonly onKey: (event: KeyboardEvent) => boolean;
}

/** How a screen looks. `fontSize` in pixels. */
export interface ScreenLook {
  readonly dark: boolean;
  readonly fontSize: number;
  readonly screenReader: boolean;
}

/** A terminal's screen in an element of the page. */
export interface XtermScreen extends TerminalScreen {
  readonly search: SearchAddon;
  focus(): void;
  /** What is selected; empty without a selection. */
  selection(): string;
  selectAll(): void;
  clear(): void;
  paste(text: string): void;
  fit(): void;
  look(look: ScreenLook): void;
  /** Whether it is in front: only then the graphics card is used, of which a page has few contexts. */
  show(inFront: boolean): void;
  /** Before another shell begins in it. */
  beginAnew(): void;
  dispose(): void;
}

/** Makes a screen in an element. */
export function createScreen(element: HTMLElement, look: ScreenLook, events: ScreenEvents): XtermScreen {
  const terminal = new Terminal({
    allowProposedApi: true,
    scrollback: SCROLLBACK,
    fontFamily: terminalFont(),
    fontSize: look.fontSize,
    lineHeight: 1.15,
    theme: terminalTheme(look.dark),
    minimumContrastRatio: 4.5,
    screenReaderMode: look.screenReader,
    cursorBlink: false,
    macOptionIsMeta: true,
    // An address that a program hides behind other words is shown before it is opened, like every other.
    linkHandler: linkHandler(element, events),
  });
  const fit = new FitAddon();
  const search = new SearchAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(search);
  terminal.open(element);
  const undos = [...typing(terminal, element, events), plainLinks(terminal, element, events)];
  const graphics = createGraphics(terminal);
  let present = look;
  return {
    search,
    write: (bytes, onShown) => terminal.write(bytes, onShown),
    size: () => ({ columns: terminal.cols, rows: terminal.rows }),
    focus: () => terminal.focus(),
    selection: () => terminal.getSelection(),
    selectAll: () => terminal.selectAll(),
    clear: () => terminal.clear(),
    paste: (text) => terminal.paste(text),
    fit: () => {
      if (element.clientWidth > 0 && element.clientHeight > 0) fit.fit();
    },
    look: (next) => {
      present = next;
      terminal.options.theme = terminalTheme(next.dark);
      terminal.options.fontSize = next.fontSize;
      terminal.options.screenReaderMode = next.screenReader;
    },
    show: (inFront) => graphics(inFront && !present.screenReader),
    beginAnew: () => terminal.write(AFTER_A_PROGRAM),
    dispose: () => {
      for (const undo of undos) undo();
      terminal.dispose();
    },
  };
}

/** Draws with the graphics card where there is one; when that goes away, with elements of the page. */
function createGraphics(terminal: Terminal): (use: boolean) => void {
  let addon: WebglAddon | null = null;
  let isBroken = false;
  const drop = () => {
    const held = addon;
    addon = null;
    held?.dispose();
  };
  return (use) => {
    if (!use) drop();
    if (!use || isBroken || addon !== null) return;
    try {
      const made = new WebglAddon();
      made.onContextLoss(() => {
        isBroken = true;
        drop();
      });
      terminal.loadAddon(made);
      addon = made;
    } catch {
      isBroken = true;
    }
  };
}

function typing(terminal: Terminal, element: HTMLElement, events: ScreenEvents): readonly Undo[] {
  const encoder = new TextEncoder();
  const onPaste = (event: ClipboardEvent) => {
    event.preventDefault();
    event.stopPropagation();
    const paste = judgePaste(event.clipboardData?.getData('text/plain') ?? '', terminal.modes.bracketedPasteMode);
    if (paste.asks) events.onPasteAsked(paste);
    else terminal.paste(paste.text);
  };
  element.addEventListener('paste', onPaste, true);
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown') return true;
    const copies = isModified(event) && event.shiftKey && event.code === 'KeyC';
    if (copies || (event.ctrlKey && event.key === 'Insert')) void copyText(terminal.getSelection());
    else if (!events.onKey(event)) return !isPaste(event);
    event.preventDefault();
    event.stopPropagation();
    return false;
  });
  const listeners = [
    terminal.onData((text) => events.onType(encoder.encode(text))),
    terminal.onBinary((text) => events.onType(Uint8Array.from(text, (one) => one.charCodeAt(0)))),
    terminal.onResize(({ cols, rows }) => events.onSize({ columns: cols, rows })),
  ];
  return [() => element.removeEventListener('paste', onPaste, true), ...listeners.map((each) => () => each.dispose())];
}

const isModified = (event: KeyboardEvent | MouseEvent): boolean => event.ctrlKey || event.metaKey;

/** The browser's own paste: it brings the clipboard without asking for the right to read it. */
const isPaste = (event: KeyboardEvent): boolean =>
  event.shiftKey && ((isModified(event) && event.code === 'KeyV') || event.key === 'Insert');

function linkHandler(element: HTMLElement, events: ScreenEvents) {
  return {
    activate: (event: MouseEvent, address: string) => {
      if (isModified(event) && isWebAddress(address)) events.onLink(address);
    },
    hover: (_event: MouseEvent, address: string) => {
      element.title = `${address}\nCtrl and click to open`;
    },
    leave: () => {
      element.removeAttribute('title');
    },
  };
}

/** Addresses that a program printed as plain text. */
function plainLinks(terminal: Terminal, element: HTMLElement, events: ScreenEvents): Undo {
  const handler = linkHandler(element, events);
  const provider = terminal.registerLinkProvider({
    provideLinks: (row, found) => {
      const { first, text } = wrappedLine(terminal, row);
      const place = (index: number) => ({
        x: (index % terminal.cols) + 1,
        y: first + Math.floor(index / terminal.cols),
      });
      const links = findLinks(text).map(({ address, from, to }): ILink => ({
        text: address,
        range: { start: place(from), end: place(to - 1) },
        ...handler,
      }));
      found(links.length === 0 ? undefined : links);
    },
  });
  return () => provider.dispose();
}

/** The whole line that a row of the screen belongs to, and its first row, counted from 1. */
function wrappedLine(terminal: Terminal, row: number): { readonly first: number; readonly text: string } {
  const buffer = terminal.buffer.active;
  let first = row;
  while (first > 1 && buffer.getLine(first - 1)?.isWrapped === true) first -= 1;
  let text = '';
  for (let at = first; at === first || buffer.getLine(at - 1)?.isWrapped === true; at += 1) {
    const line = buffer.getLine(at - 1);
    if (line === undefined) break;
    text += line.translateToString(false).padEnd(terminal.cols);
  }
  return { first, text };
}
