import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AlertRuleId } from '../../shared/model/alerts/alert';
import { drillFaults, type DrillFault, type DrillReport } from '../../shared/model/drill/drill';
import { alertRules, ruleInForce } from '../../shared/rules/alerts/alert-rules';
import { takeAlerts, type AlertSpan } from '../support/soak/alert-spans';
import { judgeAlerts } from '../support/soak/judge-alerts';
import { judgeAvailability } from '../support/soak/judge-availability';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { seededChoice } from './support/seeded-choice';
import type { AppUse } from './support/soak-app';
import { holdDrill, openSoakLab, restOf, stopReplica, type SoakLab } from './support/soak-lab';
import { SoakReferee } from './support/soak-referee';
import { deedsInWords, memoryInWords, type SoakDeed } from './support/soak-table';

const MINUTE = 60_000;
const MB = 1024 ** 2;
/** How long the soak lasts; the full run of the lab has it last an hour. */
const MINUTES = Number(process.env['LAB_SOAK_MINUTES'] ?? 8);
/** From so many minutes on each kind of drill must have been held. */
const WHOLE_MINUTES = 30;
const SEED = Number(process.env['LAB_SOAK_SEED'] ?? 10);
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
/** A replica is stopped for so long, ms: longer than the rules of a member that is down wait, with their bound. */
const STOPPED_MS = 115_000;
const REST_MS = { least: 5_000, more: 20_000 };
/** At the end nothing is done for so long, ms: what a fault raised has to end. */
const END_MS = 60_000;

const RELEASES = [
  { suite: 'trixie', net: 254 },
  { suite: 'bookworm', net: 30 },
] as const;

/** What is done on a release. Patroni 3.0.2 of bookworm takes the lock back when it goes on: the app refuses to freeze it. */
function deedsOn(suite: 'trixie' | 'bookworm'): readonly SoakDeed['deed'][] {
  return [...drillFaults.filter((fault) => suite === 'trixie' || fault !== 'patroni_frozen'), 'replica_stopped'];
}

/** All deeds in an order of the seed, again and again; one that must raise alerts comes first. */
function* inSeededOrder(all: readonly SoakDeed['deed'][], seed: number): Generator<SoakDeed['deed'], never> {
  const choice = seededChoice(seed);
  yield 'replica_stopped';
  for (;;) {
    const left = [...all];
    while (left.length > 0) yield* left.splice(choice.below(left.length), 1);
  }
}

function afterMs(id: AlertRuleId): number {
  const rule = alertRules.find((one) => one.id === id);
  return rule === undefined ? 0 : ruleInForce(rule, undefined).afterMs;
}

