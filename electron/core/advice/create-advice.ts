import { appError } from '../../../shared/model/app-error';
import type { AdviceReport, AdviceRuleId, AdviceUpdate, Aside } from '../../../shared/model/advice/advice';
import type { Undo } from '../../../shared/model/undo';
import { makeAdviceReport } from '../../../shared/rules/advice/make-report';
import { createListeners, type Listeners } from '../platform/listeners';
import { readAsides, writeAsides, type KeptAsides } from './advice-file';
import { readAdviceFacts, type ReadFactsDeps } from './read-facts';

/** What the advice is made with. */
export interface AdviceDeps extends ReadFactsDeps {
  /** Who sets advice aside. */
  readonly user: string;
  readonly path: string;
  /** Clusters of the demo: what is set aside there is not kept. */
  readonly isTemporary: (clusterId: string) => boolean;
}

/** What could be better in a cluster, by one reading of it when somebody asks. */
export interface AdviceService {
  /** Called with everything first, then with each change. Throws `operation.unknown_cluster`. */
  watch(clusterId: string, listener: (update: AdviceUpdate) => void): Undo;
  /**
   * Reads anew; who asks while a reading is under way gets the same. It changes nothing. Rejects with `operation.unknown_cluster`
   * and, for a cluster on hold, with `advice.on_hold`.
   */
  read(clusterId: string): Promise<AdviceReport>;
  /** Rejects with `advice.unknown` where the last reading does not advise it, and where it cannot be kept. */
  setAside(clusterId: string, rule: AdviceRuleId, reason: string): Promise<void>;
  /** Rejects where it cannot be kept. */
  bringBack(clusterId: string, rule: AdviceRuleId): Promise<void>;
}

/** Reads what was set aside and makes the service. */
export async function createAdvice(deps: AdviceDeps): Promise<AdviceService> {
  return new RunningAdvice(deps, await readAsides(deps.path, deps.now()));
}

interface Held {
  readonly listeners: Listeners<AdviceUpdate>;
  report: AdviceReport | null;
  progress: AdviceUpdate['progress'];
  reading: Promise<AdviceReport> | null;
}

class RunningAdvice implements AdviceService {
  readonly #deps: AdviceDeps;
  readonly #held = new Map<string, Held>();
  #asides: KeptAsides;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: AdviceDeps, asides: KeptAsides) {
    this.#deps = deps;
    this.#asides = asides;
  }

  watch(clusterId: string, listener: (update: AdviceUpdate) => void): Undo {
    const { listeners } = this.#of(clusterId);
    const undo = listeners.add(listener);
    listener(this.#update(clusterId));
    return undo;
  }

  async read(clusterId: string): Promise<AdviceReport> {
    const held = this.#of(clusterId);
    held.reading ??= this.#readNow(clusterId, held).finally(() => {
      held.reading = null;
      held.progress = null;
      this.#tell(clusterId);
    });
    return held.reading;
  }

  async setAside(clusterId: string, rule: AdviceRuleId, reason: string): Promise<void> {
    const advice = this.#of(clusterId).report?.advice.find((one) => one.rule === rule);
    if (advice === undefined)
      throw appError('advice.unknown', 'The last reading of this cluster does not advise this.', {
        target: rule,
        hint: 'Read it again.',
      });
    const { severity, about } = advice;
    const aside = { rule, severity, about: [...about], reason, by: this.#deps.user, at: this.#deps.now() };
    await this.#keep(clusterId, [...this.#asidesOf(clusterId).filter((one) => one.rule !== rule), aside]);
  }

  async bringBack(clusterId: string, rule: AdviceRuleId): Promise<void> {
    this.#of(clusterId);
    await this.#keep(
      clusterId,
      this.#asidesOf(clusterId).filter((one) => one.rule !== rule),
    );
  }

  #of(clusterId: string): Held {
    const known = this.#held.get(clusterId);
    if (known !== undefined) return known;
    if (this.#deps.hub.entry(clusterId) === null)
      throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
        hint: 'Choose one from the list.',
      });
    const made: Held = { listeners: createListeners(), report: null, progress: null, reading: null };
    this.#held.set(clusterId, made);
    return made;
  }

  async #readNow(clusterId: string, held: Held): Promise<AdviceReport> {
    const from = this.#deps.now();
    const facts = await readAdviceFacts(this.#deps, clusterId, (done, of, doing) => {
      held.progress = { done, of, doing };
      this.#tell(clusterId);
    });
    held.report = makeAdviceReport(facts, from);
    return held.report;
  }

  #asidesOf(clusterId: string): readonly Aside[] {
    return this.#asides.get(clusterId) ?? [];
  }

  /** What is shown is what is kept: where it cannot be written, it stays as it was. */
  async #keep(clusterId: string, asides: readonly Aside[]): Promise<void> {
    const write = async (): Promise<void> => {
      const next = new Map([...this.#asides, [clusterId, asides]]);
      const lasting = new Map([...next].filter(([id, list]) => list.length > 0 && !this.#deps.isTemporary(id)));
      if (!this.#deps.isTemporary(clusterId)) await writeAsides(this.#deps.path, lasting);
      this.#asides = next;
      this.#tell(clusterId);
    };
    const done = this.#writing.then(write);
    this.#writing = done.catch(() => undefined);
    await done;
  }

  #update(clusterId: string): AdviceUpdate {
    const held = this.#of(clusterId);
    return { report: held.report, progress: held.progress, asides: this.#asidesOf(clusterId) };
  }

  #tell(clusterId: string): void {
    const held = this.#held.get(clusterId);
    held?.listeners.emit(this.#update(clusterId));
  }
}
