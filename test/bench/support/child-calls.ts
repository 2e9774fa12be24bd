import { fork, type ChildProcess } from 'node:child_process';

/** What a child process can be asked: by name, what is sent and what comes back. Plain data only. */
export interface Calls {
  readonly [name: string]: { readonly send: unknown; readonly answer: unknown };
}

interface Asked {
  readonly id: number;
  readonly name: string;
  readonly sent: unknown;
}

interface Answered {
  readonly id: number;
  readonly value: unknown;
  readonly error: string | null;
}

/** In the child: answers its parent until the parent is gone. */
export function answerCalls<C extends Calls>(handlers: {
  readonly [K in keyof C]: (sent: C[K]['send']) => Promise<C[K]['answer']> | C[K]['answer'];
}): void {
  process.on('message', (asked: Asked) => {
    const handler = handlers[asked.name];
    const answer = async (): Promise<unknown> => handler?.(asked.sent);
    const reply = (answered: Answered): void => {
      process.send?.(answered);
    };
    answer().then(
      (value) => {
        reply({ id: asked.id, value: value ?? null, error: null });
      },
      (thrown: unknown) => {
        reply({ id: asked.id, value: null, error: thrown instanceof Error ? thrown.message : String(thrown) });
      },
    );
  });
  process.on('disconnect', () => {
    process.exit(0);
  });
}

const CALL_LIMIT_MS = 180_000;

/** A program of the bench in a process of its own, so that its CPU and memory are told apart. */
export class Child<C extends Calls> {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answered: Answered) => void>();
  #last = 0;

  constructor(program: string, args: readonly string[], execArgv: readonly string[] = []) {
    this.#process = fork(program, [...args], {
      execArgv: [...execArgv],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#process.on('message', (answered: Answered) => {
      this.#waiting.get(answered.id)?.(answered);
    });
    this.#process.on('exit', (code) => {
      this.#fail(`${program} ended with ${String(code)}.`);
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Asks and waits, three minutes at most. */
  ask<K extends keyof C & string>(name: K, sent: C[K]['send']): Promise<C[K]['answer']> {
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.get(id)?.({ id, value: null, error: `"${name}" was not answered.` });
      }, CALL_LIMIT_MS);
      this.#waiting.set(id, ({ value, error }) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        if (error === null) resolve(value);
        else reject(new Error(error));
      });
      this.#process.send({ id, name, sent } satisfies Asked);
    });
  }

  /** Ends the process and waits for it. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => {
      this.#process.once('exit', () => {
        resolve();
      });
    });
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => {
      this.#process.kill('SIGKILL');
    }, 5_000);
    await ended;
    clearTimeout(timer);
  }

  #fail(why: string): void {
    for (const [id, done] of [...this.#waiting]) done({ id, value: null, error: why });
  }
}
