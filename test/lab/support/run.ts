import { spawn } from 'node:child_process';

/** How a command ended, and what it printed. `code` is null when a signal ended it. */
export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** What a command runs with: its environment beyond this process's, what it reads, and after how many milliseconds it is killed. */
export interface CommandOptions {
  env?: Record<string, string>;
  input?: string;
  timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Runs a program to its end. Rejects only when it cannot be started or does not end in time (60 s by default); then
 * its whole process group is killed.
 */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { detached: true, stdio: 'pipe', env: { ...process.env, ...options.env } });
    const printed = { stdout: '', stderr: '' };
    const timer = setTimeout(() => {
      if (child.pid !== undefined) killGroup(child.pid);
      reject(
        new Error(
          `"${program} ${args.join(' ')}" did not end within ${timeoutMs} ms.\n${tail(printed.stdout)}\n${tail(printed.stderr)}`,
        ),
      );
    }, timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
    child.stdin.on('error', () => undefined); // the program may end without reading all of it; its exit code tells
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, ...printed });
    });
    child.stdin.end(options.input ?? '');
  });
}

/** As `run`, but gives the standard output and rejects with what was printed when the exit code is not 0. */
export async function runToSuccess(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await runCommand(program, args, options);
  if (result.code === 0) return result.stdout;
  throw new Error(
    `"${program} ${args.join(' ')}" ended with ${result.code ?? 'a signal'}.\n${tail(result.stdout)}\n${tail(result.stderr)}`,
  );
}

/**
 * Repeats a probe until it gives something other than undefined or false, at most `timeoutMs` long, and gives that. A probe that
 * throws counts as not yet; the last reason is in the error.
 */
export async function waitFor<T>(
  what: string,
  timeoutMs: number,
  probe: () => Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let reason = 'the probe never succeeded';
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > end) throw new Error(`Not within ${timeoutMs} ms: ${what}. Last: ${reason}`);
    await new Promise((resume) => setTimeout(resume, 250));
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process has just ended by itself.
  }
}

function tail(text: string): string {
  return text.trimEnd().slice(-2000);
}
