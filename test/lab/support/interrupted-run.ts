import type { CliDeployment, Ended } from './deployment';

/** What a test does to a run: when a step begins (`kill` ends the program), and each time the program has ended. */
export interface Interference {
  onBegun(step: string, kill: () => void): void;
  between?(): Promise<void>;
  /** Further arguments of `resume`. */
  readonly resumeWith?: readonly string[];
}

/**
 * Starts a command of the deployment program and resumes its run as often as it is interrupted. Returns how often the
 * program ran; rejects with its last output when the run is not complete after so many turns.
 */
export async function runUntilDone(
  cluster: CliDeployment,
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
  throw new Error(`The run was not complete after ${turns} turns: ${last?.output.slice(-2000) ?? ''}`);
}
