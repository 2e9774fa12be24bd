import type { TerminalKind, TerminalTarget } from '../../shared/model/terminal/terminal';

/** A tab of the terminals. The same server may have several. */
export interface TerminalTab {
  readonly key: string;
  readonly target: TerminalTarget;
  readonly title: string;
}

/** The terminals below the page: which there are, which is in front, and whether they are shown. Hidden ones run on. */
export interface TerminalTabs {
  readonly shown: boolean;
  readonly tabs: readonly TerminalTab[];
  readonly active: string | null;
  /** How many were opened, for their keys. */
  readonly count: number;
}

/** None open. */
export const NO_TERMINALS: TerminalTabs = { shown: false, tabs: [], active: null, count: 0 };

/** With one more, in front. */
export function withTerminal(state: TerminalTabs, target: TerminalTarget, title: string): TerminalTabs {
  const count = state.count + 1;
  const key = `terminal-${count}`;
  return { shown: true, tabs: [...state.tabs, { key, target, title }], active: key, count };
}

/** Without one; its neighbour comes to the front. Without any, the place of the terminals is closed. */
export function withoutTerminal(state: TerminalTabs, key: string): TerminalTabs {
  const at = state.tabs.findIndex((tab) => tab.key === key);
  if (at < 0) return state;
  const tabs = state.tabs.filter((tab) => tab.key !== key);
  const neighbour = (tabs[at] ?? tabs.at(-1))?.key ?? null;
  return {
    ...state,
    tabs,
    active: state.active === key ? neighbour : state.active,
    shown: state.shown && tabs.length > 0,
  };
}

/** With the next (1) or the one before (-1) in front. */
export function steppedTerminal(state: TerminalTabs, step: 1 | -1): TerminalTabs {
  const at = state.tabs.findIndex((tab) => tab.key === state.active);
  const next = state.tabs[(at + step + state.tabs.length) % Math.max(1, state.tabs.length)];
  return next === undefined ? state : { ...state, active: next.key };
}

/** What the tab of a member's terminal is called. */
export function terminalTitle(member: string, kind: TerminalKind): string {
  return kind === 'shell' ? member : `${kind} on ${member}`;
}
