import { appError, hasCode, toErrorData } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { DrillMeasure, DrillReport, DrillWayKind } from '../../../shared/model/drill/drill';
import { isRunning, isStreamingReplica, leaderOf, memberOf } from '../../../shared/rules/cluster/member-facts';
import { writeStatusOf } from '../../../shared/rules/cluster/write-status';
import { hasSwitch } from '../../../shared/rules/drill/check-drill';
import { drillFaultWords } from '../../../shared/rules/drill/drill-words';
import { spanInWords } from '../../../shared/rules/words/wording';
import type { JobDefinition, JobEnd } from '../jobs/job-engine';
import { sleep } from '../platform/wait';
import { healFault, removeLeftovers, type CleanUpDeps, type Healed } from './clean-up';
import { orderOf, type DrillRun } from './drill-run';
import type { DrillRecord } from './drill-store';
import { runFaultScript } from './fault-script';
import { makeReport } from './make-report';
import { measureDrill, type DrillWritten } from './measure-drill';
import { dataDirectoryOf, makeScratch, placeOfScratch, readWritten, scratchName } from './scratch';
import { startWorkstationWriter, type WorkstationWriter } from './workstation-writer';
import { countWrites, endServerWriter, scratchPassword, startServerWriter, type ServerWriter } from './writer-script';
import { dialThrough } from '../clusters/connect/server-dial';

/** So many writes of each client on each way come before the fault; a slow way is waited for so many times. */
const STEADY_WRITES = 10;
const STEADY_TRIES = 4;

/** The phases of a drill. */
export const DRILL_PHASES: JobDefinition['phases'] = [
  { id: 'prepare', label: 'Make what is written to' },
  { id: 'steady', label: 'Write before the fault' },
  { id: 'fault', label: 'Make the fault' },
  { id: 'watch', label: 'Measure the interruption' },
  { id: 'heal', label: 'Take the fault away' },
  { id: 'rejoin', label: 'Follow the former leader' },
  { id: 'find', label: 'Look for every acknowledged write' },
  { id: 'clean', label: 'Remove what was made' },
];

/** Holds a drill that was confirmed. Whatever happens, the fault is taken away and what was made is removed, or said to be left. */
export async function runDrill(run: DrillRun, record: DrillRecord): Promise<JobEnd> {
  const drill = new Drill(run, record);
  let failure: unknown = null;
  let report: DrillReport | null = null;
  try {
    report = await drill.hold();
  } catch (thrown) {
    failure = thrown;
  }
  // The app is ending: what the record says is done at its next start.
  if (hasCode(run.context.signal.reason, 'job.closing')) {
    await drill.stopWriting();
    throw failure ?? run.context.signal.reason;
  }
  const left = await drill.cleanUp();
  if (report === null) throw withLeft(failure, left);
  const kept = { ...report, removed: left.length === 0, endedAt: run.deps.now() };
  await run.deps.store.keepReport(kept);
  return endOf(kept, left);
}

function withLeft(failure: unknown, left: readonly string[]): Error {
  const { code, message, hint } = toErrorData(failure);
  return appError(code, [message, ...left].join(' '), hint === undefined ? {} : { hint });
}

function endOf(report: DrillReport, left: readonly string[]): JobEnd {
  const sentence = [report.sentence, ...left].join(' ');
  const lost = report.measures.reduce((sum, measure) => sum + (measure.lost?.count ?? 0), 0);
  const gaps = report.measures.flatMap(({ gapMs }) => gapMs ?? []);
  const longest = gaps.length === 0 ? null : Math.max(...gaps);
  const facts = {
    Fault: drillFaultWords[report.fault],
    'Former leader': report.leaderBefore,
    Leader: report.leaderAfter,
    'Longest interruption': longest === null ? null : spanInWords(longest),
    'Acknowledged writes that were lost': lost,
  };
  const isWell = left.length === 0 && report.measures.every(({ end }) => end !== 'open') && lost === 0;
  return { status: isWell ? 'done' : 'warning', result: { sentence, withoutPrimaryMs: longest, facts } };
}

