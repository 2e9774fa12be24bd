import { useEffect, useState, useSyncExternalStore } from 'react';
import { formatAgo, formatDateTime } from './wording/format';
import { spanInWords } from '../../shared/rules/words/wording';

const TICK_MS = 1000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let present = Date.now();

/** One timer for all clocks on the page; it runs only while something shows the time. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // The clock stood still while nothing showed the time.
  if (timer === undefined) present = Date.now();
  timer ??= setInterval(() => {
    present = Date.now();
    listeners.forEach((each) => each());
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time now, ms since the epoch, again every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => present);
}

/** "7 s ago", with the exact time on hover. */
export function Ago(props: { readonly at: number | null; readonly never?: string }) {
  const now = useNow();
  if (props.at === null) return <span>{props.never ?? 'never'}</span>;
  return (
    <time dateTime={new Date(props.at).toISOString()} title={formatDateTime(props.at)}>
      {formatAgo(props.at, now)}
    </time>
  );
}

/** Time that counts up since a moment. */
export function Elapsed(props: { readonly since: number; readonly until?: number | null }) {
  const now = useNow();
  return <span className="m-nowrap">{spanInWords((props.until ?? Math.max(now, props.since)) - props.since)}</span>;
}

/** Time that counts down to a moment; "due now" when it has come. */
export function Countdown(props: { readonly to: number }) {
  const left = props.to - useNow();
  return <span className="m-nowrap">{left <= 0 ? 'due now' : `in ${spanInWords(left)}`}</span>;
}

/** How long what is confirmed must have stood on the screen, ms: a click that was on its way is for what stood there before. */
const SETTLE_MS = 700;

/** Whether `key` has stayed the same for a while; false at first and after each change. */
export function useSettled(key: string, ms = SETTLE_MS): boolean {
  const [settled, setSettled] = useState<string | null>(null);
  useEffect(() => {
    const wait = setTimeout(() => setSettled(key), ms);
    return () => clearTimeout(wait);
  }, [key, ms]);
  return settled === key;
}
