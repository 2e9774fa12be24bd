import { AppError, toErrorData } from '../../../shared/model/app-error';
import type { Server } from '../../../shared/model/connect/server';
import type { TestReport, TestStep } from '../../../shared/model/connect/server-test';
import type { Remote, RunResult } from '../ssh/remote';

type Verdict = Pick<TestStep, 'verdict' | 'sentence'>;

/** A clock that is off by more than this makes leases and certificates go wrong, ms. */
const CLOCK_LIMIT_MS = 2000;

/** Questions for the user count into the first step, so it may wait for as long as they may. */
const CONNECT_LIMIT_MS = 6 * 60_000;
const STEP_LIMIT_MS = 30_000;

/** Connects to a server and checks its system, sudo and clock; changes nothing there. Never rejects with an AppError. */
export async function testServer(server: Server, remote: Remote, now: () => number): Promise<TestReport> {
  const steps: TestStep[] = [];
  const plan: readonly (readonly [string, () => Promise<Verdict>])[] = [
    ['SSH', () => connect(server, remote)],
    ['sudo', () => sudo(server, remote)],
    ['Clock', () => clock(remote, now)],
  ];
  for (const [name, run] of plan) {
    const began = now();
    try {
      steps.push({ name, ...(await run()), durationMs: now() - began });
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      steps.push({ name, verdict: 'failed', sentence: thrown.message, durationMs: now() - began });
      return { steps, error: toErrorData(thrown) };
    }
  }
  return { steps, error: null };
}

/** A login that failed before is tried anew: whoever asks for a test has changed something. */
async function connect(server: Server, remote: Remote): Promise<Verdict> {
  await remote.connect();
  const result = await remote.run(['uname', '-sr'], { timeoutMs: CONNECT_LIMIT_MS });
  const system = result.exitCode === 0 ? result.stdout.trim() : 'an unknown system';
  return { verdict: 'ok', sentence: `${server.user} is logged in on ${server.host}, which runs ${system}.` };
}

async function sudo(server: Server, remote: Remote): Promise<Verdict> {
  switch (server.sudo.kind) {
    case 'none':
      return {
        verdict: 'warning',
        sentence: 'No sudo is set: the app can watch clusters here, but not read protected files or set up servers.',
      };
    case 'root':
      return isRoot(
        await remote.run(['id', '-u'], { timeoutMs: STEP_LIMIT_MS }),
        `The login ${server.user} is root.`,
        `${server.user} is not root. Choose how commands become root.`,
      );
    case 'passwordless':
    case 'password':
      return isRoot(
        await remote.run(['id', '-u'], { timeoutMs: CONNECT_LIMIT_MS, sudo: true }),
        'sudo works.',
        'sudo did not make the command root.',
      );
  }
}

function isRoot(result: RunResult, yes: string, no: string): Verdict {
  if (result.exitCode === 0 && result.stdout.trim() === '0') return { verdict: 'ok', sentence: yes };
  const said = result.stderr.trim().split('\n')[0] ?? '';
  return { verdict: 'failed', sentence: said === '' ? no : `${no} The server said: ${said}` };
}

/** The middle of the command's run is compared, so that a slow line is not taken for a wrong clock. */
async function clock(remote: Remote, now: () => number): Promise<Verdict> {
  const before = now();
  const result = await remote.run(['date', '+%s.%N'], { timeoutMs: STEP_LIMIT_MS });
  const after = now();
  const there = Number.parseFloat(result.stdout) * 1000;
  if (result.exitCode !== 0 || !Number.isFinite(there))
    return { verdict: 'warning', sentence: 'The clock of the server could not be read.' };
  const off = there - (before + after) / 2;
  const uncertain = (after - before) / 2;
  if (Math.abs(off) - uncertain <= CLOCK_LIMIT_MS)
    return { verdict: 'ok', sentence: 'The clock agrees with this computer.' };
  const seconds = Math.round(Math.abs(off) / 100) / 10;
  return {
    verdict: 'warning',
    sentence: `The clock is ${seconds} s ${off > 0 ? 'ahead of' : 'behind'} this computer. Check time synchronisation on both.`,
  };
}