/** What one drill has come to. */
class Drill {
  readonly #run: DrillRun;
  #record: DrillRecord;
  #here: WorkstationWriter | null = null;
  #there: ServerWriter | null = null;
  /** The server's clock less this computer's, ms. */
  #offset = Number.NaN;
  #thereProblem: string | null = null;
  #healed: Healed | null = null;
  #primaryAfterMs: number | null = null;
  readonly #steps: { afterMs: number; text: string }[] = [];

  constructor(run: DrillRun, record: DrillRecord) {
    this.#run = run;
    this.#record = record;
  }

  async hold(): Promise<DrillReport> {
    const { context } = this.#run;
    context.phase('prepare', 'running');
    await this.#prepare();
    context.phase('steady');
    await this.#writeSteadily();
    context.phase('fault');
    const refused = await this.#strike();
    context.phase('watch', 'following');
    await this.#watch();
    context.phase('heal');
    await this.#heal();
    const written = await this.#endWriters();
    context.phase('rejoin');
    const streamsAfterMs = await this.#rejoin();
    context.phase('find');
    return this.#report(written, { streamsAfterMs, refused });
  }

  /** Ends what this computer writes. */
  async stopWriting(): Promise<void> {
    await this.#here?.stop();
  }

  /** Heals, removes, and forgets the record where nothing is left. Answers what is left. */
  async cleanUp(): Promise<readonly string[]> {
    const { deps, context } = this.#run;
    context.phase('clean', 'following');
    await this.stopWriting();
    const healed = this.#healed ?? (await healFault(this.#cleaning(), this.#record, this.#healUntil()));
    const left = await removeLeftovers(this.#cleaning(), this.#record);
    const all = healed.healing === 'not_known' ? [...left, 'Whether the fault is away was not seen.'] : left;
    if (all.length === 0) await deps.store.forgetRecord(this.#run.clusterId);
    return all;
  }

  get #state(): ClusterState {
    const state = this.#run.deps.hub.state(this.#run.clusterId);
    if (state === null)
      throw appError('operation.cluster_gone', 'The cluster was removed from this app while the drill was at work.', {
        hint: 'The server takes the fault away by itself.',
      });
    return state;
  }

  #cleaning(): CleanUpDeps {
    const { deps, context, clusterId } = this.#run;
    return {
      remotes: deps.remotes,
      now: deps.now,
      state: () => deps.hub.state(clusterId),
      log: (level, text) => context.log(level, text),
    };
  }

