import { createContext, use, useCallback, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { AppErrorData } from '../../shared/model/app-error';
import type { CoreClient } from './core';
import { errorDataOf } from './errors';
import { followCluster, type ClusterView } from './live/cluster-feed';
import type { Page } from './page';

/** Hands the page's shared part to its components. */
export const PageContext = createContext<Page | null>(null);

/** The page's shared part. */
export function usePage(): Page {
  const page = use(PageContext);
  if (page === null) throw new Error('usePage outside of the page');
  return page;
}

/** The state of an answer that is asked for once, and again on `reload`. */
export interface Asked<T> {
  readonly value: T | null;
  readonly error: AppErrorData | null;
  readonly loading: boolean;
  readonly reload: () => void;
}

/**
 * Asks the core when shown and whenever `key` changes; an answer that comes too late is dropped. The last value stays
 * while a new one loads.
 */
export function useAnswer<T>(key: string, ask: (client: CoreClient) => Promise<T>): Asked<T> {
  const page = usePage();
  const [turn, setTurn] = useState(0);
  const [held, setHeld] = useState<{ key: string; value: T | null; error: AppErrorData | null } | null>(null);
  const latest = useRef(ask);
  useEffect(() => {
    latest.current = ask;
  });
  const wanted = `${key}#${turn}`;
  useEffect(() => {
    let current = true;
    page
      .call((client) => latest.current(client))
      .then(
        (value) => {
          if (current) setHeld({ key: wanted, value, error: null });
        },
        (thrown: unknown) => {
          if (current) setHeld((before) => ({ key: wanted, value: before?.value ?? null, error: errorDataOf(thrown) }));
        },
      );
    return () => {
      current = false;
    };
  }, [page, wanted]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return {
    value: held?.value ?? null,
    error: held?.key === wanted ? held.error : null,
    loading: held?.key !== wanted,
    reload,
  };
}

/** An action the user starts: whether it runs, and the error it ended with. */
export interface Action<Args extends readonly unknown[]> {
  readonly busy: boolean;
  readonly error: AppErrorData | null;
  /** Resolves to whether it succeeded. */
  readonly run: (...args: Args) => Promise<boolean>;
  readonly clear: () => void;
}

/** Wraps an action so that its error is shown and not lost. */
export function useAction<Args extends readonly unknown[]>(act: (...args: Args) => Promise<unknown>): Action<Args> {
  const [state, setState] = useState<{ busy: boolean; error: AppErrorData | null }>({ busy: false, error: null });
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  const run = useCallback(async (...args: Args) => {
    setState({ busy: true, error: null });
    try {
      await latest.current(...args);
      setState({ busy: false, error: null });
      return true;
    } catch (thrown) {
      setState({ busy: false, error: errorDataOf(thrown) });
      return false;
    }
  }, []);
  const clear = useCallback(() => setState({ busy: false, error: null }), []);
  return { ...state, run, clear };
}

const nothing: ClusterView = { state: null, events: [], problem: null };

/** Follows a cluster while the component is shown; the core then counts it as on the screen. The component must be keyed by the cluster. */
export function useClusterFeed(clusterId: string): ClusterView {
  const page = usePage();
  const [view, setView] = useState<ClusterView>(nothing);
  useEffect(() => {
    const feed = followCluster(page.core, clusterId);
    const undo = feed.store.subscribe(setView);
    return () => {
      undo();
      feed.stop();
    };
  }, [page, clusterId]);
  return view;
}

/** A row of the fleet; null when the fleet does not have it. */
export function useSummary(clusterId: string | null) {
  return useStore(
    usePage().fleet,
    (fleet) => fleet.clusters.find((cluster) => cluster.clusterId === clusterId) ?? null,
  );
}

/** Whether an SSH agent can be reached; true as long as that is not known. */
export function useHasAgent(): boolean {
  return useStore(usePage().info, (info) => info.value?.sshAgent ?? true);
}
