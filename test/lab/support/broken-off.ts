import type { Deployment, Ended } from './deployment';

/** What happens while a run goes on: at the first word of each step, with the program's switch, and after each time it ended. */
export interface Interference {
  onBegun(step: string, kill: () => void): void;
  between?(): Promise<void>;
  /** What the program is told besides when it goes on. */
  readonly resumeWith?: readonly string[];
}

/**
 * Begins a command of the deployment program, and goes on with its run as often as it was broken off. Answers how often the
 * program ran; rejects with what it said last when it does not come to its end in so many turns.
 */
export async function untilDone(
  cluster: Deployment,
  command: readonly string[],
  turns: number,
  interference: Interference,
): Promise<number> {
  const known = await cluster.lastRun().catch(() => null);
  let last: Ended | null = null;
  for (let turn = 1; turn <= turns; turn += 1) {
    const run = await cluster.lastRun().catch(() => null);
    const running = cluster.start(
      [...(run === known ? command : ['resume', run ?? '', ...(interference.resumeWith ?? [])]), '--json'],
      (id, status) => {
        if (status === 'running') interference.onBegun(id, running.kill);
      },
    );
    last = await running.ended;
    await interference.between?.();
    if (last.code === 0) return turn;
  }
  throw new Error(`It did not come to its end in ${turns} turns: ${last?.output.slice(-2000) ?? ''}`);
}
