import { AppError, appError, toErrorData } from '../../../shared/model/app-error';
import type { SamplerStatus } from '../../../shared/model/statistics/charts';
import type { Figures } from '../../../shared/model/statistics/metrics';
import type { Undo } from '../../../shared/model/undo';
import { hostFigures, postgresFigures } from '../../../shared/rules/statistics/rates';
import { readSampleLine, type HostReading, type PostgresReading } from '../../../shared/rules/statistics/read-sample';
import { backoffMs } from '../platform/backoff';
import { sleep } from '../platform/wait';
import type { Remote } from '../ssh/remote';
import { STATISTICS_SCRIPT } from './statistics-script';

/** What one server is asked with, and whom it tells. */
export interface SampleDeps {
  readonly remote: Remote;
  readonly port: number;
  readonly everySeconds: number;
  readonly now: () => number;
  readonly onFigures: (at: number, figures: Figures) => void;
  /** What PostgreSQL said, for what only it can say of others. */
  readonly onPostgres: (at: number, reading: PostgresReading) => void;
  readonly onStatus: (status: SamplerStatus) => void;
}

/** The script is started anew after this time. */
const RUN_MS = 6 * 3_600_000;
const RETRY = { minMs: 1_000, maxMs: 30_000 };
/** Nothing heard for so many pauses: the connection counts as lost. */
const SILENT_PAUSES = 4;
const MOST_LINE = 256 * 1024;

/** Asks one server for its figures until undone; a lost connection is made again. */
export function sampleServer(deps: SampleDeps): Undo {
  const ending = new AbortController();
  void new Sampler(deps, ending.signal).run();
  return () => {
    ending.abort();
  };
}

class Sampler {
  readonly #deps: SampleDeps;
  readonly #ended: AbortSignal;
  #host: HostReading | null = null;
  #postgres: PostgresReading | null = null;
  #answers = false;
  #rest = '';
  #failures = 0;

  constructor(deps: SampleDeps, ended: AbortSignal) {
    this.#deps = deps;
    this.#ended = ended;
  }

  async run(): Promise<void> {
    this.#deps.onStatus({ kind: 'connecting' });
    while (!this.#ended.aborted) {
      const error = await this.#attempt();
      if (this.#ended.aborted) return;
      this.#failures += 1;
      this.#deps.onStatus({ kind: 'lost', error: toErrorData(error) });
      await sleep(backoffMs(this.#failures, RETRY), this.#ended);
    }
  }

  /** One run of the script; answers why it ended. */
  async #attempt(): Promise<unknown> {
    const { remote, port, everySeconds } = this.#deps;
    const silence = new Silence(everySeconds * SILENT_PAUSES * 1000, this.#ended);
    this.#rest = '';
    this.#host = null;
    try {
      const { exitCode, stderr } = await remote.script(STATISTICS_SCRIPT, [String(port), String(everySeconds)], {
        timeoutMs: RUN_MS,
        asUser: 'postgres',
        signal: silence.signal,
        onBytes: (chunk, stream) => {
          if (stream === 'stdout') this.#take(chunk.toString('utf8'));
          silence.broken();
          return undefined;
        },
      });
      return appError(
        'statistics.ended',
        `The script that reads the figures of ${remote.name} ended with ${String(exitCode)}: ${stderr.slice(-300)}`,
        { target: remote.name, hint: 'It is started again by itself.', retryable: true },
      );
    } catch (thrown) {
      return silence.isOver && !(thrown instanceof AppError && thrown.data.code === 'ssh.connection_lost')
        ? silentError(remote.name)
        : thrown;
    } finally {
      silence.end();
    }
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    const rest = lines.pop() ?? '';
    this.#rest = rest.length > MOST_LINE ? '' : rest;
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    const sample = readSampleLine(line);
    if (sample === null) return;
    const at = this.#deps.now();
    this.#failures = 0;
    switch (sample.kind) {
      case 'host':
        this.#deps.onFigures(at, hostFigures(this.#host, sample.reading));
        this.#host = sample.reading;
        break;
      case 'postgres':
        this.#answers = true;
        this.#deps.onFigures(at, postgresFigures(this.#postgres, sample.reading));
        this.#deps.onPostgres(at, sample.reading);
        this.#postgres = sample.reading;
        break;
      case 'down':
        this.#answers = false;
        this.#postgres = null;
    }
    this.#deps.onStatus({ kind: 'live', postgres: this.#answers });
  }
}

function silentError(name: string): AppError {
  return appError('statistics.silent', `${name} sent no figures for too long.`, {
    target: name,
    hint: 'It is asked again by itself.',
    retryable: true,
  });
}

/** Aborts when nothing was heard for so long, or when the whole is ended. */
class Silence {
  readonly #limitMs: number;
  readonly #over = new AbortController();
  readonly signal: AbortSignal;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, ended: AbortSignal) {
    this.#limitMs = Math.max(limitMs, 30_000);
    this.signal = AbortSignal.any([ended, this.#over.signal]);
    this.broken();
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  broken(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#over.abort();
    }, this.#limitMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
