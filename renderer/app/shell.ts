import { createContext, use } from 'react';
import { createStore, useStore, type StoreApi } from 'zustand';
import type { Operation } from '../../shared/model/operate/operation';

/** An operation the user has begun to ask for: the dialog fills in the rest. */
export interface Draft {
  readonly clusterId: string;
  readonly operation: Operation;
}

/** What lies above the page now. */
export interface ShellState {
  readonly palette: boolean;
  readonly help: boolean;
  /** The jobs drawer: shut, open on the list, or open on one job. */
  readonly jobs: { readonly open: boolean; readonly jobId: string | null };
  readonly draft: Draft | null;
  readonly demo: boolean;
}

/** The shell's state; features open dialogs and drawers through it. */
export type Shell = StoreApi<ShellState>;

/** A shell with nothing open. */
export function createShell(): Shell {
  return createStore<ShellState>(() => ({
    palette: false,
    help: false,
    jobs: { open: false, jobId: null },
    draft: null,
    demo: false,
  }));
}

/** Hands the shell to the page's components. */
export const ShellContext = createContext<Shell | null>(null);

/** The shell's state store. */
export function useShell(): Shell {
  const shell = use(ShellContext);
  if (shell === null) throw new Error('useShell outside of the page');
  return shell;
}

/** One part of the shell's state, followed. */
export function useShellState<T>(select: (state: ShellState) => T): T {
  return useStore(useShell(), select);
}

/** What every feature may ask of the shell. */
export function useOpen() {
  const shell = useShell();
  return {
    operation: (clusterId: string, operation: Operation) => shell.setState({ draft: { clusterId, operation } }),
    jobs: (jobId: string | null = null) => shell.setState({ jobs: { open: true, jobId } }),
    demo: () => shell.setState({ demo: true }),
  };
}