  async #keep(change: Partial<DrillRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    await this.#run.deps.store.keepRecord(this.#record);
  }

  #sinceFault(): number {
    return this.#run.deps.now() - (this.#record.struckAt ?? this.#run.deps.now());
  }

  async #prepare(): Promise<void> {
    const { deps, before, leader, server, ways, id, choice, context } = this.#run;
    const member = memberOf(before, leader);
    if (member === null) throw appError('operation.leader_unknown', 'The leader is not known any more.');
    const place = placeOfScratch(deps.remotes, member);
    const dataDirectory = choice.fault === 'postgres_killed' ? await dataDirectoryOf(place) : '';
    await this.#keep({ scratch: true, dataDirectory });
    const [name, password] = [scratchName(id), scratchPassword()];
    await makeScratch(place, name, password);
    context.log('good', `The role and the database ${name} are made.`);
    const remote = deps.remotes.remote(server.serverId);
    this.#here = startWorkstationWriter({
      dial: dialThrough(deps.remotes, server.serverId),
      isConnected: () => remote.state().kind === 'connected',
      ways,
      name,
      password,
      now: deps.now,
    });
    this.#there = await startServerWriter(remote, { ways, name, password, limitSeconds: this.#writerSeconds() });
    await this.#keep({ writer: { serverId: server.serverId, directory: this.#there.directory } });
  }

  /** A writer ends by itself a while after all that a drill waits for. */
  #writerSeconds(): number {
    return Math.min(1800, this.#run.choice.limitSeconds + 600);
  }

  async #writeSteadily(): Promise<void> {
    const { deps, ways, context } = this.#run;
    const until = deps.now() + deps.timing.steadyMs * STEADY_TRIES;
    let there: ReadonlyMap<string, number> = new Map();
    do {
      await this.#pause(deps.timing.steadyMs);
      there = await this.#countThere();
    } while (!this.#isSteady(there) && deps.now() < until);
    for (const { kind } of ways)
      context.log('info', `${kind}: ${this.#writesHere(kind)} writes from here, ${there.get(kind) ?? 0} from there.`);
    if (ways.some(({ kind }) => this.#writesHere(kind) > 0 || (there.get(kind) ?? 0) > 0)) return;
    const why = ways.map(({ kind }) => this.#here?.lastRefusal(kind) ?? '').find((text) => text !== '') ?? '';
    throw appError('drill.no_way', `No way in takes writes, so nothing could be measured. ${why}`.trim(), {
      hint: 'No fault was made. See whether pg_hba and PgBouncer let a new role in.',
    });
  }

  #writesHere(kind: DrillWayKind): number {
    return this.#here?.acknowledged(kind) ?? 0;
  }

  /** Whether every way has taken writes of both clients for a while. */
  #isSteady(there: ReadonlyMap<string, number>): boolean {
    return this.#run.ways.every(
      ({ kind }) => this.#writesHere(kind) >= STEADY_WRITES && (there.get(kind) ?? 0) >= STEADY_WRITES,
    );
  }

  async #countThere(): Promise<ReadonlyMap<string, number>> {
    if (this.#there === null) return new Map();
    try {
      const askedAt = this.#run.deps.now();
      const { clockMs, ways } = await countWrites(this.#there);
      this.#offset = clockMs - (askedAt + this.#run.deps.now()) / 2;
      return new Map([...ways].map(([way, { acknowledged }]) => [way, acknowledged]));
    } catch (thrown) {
      this.#thereProblem = toErrorData(thrown).message;
      return new Map();
    }
  }

  /** Waits; rejects when the drill was stopped. */
  async #pause(ms: number): Promise<void> {
    const { signal } = this.#run.context;
    await sleep(ms, signal);
    signal.throwIfAborted();
  }

  /** Answers why a switchover was refused; null where the fault was made. */
  async #strike(): Promise<string | null> {
    const { refusalNow, choice, context, deps } = this.#run;
    const refusal = await refusalNow();
    if (refusal !== null)
      throw appError('operation.state_changed', `${refusal} No fault was made.`, { retryable: true });
    if (choice.fault === 'switchover') return this.#switchOver();
    const remote = deps.remotes.remote(this.#record.leaderServerId);
    await this.#keep({ armed: true });
    const armed = await runFaultScript(remote, 'arm', orderOf(this.#record));
    if (armed.exitCode !== 0) throw notStruck(armed.problem);
    if (hasSwitch(choice.fault)) context.log('good', `The server heals itself after ${choice.limitSeconds} s.`);
    await this.#keep({ struckAt: deps.now() });
    await this.#strikeOnce(() => runFaultScript(remote, 'strike', orderOf(this.#record)));
    return null;
  }

  /** A lost answer is no refusal: what is so is watched, and the server heals itself. */
  async #strikeOnce(strike: () => Promise<{ readonly exitCode: number; readonly problem: string }>): Promise<void> {
    const { context, choice } = this.#run;
    try {
      const { exitCode, problem } = await strike();
      if (exitCode !== 0) throw notStruck(problem);
      context.answer(`${choice.fault}: made`);
      context.log('warning', `${drillFaultWords[choice.fault]}.`);
    } catch (thrown) {
      if (!hasCode(thrown, 'ssh.connection_lost') && !hasCode(thrown, 'ssh.timeout')) throw thrown;
      context.log('warning', 'The answer was lost. The fault is not made again; what is so is watched.');
    }
  }

  async #switchOver(): Promise<string | null> {
    const { deps, clusterId, leader, context } = this.#run;
    await this.#keep({ struckAt: deps.now() });
    const client = deps.hub.rest(clusterId, leader);
    if (client === null) throw notStruck('The REST API of the leader is not known.');
    context.log('info', `POST /switchover to ${leader}`);
    try {
      const answer = await client.write({ method: 'POST', path: '/switchover', body: { leader }, timeoutMs: 90_000 });
      context.answer(`${leader}: ${answer.status} ${answer.body.slice(0, 300)}`);
      return answer.status < 400 ? null : answer.body.slice(0, 300);
    } catch (thrown) {
      if (hasCode(thrown, 'rest.not_sent')) throw thrown;
      context.log('warning', 'No answer came. The state of the cluster decides.');
      return null;
    }
  }

  /** Watches until somebody else leads and every way takes writes again, or until neither is to be expected any more. */
  async #watch(): Promise<void> {
    const { deps, context, leader } = this.#run;
    const until = deps.now() + this.#longestMs();
    while (deps.now() < until) {
      await this.#pause(deps.timing.lookMs);
      void deps.hub.refresh(this.#run.clusterId).catch(() => undefined);
      const state = this.#state;
      this.#notePrimary(state);
      this.#noteFormer(state);
      const holder = state.leader.known ? state.leader.holder : null;
      const who = holder === null ? 'Nobody is known to lead' : `${holder} leads`;
      context.detail(`${who}; ${spanInWords(this.#sinceFault())} since the fault.`);
      const hasChanged = holder !== null && holder !== leader;
      if ((hasChanged || this.#sinceFault() > this.#quietMs()) && this.#isSettled()) return;
    }
    context.log('warning', 'Writes were not back on every way within the time that a drill waits.');
  }

  #notePrimary(state: ClusterState): void {
    const writes = writeStatusOf(state);
    if (this.#primaryAfterMs !== null || writes.kind !== 'yes' || writes.primary === this.#run.leader) return;
    this.#primaryAfterMs = this.#sinceFault();
    this.#run.context.log('good', `${writes.primary} runs as the primary after ${spanInWords(this.#primaryAfterMs)}.`);
  }

  /** What the former leader says of itself, each time that it says something else. */
  #noteFormer(state: ClusterState): void {
    const member = memberOf(state, this.#run.leader);
    const text =
      member === null ? 'not in the cluster' : `${member.stateText || member.state}${timelineOf(member.timeline)}`;
    if (this.#steps.at(-1)?.text === text || this.#steps.length >= 100) return;
    this.#steps.push({ afterMs: this.#sinceFault(), text });
  }

  /** ttl, loop_wait and retry_timeout in ms. */
  get #times(): { readonly ttl: number; readonly loop: number } {
    const config = this.#run.before.config;
    return { ttl: (config?.ttl ?? 30) * 1000, loop: (config?.loopWait ?? 10) * 1000 };
  }

  /** After so long without a change of the leader none is to be expected any more. */
  #quietMs(): number {
    const { ttl, loop } = this.#times;
    switch (this.#run.choice.fault) {
      case 'switchover':
      case 'postgres_killed':
        return loop + 10_000;
      case 'patroni_killed':
        return this.#record.patroniRestarts ? loop + 10_000 : ttl + 2 * loop + 10_000;
      case 'patroni_frozen':
      case 'server_rebooted':
      case 'network_cut':
        return ttl + 2 * loop + 10_000;
    }
  }

  #longestMs(): number {
    const { ttl, loop } = this.#times;
    return Math.max(this.#run.choice.limitSeconds * 1000, 2 * ttl + 2 * loop) + 60_000;
  }

  /** Whether every way that worked before has taken writes for a while. */
  #isSettled(): boolean {
    const { ways, deps } = this.#run;
    const struckAt = this.#record.struckAt ?? 0;
    const worked = ways.filter(({ kind }) => this.#writesHere(kind) > 0);
    return worked.every(({ kind }) => {
      const since = this.#here?.acknowledgedSince(kind) ?? null;
      return since !== null && deps.now() - Math.max(since, struckAt) >= deps.timing.settledMs;
    });
  }

  #healUntil(): number {
    const { deps, choice } = this.#run;
    return (this.#record.struckAt ?? deps.now()) + choice.limitSeconds * 1000 + deps.timing.unreachableMs;
  }

  async #heal(): Promise<void> {
    const { deps, context } = this.#run;
    this.#healed = await healFault(this.#cleaning(), this.#record, this.#healUntil());
    context.log(this.#healed.healing === 'not_known' ? 'warning' : 'good', `Healing: ${this.#healed.healing}.`);
    await this.#pause(deps.timing.afterHealMs);
  }

  async #endWriters(): Promise<DrillWritten> {
    await this.#countThere();
    const wasCutOff = this.#here?.wasCutOff() ?? false;
    const here = (await this.#here?.stop()) ?? new Map();
    const there = await this.#endThere();
    return {
      here,
      there,
      wasCutOff,
      offsetMs: this.#offset,
      thereProblem: there === null ? (this.#thereProblem ?? 'it could not be asked.') : null,
      struckAt: this.#record.struckAt ?? 0,
    };
  }

  /** The connection to the server may have been lost with the fault: it is asked for a while. */
  async #endThere(): Promise<DrillWritten['there']> {
    const until = this.#healUntil();
    while (this.#there !== null) {
      try {
        return await endServerWriter(this.#there);
      } catch (thrown) {
        this.#thereProblem = toErrorData(thrown).message;
        if (hasCode(thrown, 'drill.writer_gone') || this.#run.deps.now() > until) return null;
        await this.#pause(2000);
      }
    }
    return null;
  }

  /** ms after the fault at which the former leader streamed; null where it leads on, or did not within the limit. */
  async #rejoin(): Promise<number | null> {
    const { deps, leader, context } = this.#run;
    const until = deps.now() + deps.timing.rejoinMs;
    while (deps.now() < until) {
      await deps.hub.refresh(this.#run.clusterId).catch(() => undefined);
      const state = this.#state;
      this.#notePrimary(state);
      this.#noteFormer(state);
      context.detail(`${leader}: ${this.#steps.at(-1)?.text ?? 'not known'}`);
      const holds = leaderOf(state);
      if (holds?.name === leader && isRunning(holds)) return null;
      if (isStreamingReplica(state, leader)) return this.#sinceFault();
      await this.#pause(deps.timing.lookMs);
    }
    context.log('warning', `${leader} did not stream again within ${spanInWords(deps.timing.rejoinMs)}.`);
    return null;
  }

  async #report(
    written: DrillWritten,
    { streamsAfterMs, refused }: { readonly streamsAfterMs: number | null; readonly refused: string | null },
  ): Promise<DrillReport> {
    const measures = await this.#measure(written);
    if (refused !== null) this.#run.context.log('warning', `Patroni refused the switchover: ${refused}`);
    return makeReport(this.#run, {
      record: this.#record,
      state: this.#state,
      healed: this.#healed,
      primaryAfterMs: this.#primaryAfterMs,
      steps: this.#steps,
      streamsAfterMs,
      lines: await this.#logSinceFault(),
      measures,
      refused,
    });
  }

  /** Every acknowledged write is looked for on whoever leads now; where that cannot be done, it is said. */
  async #measure(written: DrillWritten): Promise<readonly DrillMeasure[]> {
    const { deps, ways, id, context } = this.#run;
    const leader = leaderOf(this.#state);
    const rows =
      leader === null
        ? null
        : await readWritten(placeOfScratch(deps.remotes, leader), scratchName(id)).catch((thrown: unknown) => {
            context.log('warning', toErrorData(thrown).message);
            return null;
          });
    return measureDrill(ways, written, rows);
  }

  /** What the former leader's Patroni wrote since the fault; null where it could not be read. */
  async #logSinceFault(): Promise<readonly string[] | null> {
    const { deps } = this.#run;
    const seconds = Math.ceil(this.#sinceFault() / 1000) + 5;
    try {
      const remote = deps.remotes.remote(this.#record.leaderServerId);
      const unit = this.#record.patroniUnit ?? 'patroni.service';
      const argv = ['journalctl', '-u', unit, `--since=-${seconds}s`, '-o', 'cat', '--no-pager', '-n', '5000'];
      const { stdout, exitCode } = await remote.run(argv, { sudo: true, timeoutMs: 20_000 });
      return exitCode === 0 && stdout.trim() !== '' ? stdout.split('\n') : null;
    } catch {
      return null;
    }
  }
}

function timelineOf(timeline: number | null): string {
  return timeline === null ? '' : `, timeline ${timeline}`;
}

function notStruck(problem: string): Error {
  return appError('drill.not_struck', `The fault was not made: ${problem || 'the server gave no reason.'}`, {
    hint: "Look at the leader's server. What the drill made is removed.",
  });
}
