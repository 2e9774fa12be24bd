import { useState } from 'react';
import type { RunPlace } from './use-statement-run';

/** The name under which a write is asked for: the core runs what has the same name once. */
export interface WriteRequest {
  readonly id: string;
  /** The write was taken; the next one is another. */
  readonly renew: () => void;
}

/**
 * A name that stays the same while the same statement is asked for in the same place, so that a write whose answer was lost is
 * not run twice.
 */
export function useWriteRequest({ clusterId, member, database }: RunPlace, statement: string): WriteRequest {
  const asked = JSON.stringify([clusterId, member, database, statement]);
  const [request, setRequest] = useState(() => ({ asked, id: crypto.randomUUID() }));
  const renewed = request.asked === asked ? request : { asked, id: crypto.randomUUID() };
  if (renewed !== request) setRequest(renewed);
  return { id: renewed.id, renew: () => setRequest({ asked, id: crypto.randomUUID() }) };
}