describe.each(releasesToTest('80-soak', RELEASES, 'trixie'))(
  `a soak of ${MINUTES} minutes with drills and alerts on ($suite)`,
  ({ suite, net }) => {
    let opened: SoakLab;
    let referee: SoakReferee;
    let spans: readonly AlertSpan[] = [];
    let begun = 0;
    const done: SoakDeed[] = [];
    const uses: AppUse[] = [];
    const ending = new AbortController();

    beforeAll(async () => {
      opened = await openSoakLab({ name: `soak-${suite}`, net, suite }, NODES);
      const stream = await opened.core.client.alerts.watch(undefined, { signal: ending.signal });
      void (async () => {
        for await (const { alerts } of stream) spans = takeAlerts(spans, alerts, Date.now());
      })().catch(() => undefined);
      referee = new SoakReferee(opened.lab, opened.cluster);
      begun = Date.now();
      referee.start();
    }, 15 * MINUTE);
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail')
        await opened.page.screenshot({ path: `test/results/lab-soak-${suite}.png`, fullPage: true });
    });
    afterAll(async () => {
      ending.abort();
      await referee?.stop();
      console.log(deedsInWords(done, { spans, samples: referee?.samples ?? [], begun }));
      console.log(memoryInWords(uses));
      await opened?.close();
    }, 3 * MINUTE);

    const carryOut = async (deed: SoakDeed['deed']): Promise<DrillReport | null> => {
      const drill: DrillFault | undefined = drillFaults.find((fault) => fault === deed);
      if (drill !== undefined) return holdDrill(opened, drill, NODES);
      await stopReplica(opened, NODES, STOPPED_MS);
      return null;
    };

    /** What was seen, for who looks into it afterwards. */
    const keep = async (): Promise<void> => {
      await mkdir('test/results', { recursive: true });
      const seen = { begun, done, spans, uses, samples: referee.samples };
      await writeFile(`test/results/soak-${suite}.json`, JSON.stringify(seen));
    };

    const rest = async (ms: number): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      uses.push(await opened.app.use());
      await keep();
    };

    it(
      'goes through its drills, started from the page one after another',
      async () => {
        const choice = seededChoice(SEED);
        const all = deedsOn(suite);
        const deeds = inSeededOrder(all, SEED);
        await rest(30_000);
        while (Date.now() - begun < MINUTES * MINUTE) {
          const deed = deeds.next().value;
          const from = Date.now();
          const report = await carryOut(deed);
          done.push({ deed, from, to: Date.now(), report });
          await rest(REST_MS.least + choice.below(REST_MS.more));
        }
        await restOf(opened.lab, opened.cluster, NODES);
        await rest(END_MS);
        await referee.stop();
        const held = new Set(done.map(({ deed }) => deed));
        if (MINUTES >= WHOLE_MINUTES) expect(held).toEqual(new Set(all));
        expect(held.size).toBeGreaterThan(1);
        expect(done.filter(({ report }) => report?.removed === false)).toEqual([]);
      },
      (MINUTES + 15) * MINUTE,
    );

    it('had the servers asked again and again for all of the time, without a longer pause', () => {
      const times = referee.samples.map(({ at }) => at);
      const pauses = times.slice(1).map((at, index) => at - (times[index] ?? at));
      expect(Math.max(...pauses), 'the longest time between two looks, ms').toBeLessThan(10_000);
      expect(times.length).toBeGreaterThan(((times.at(-1) ?? 0) - begun) / 3_000);
    });

    it('raised no alert that was wrong, ended none late, and missed none', () => {
      expect(judgeAlerts({ samples: referee.samples, spans, afterMs })).toEqual([]);
    });

    it('raised what a stopped replica must raise, so that silence is not taken for calm', () => {
      expect(spans.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['member_down', 'etcd_one_failure_left']));
    });

    it('lost no acknowledged write', () => {
      const measures = done.flatMap(({ deed, report }) =>
        (report?.measures ?? []).map(({ client, way, lost, acknowledged }) => ({
          deed,
          client,
          way,
          lost,
          acknowledged,
        })),
      );
      expect(measures.filter(({ lost }) => lost === null || lost.count > 0)).toEqual([]);
      expect(measures.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBeGreaterThan(100);
    });

    it('has a report of availability that the servers do not contradict', async () => {
      const { clusterId, core } = opened;
      const [month] = await core.client.availability.months({ clusterId, zone: 'UTC' });
      if (month === undefined) throw new Error('no month has a record');
      const report = await core.client.availability.report({ clusterId, month });
      const { upMs, downMs, outages } = report;
      console.log(JSON.stringify({ upMs, downMs, outages }));
      expect(upMs).toBeGreaterThan(0.6 * (Date.now() - begun));
      expect(judgeAvailability(referee.samples, report)).toEqual([]);
    });

    it('used no more memory, files and handles at its end than in its middle', () => {
      const [first, middle, last] = [uses[0], uses[Math.floor(uses.length / 2)], uses.at(-1)];
      if (first === undefined || middle === undefined || last === undefined) throw new Error('nothing was measured');
      expect(last.heapUsed, 'heap').toBeLessThan(middle.heapUsed * 1.25 + 8 * MB);
      expect(last.rss, 'resident memory').toBeLessThan(middle.rss * 1.25 + 40 * MB);
      expect(last.handles, 'handles').toBeLessThanOrEqual(first.handles + 6);
      expect(last.children, 'children').toBeLessThanOrEqual(first.children);
      expect(last.files, 'files').toBeLessThanOrEqual(first.files + 4 * done.length + 20);
      expect(last.largest.bytes, last.largest.path).toBeLessThan(8 * MB);
    });

    it('left no error in its log, none on its standard error and none on the console of the page', async () => {
      console.log((await opened.app.logged(40)).join('\n'));
      expect(await opened.app.logged(50)).toEqual([]);
      expect(opened.app.complaints()).toBe('');
      expect(opened.problems).toEqual([]);
    });
  },
);
