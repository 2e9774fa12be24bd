import type { Page } from 'playwright-core';
import type { ReferenceCluster } from './cluster-file';
import { toNodeName, type Lab, type NodeName } from './lab';

/** How often servers and page are asked, ms. */
const EVERY_MS = 1_000;
/** Longest wait for one answer of a server, ms: a server that is cut off answers nothing. */
const PATIENCE_MS = 2_500;

/** What is so, asked without the app. */
interface Truth {
  /** Servers whose PostgreSQL says that it is writable, by its own socket. */
  readonly writable: readonly NodeName[];
  /** Servers whose PostgreSQL answers at all. */
  readonly running: readonly NodeName[];
  /** Servers that this machine reaches. */
  readonly reached: readonly NodeName[];
  /** Who holds the leader key, '' for nobody; null while etcd does not say. */
  readonly holder: string | null;
}

/** What the page says at the same moment, in its own words. */
interface Words {
  readonly writes: string;
  readonly health: string;
  readonly leader: string;
  /** How many findings it shows. */
  readonly troubles: number;
}

/** One look at both, ms since the epoch. */
interface Look {
  readonly at: number;
  readonly truth: Truth;
  readonly words: Words;
  /** What of the words is not so; empty where all is, or is said to be not known. */
  readonly wrong: readonly string[];
}

/** What came out of one fault. Times in ms from the moment the fault began. */
export interface FaultRecord {
  /** When nobody could write any more, as PostgreSQL itself says or its server being out of reach; null: never. */
  readonly writesLost: number | null;
  /** When somebody could again. */
  readonly writesBack: number | null;
  /** When the page first said something else about writes or health than before the fault, or showed another finding. */
  readonly noticed: number | null;
  /** The longest time that the page went on saying one wrong thing. */
  readonly longestWrong: number;
  /** That thing. */
  readonly wrongest: string;
}

/**
 * Compares the page with the servers each second. It asks psql and etcdctl on the servers' own consoles and knows nothing of
 * the app but the words in its page.
 */
export class Referee {
  readonly #lab: Lab;
  readonly #cluster: ReferenceCluster;
  readonly #nodes: readonly NodeName[];
  readonly #page: Page;
  readonly #looks: Look[] = [];
  #stop = false;
  #done: Promise<void> = Promise.resolve();
  #began = 0;

  constructor(lab: Lab, cluster: ReferenceCluster, page: Page) {
    this.#lab = lab;
    this.#cluster = cluster;
    this.#nodes = cluster.members.map(({ name }) => toNodeName(name));
    this.#page = page;
  }

  /** Begins to look; the fault is expected now. */
  start(): void {
    this.#looks.length = 0;
    this.#stop = false;
    this.#began = Date.now();
    this.#done = this.#look();
  }

  /** The fault is there: times are counted from now. */
  mark(): void {
    this.#began = Date.now();
  }

