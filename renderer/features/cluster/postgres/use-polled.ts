import { useEffect } from 'react';
import type { CoreClient } from '../../../rpc/core';
import { useAnswer, type Asked } from '../../../rpc/hooks';

/** Asks again this long after each answer, ms: statistics move by the second, and each answer costs the server a connection. */
const EVERY_MS = 5_000;

/** An answer that is asked for again and again while it is shown. `hold` keeps it as it is, e.g. while a dialog is open. */
export function usePolled<T>(key: string, hold: boolean, ask: (client: CoreClient) => Promise<T>): Asked<T> {
  const answer = useAnswer(key, ask);
  const { reload, loading } = answer;
  useEffect(() => {
    if (loading || hold) return;
    const timer = setTimeout(reload, EVERY_MS);
    return () => clearTimeout(timer);
  }, [loading, hold, reload]);
  return answer;
}
