import type { SecretReader } from '../../../../shared/rules/deploy/secrets';
import type { Remote } from '../../ssh/remote';
import type { ProbeContext } from '../facts/probe-context';

/** What a step may use while it is made so. */
export interface ApplyContext {
  readonly connectNamed: (server: string) => Remote;
  readonly probes: ProbeContext;
  readonly secret: SecretReader;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** A line for the lane's live log. */
  readonly log: (server: string, level: 'info' | 'command' | 'error', text: string) => void;
  /** What is so now, for the step's own line. */
  readonly detail: (text: string) => void;
}

/** Asks again and again until the answer is there; undefined when the time is up. */
export async function until<T>(
  context: Pick<ApplyContext, 'signal' | 'now' | 'sleep'>,
  limitMs: number,
  everyMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const end = context.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (context.now() >= end || context.signal.aborted) return undefined;
    await context.sleep(everyMs);
  }
}