  /** Ends the looking and judges. */
  async stop(): Promise<FaultRecord> {
    this.#stop = true;
    await this.#done;
    const since = (look: Look | undefined): number | null => (look === undefined ? null : look.at - this.#began);
    const looks = this.#looks.filter(({ at }) => at >= this.#began - EVERY_MS);
    const before = this.#looks[0];
    const lost = looks.findIndex(({ truth }) => serving(truth).length === 0);
    return {
      writesLost: since(looks[lost]),
      writesBack: lost < 0 ? null : since(looks.slice(lost).find(({ truth }) => serving(truth).length > 0)),
      noticed: since(looks.find(({ words }) => before !== undefined && differs(words, before.words))),
      ...longestWrong(looks),
    };
  }

  async #look(): Promise<void> {
    while (!this.#stop) {
      const at = Date.now();
      const [truth, words] = await Promise.all([this.#truth(), this.#words()]);
      this.#looks.push({ at, truth, words, wrong: wrongWords(truth, words, this.#nodes) });
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, EVERY_MS - (Date.now() - at))));
    }
  }

  async #truth(): Promise<Truth> {
    const [answers, reached, holder] = await Promise.all([
      Promise.all(this.#nodes.map(async (name) => [name, await this.#postgres(name)] as const)),
      Promise.all(this.#nodes.map(async (name) => [name, await this.#reaches(name)] as const)),
      this.#holder(),
    ]);
    return {
      writable: answers.filter(([, answer]) => answer === 't').map(([name]) => name),
      running: answers.filter(([, answer]) => answer !== null).map(([name]) => name),
      reached: reached.filter(([, answers]) => answers).map(([name]) => name),
      holder,
    };
  }

  #postgres(name: NodeName): Promise<string | null> {
    return this.#lab
      .node(name)
      .psql('select not pg_is_in_recovery()', { scope: this.#cluster.scope, timeoutMs: PATIENCE_MS })
      .catch(() => null);
  }

  #reaches(name: NodeName): Promise<boolean> {
    return fetch(`http://${this.#lab.node(name).ip}:8008/liveness`, { signal: AbortSignal.timeout(PATIENCE_MS) }).then(
      () => true,
      () => false,
    );
  }

  async #holder(): Promise<string | null> {
    const key = `${this.#cluster.namespace}${this.#cluster.scope}/leader`;
    const answers = await Promise.all(
      this.#nodes.map((name) =>
        this.#lab
          .node(name)
          .etcdctl(['get', '--command-timeout=2s', '--print-value-only', key], { timeoutMs: PATIENCE_MS })
          .then(
            (text) => text.trim(),
            () => null,
          ),
      ),
    );
    return answers.find((answer) => answer !== null) ?? null;
  }

  #words(): Promise<Words> {
    return this.#page.evaluate(() => {
      const textOf = (selector: string): string => document.querySelector(selector)?.textContent?.trim() ?? '';
      return {
        writes: textOf('[data-testid="takes-writes"]'),
        health: textOf('.m-cluster-health'),
        leader: textOf('[data-testid="leader"]'),
        troubles: document.querySelectorAll('.m-finding').length,
      };
    });
  }
}

/** Whether the page says something else about writes or health, or shows another number of findings. */
function differs(words: Words, before: Words): boolean {
  return (
    words.writes.includes('Yes') !== before.writes.includes('Yes') ||
    words.health !== before.health ||
    words.troubles !== before.troubles
  );
}

/** Who takes writes of an application that is where this machine is. */
function serving({ writable, reached }: Truth): readonly NodeName[] {
  return writable.filter((name) => reached.includes(name));
}

/** What the page claims and is not so. What it says not to know is never wrong. */
function wrongWords(truth: Truth, words: Words, nodes: readonly NodeName[]): readonly string[] {
  const wrong: string[] = [];
  const serves = serving(truth);
  const named = nodes.find((name) => new RegExp(`Yes: ${name}\\b`).test(words.writes));
  if (named !== undefined && !serves.includes(named)) wrong.push(`"${words.writes}"`);
  if (/\bNo:/.test(words.writes) && serves.length > 0)
    wrong.push(`"${words.writes}" while ${serves.join()} takes them`);
  const well = serves.length === 1 && truth.running.length === nodes.length && truth.reached.length === nodes.length;
  if (words.health === 'Healthy' && !well) wrong.push('"Healthy"');
  const shown = nodes.find((name) => words.leader === name);
  if (shown !== undefined && truth.holder !== null && truth.holder !== shown)
    wrong.push(`"leader ${shown}" while the key says "${truth.holder}"`);
  return wrong;
}

/** How long the page said the same wrong thing without a break. Words that only count up are one thing. */
function longestWrong(looks: readonly Look[]): Pick<FaultRecord, 'longestWrong' | 'wrongest'> {
  const since = new Map<string, number>();
  let found = { longestWrong: 0, wrongest: '' };
  for (const { at, wrong } of looks) {
    const said = new Set(wrong.map((words) => words.replace(/\d+ m?s( ago)?/g, '')));
    for (const words of since.keys()) if (!said.has(words)) since.delete(words);
    for (const words of said) {
      const first = since.get(words) ?? at;
      since.set(words, first);
      if (at - first > found.longestWrong) found = { longestWrong: at - first, wrongest: words };
    }
  }
  return found;
}
