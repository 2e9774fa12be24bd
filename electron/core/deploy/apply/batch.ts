import { appError, type AppErrorData } from '../../../../shared/model/app-error';
import type { Step } from '../../../../shared/model/deploy/plan';
import { classify } from '../../../../shared/rules/deploy/causes/classify';
import type { Remote } from '../../ssh/remote';
import type { ScriptContext } from '../resources/script-context';
import { prelude } from '../resources/scripted/prelude';
import type { ExecutionEvents } from './events';
import { executionOf } from './resource-handlers';

/** Longest time of one script, ms. Unpacking on a slow server behind a slow mirror takes long. */
const scriptLimitMs = 3_600_000;

/** How a script of several steps ended. Steps it did not come to are in neither list. */
export interface BatchEnd {
  readonly done: ReadonlySet<string>;
  readonly failed: { readonly id: string; readonly error: AppErrorData } | null;
}

/** A step with the shell text that carries it out. */
export interface ScriptedStep {
  readonly step: Step;
  readonly write: (context: ScriptContext) => string;
}

/** The step with its shell text; null when it is carried out by the core. */
export function scriptedStep(step: Step, scope: string): ScriptedStep | null {
  const execution = executionOf(step, scope);
  return execution.by === 'script' ? { step, write: execution.write } : null;
}

/** One script that carries all these steps out, in their order, each announced by itself. */
export function batchScript(steps: readonly ScriptedStep[], context: ScriptContext): string {
  const parts = steps.map(
    ({ step, write }, index) => `s${index}() {\n${write(context)}\n}\nstep '${step.id}' s${index}`,
  );
  return [prelude(context.stateDirectory), ...parts].join('\n');
}

/** Runs the steps of one server in one script. Rejects with `ssh.*` when the connection is lost on the way. */
export async function runBatch(
  server: string,
  remote: Remote,
  steps: readonly ScriptedStep[],
  context: ScriptContext,
  events: ExecutionEvents,
  done: Set<string>,
): Promise<BatchEnd> {
  let failedId: string | null = null;
  let current = steps[0]?.step.id ?? '';
  const recent: string[] = [];
  const take = (line: string, stream: 'stdout' | 'stderr'): void => {
    const mark = /^@@(begin|done|failed) (\S+)/.exec(line);
    if (mark === null) {
      recent.push(line);
      if (recent.length > 80) recent.shift();
      events.log(server, stream === 'stderr' ? 'error' : 'info', line);
      return;
    }
    const id = mark[2] ?? '';
    if (mark[1] === 'begin') {
      current = id;
      recent.length = 0;
      events.step(id, 'running');
    }
    if (mark[1] === 'done') {
      done.add(id);
      events.step(id, 'done');
    }
    if (mark[1] === 'failed') failedId = id;
  };
  const lines = byLine(take);
  const result = await remote.script(batchScript(steps, context), [], {
    timeoutMs: scriptLimitMs,
    sudo: true,
    maxOutputBytes: 64 * 1024 * 1024,
    onOutput: lines.push,
  });
  lines.end();
  if (failedId === null && result.exitCode === 0) return { done, failed: null };
  const id = failedId ?? current;
  return {
    done,
    failed: {
      id,
      error: stepError(server, steps.find(({ step }) => step.id === id)?.step, recent.join('\n'), result.exitCode).data,
    },
  };
}

function stepError(
  server: string,
  step: Step | undefined,
  text: string,
  exitCode: number,
): ReturnType<typeof appError> {
  const cause = classify(text);
  const label = step?.label ?? 'A step';
  if (cause !== null)
    return appError(cause.code, `${server}: "${label}" failed. ${cause.sentence} (${cause.line})`, {
      target: server,
      hint: cause.hint,
      retryable: true,
    });
  const last = text.trim().split('\n').slice(-3).join(' ').slice(0, 400);
  return appError(
    'deploy.step_failed',
    `${server}: "${label}" failed with exit code ${exitCode}${last === '' ? '.' : `: ${last}`}`,
    {
      target: server,
      hint: 'Look at the log of this server, then resume.',
      retryable: true,
    },
  );
}

/** Cuts chunks of output into lines, for each stream by itself. */
function byLine(take: (line: string, stream: 'stdout' | 'stderr') => void): {
  push: (chunk: string, stream: 'stdout' | 'stderr') => void;
  end: () => void;
} {
  const rest = { stdout: '', stderr: '' };
  return {
    push: (chunk, stream) => {
      const lines = (rest[stream] + chunk).split('\n');
      rest[stream] = lines.pop() ?? '';
      for (const line of lines) take(line, stream);
    },
    end: () => {
      for (const stream of ['stdout', 'stderr'] as const) if (rest[stream] !== '') take(rest[stream], stream);
    },
  };
}
