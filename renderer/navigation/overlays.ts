import { createContext, use } from 'react';
import { createStore, useStore, type StoreApi } from 'zustand';
import type { ServiceName } from '../../shared/model/operate/service';
import type { TerminalTarget } from '../../shared/model/terminal/terminal';
import type { Operation } from '../../shared/model/operate/operation';
import { NO_TERMINALS, withTerminal, type TerminalTabs } from './terminal-tabs';

/** An operation that the user has begun to request; its dialog fills in the rest. */
export interface OperationDraft {
  readonly clusterId: string;
  readonly operation: Operation;
  /** Whether its candidate is only the app's suggestion, which follows the best one until the user chooses. */
  readonly suggested: boolean;
}

/** A member whose services are shown, and whose log at first. */
export interface ServicesDraft {
  readonly clusterId: string;
  readonly member: string;
  readonly log: ServiceName;
}

/** Which dialogs and drawers are open above the page. */
export interface OverlayState {
  readonly palette: boolean;
  readonly help: boolean;
  /** The jobs drawer: closed, open on the list, or open on one job. */
  readonly jobs: { readonly open: boolean; readonly jobId: string | null };
  readonly draft: OperationDraft | null;
  readonly services: ServicesDraft | null;
  readonly demo: boolean;
  readonly terminals: TerminalTabs;
}

/** The store of what is open above the page; features open dialogs and drawers through it. */
export type Overlays = StoreApi<OverlayState>;

/** A store with nothing open. */
export function createOverlays(): Overlays {
  return createStore<OverlayState>(() => ({
    palette: false,
    help: false,
    jobs: { open: false, jobId: null },
    draft: null,
    services: null,
    demo: false,
    terminals: NO_TERMINALS,
  }));
}

/** Provides the store to the components of the page. */
export const OverlayContext = createContext<Overlays | null>(null);

/** The store of what is open above the page. */
export function useOverlays(): Overlays {
  const overlays = use(OverlayContext);
  if (overlays === null) throw new Error('useOverlays outside of the page');
  return overlays;
}

/** One part of that state; the component renders again when it changes. */
export function useOverlayState<T>(select: (state: OverlayState) => T): T {
  return useStore(useOverlays(), select);
}

/** Opens dialogs and drawers from any feature. */
export function useOpen() {
  const overlays = useOverlays();
  return {
    operation: (clusterId: string, operation: Operation, suggested = false) =>
      overlays.setState({ draft: { clusterId, operation, suggested } }),
    services: (services: ServicesDraft) => overlays.setState({ services }),
    jobs: (jobId: string | null = null) => overlays.setState({ jobs: { open: true, jobId } }),
    demo: () => overlays.setState({ demo: true }),
    terminal: (target: TerminalTarget, title: string) =>
      overlays.setState(({ terminals }) => ({ terminals: withTerminal(terminals, target, title) })),
  };
}
