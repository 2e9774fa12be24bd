import { appError, hasCode, toErrorData, type AppErrorData } from '../../../shared/model/app-error';
import type { UpgradeWay } from '../../../shared/model/upgrade/upgrade-run';
import { stepTitle, type UpgradeStep } from '../../../shared/rules/upgrade/plan-upgrade';
import { waysFrom } from '../../../shared/rules/upgrade/upgrade-commands';
import { namesInWords, spanInWords } from '../../../shared/rules/words/wording';
import type { JobDefinition, JobEnd } from '../jobs/job-engine';
import { carryOutStep } from './carry-out-step';
import { startCounting, type CountedWrites, type UpgradeWrites } from './count-upgrade-writes';
import { formerOffered } from './install-script';
import { passGates } from './pass-gates';
import type { UpgradeRecord } from './upgrade-store';
import type { UpgradeRun } from './upgrade-run';

const phaseOf = (index: number): string => `step:${index}`;

/** The phases of a rolling upgrade: one for each step. */
export function upgradePhases(steps: readonly UpgradeStep[], countWrites: boolean): JobDefinition['phases'] {
  return [
    ...(countWrites ? [{ id: 'count', label: 'Begin to count writes' }] : []),
    ...steps.map((step, index) => ({ id: phaseOf(index), label: stepTitle(step) })),
    { id: 'end', label: countWrites ? 'Look for every write' : 'Sum up' },
  ];
}

/** The steps as a record has them before the first begins. */
export function recordedSteps(steps: readonly UpgradeStep[]): UpgradeRecord['steps'] {
  return steps.map((step) => ({ title: stepTitle(step), state: 'todo' }));
}

/** Does step after step, each only through its gates. Stops by itself at the first that does not come to a good end. */
export async function runUpgrade(run: UpgradeRun, steps: readonly UpgradeStep[]): Promise<JobEnd> {
  const { context, choice, deps } = run;
  if (choice.countWrites) context.phase('count', 'running');
  const writes = choice.countWrites ? await startCounting(run) : null;
  const startedAt = deps.now();
  const failure = await doSteps(run, steps);
  if (failure !== null && hasCode(failure.thrown, 'job.closing')) {
    await writes?.stop();
    throw failure.thrown;
  }
  context.phase('end', 'following');
  const counted = await endCounting(run, writes);
  const facts = { ...counted?.facts, 'Whole upgrade': spanInWords(deps.now() - startedAt) };
  if (failure !== null) return stopped(run, failure, { counted, facts });
  await deps.store.forget(run.clusterId);
  return finished(run, steps, { counted, facts });
}

interface Failure {
  readonly step: UpgradeStep;
  readonly thrown: unknown;
}

async function doSteps(run: UpgradeRun, steps: readonly UpgradeStep[]): Promise<Failure | null> {
  for (const [index, step] of steps.entries()) {
    try {
      run.context.signal.throwIfAborted();
      run.context.phase(phaseOf(index), 'running');
      await passGates(run, step);
      run.context.signal.throwIfAborted();
      await run.keep({
        steps: marked(run, index, 'at_work'),
        ways: waysOf(waysFrom(step, { state: run.state, former: null })),
      });
      await carryOutStep(run, step, index, phaseOf(index));
      await run.keep({ steps: marked(run, index, 'done'), ways: [] });
    } catch (thrown) {
      return { step, thrown };
    }
  }
  return null;
}

function marked({ record }: UpgradeRun, at: number, state: 'at_work' | 'done'): UpgradeRecord['steps'] {
  return record.steps.map((step, index) => (index === at ? { ...step, state } : step));
}

const waysOf = (ways: readonly UpgradeWay[]): UpgradeRecord['ways'] =>
  ways.map(({ title, commands }) => ({ title, commands: [...commands] }));

async function endCounting(run: UpgradeRun, writes: CountedWrites | null): Promise<UpgradeWrites | null> {
  try {
    return (await writes?.end()) ?? null;
  } catch (thrown) {
    run.context.log('warning', `The writes could not be counted: ${toErrorData(thrown).message}`);
    return null;
  }
}

interface Sums {
  readonly counted: UpgradeWrites | null;
  readonly facts: Readonly<Record<string, string | number | null>>;
}

function finished(run: UpgradeRun, steps: readonly UpgradeStep[], { counted, facts }: Sums): JobEnd {
  const servers = new Set(steps.flatMap((step) => ('server' in step ? [step.server] : [])));
  const result = {
    sentence: `${namesInWords([...servers])} ${servers.size === 1 ? 'has' : 'have'} the new versions.${writesInWords(counted)}`,
    withoutPrimaryMs: null,
    facts,
  };
  const isWell = (counted?.lost ?? 0) === 0 && (!run.choice.countWrites || counted !== null);
  return { status: isWell ? 'done' : 'warning', result };
}

function writesInWords(counted: UpgradeWrites | null): string {
  return counted === null ? '' : ` ${counted.sentence}`;
}

/** Says what was done and what was not, and how to go on or back; all of it is recorded until somebody has dealt with it. */
async function stopped(run: UpgradeRun, { step, thrown }: Failure, { counted, facts }: Sums): Promise<JobEnd> {
  const { context } = run;
  const isByUser = context.signal.aborted && thrown === context.signal.reason;
  const error = isByUser ? toErrorData(context.signal.reason) : toErrorData(thrown);
  const ways = isByUser ? [] : await waysNow(run, step);
  await run.keep({ stopped: error.message, ways: waysOf(ways) });
  for (const { title, commands } of ways) {
    context.log('info', `${title}:`);
    for (const command of commands) context.log('info', command);
  }
  const sentence = `${error.message} ${standingInWords(run.record)}${writesInWords(counted)}`;
  const told: AppErrorData = { ...error, message: sentence };
  if (isByUser)
    throw appError('job.cancelled', sentence, {
      hint: 'Start the upgrade again to go on: what is done is not done again.',
    });
  return { status: 'failed', error: told, result: { sentence, withoutPrimaryMs: null, facts } };
}

async function waysNow(run: UpgradeRun, step: UpgradeStep): Promise<readonly UpgradeWay[]> {
  const isTouched = run.record.steps.some(({ state }) => state === 'at_work');
  if (!isTouched) return [];
  const former =
    step.kind === 'switchover'
      ? null
      : await formerOffered({ remote: run.remote(step.serverId), id: run.record.id }, step.packages);
  return waysFrom(step, { state: run.state, former });
}

/** What was done and what was not, in words. */
export function standingInWords({ steps }: Pick<UpgradeRecord, 'steps'>): string {
  const titles = (...states: readonly string[]): readonly string[] =>
    steps.filter(({ state }) => states.includes(state)).map(({ title }) => title);
  const [done, broken, left] = [titles('done'), titles('at_work'), titles('todo')];
  return [
    done.length === 0 ? 'No step was done.' : `Done: ${namesInWords(done)}.`,
    ...(broken.length === 0 ? [] : [`Stopped at: ${namesInWords(broken)}.`]),
    ...(left.length === 0 ? [] : [`Not begun: ${namesInWords(left)}.`]),
  ].join(' ');
}
