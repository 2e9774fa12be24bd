import { appError, type AppErrorData } from '../../../shared/model/app-error';
import type {
  DeployRunUpdate,
  DriftReport,
  PlanView,
  PreflightCheck,
  PreflightReport,
  StepView,
} from '../../../shared/model/deploy/deploy-views';
import type { SpecProblem } from '../../../shared/model/deploy/spec/cluster-spec';
import type { Deploy } from '../../core/deploy/create-deploy';
import type { RunHistory } from '../../core/deploy/runs/run-journal';
import { terminalText } from '../terminal-text';

const say = (text: string): void => {
  process.stdout.write(`${terminalText(text)}\n`);
};

/** Says what went wrong, and what to do about it. */
export function sayError({ message, hint }: Pick<AppErrorData, 'message' | 'hint'>): void {
  process.stderr.write(`${terminalText(hint === undefined ? message : `${message}\n${hint}`)}\n`);
}

/** Problems of a spec, one a line. */
export function printProblems(problems: readonly SpecProblem[]): void {
  for (const problem of problems)
    sayError({ message: `${problem.severity === 'error' ? 'Error' : 'Note'}: ${problem.sentence} ${problem.fix}` });
}

/** The plan for reading; exit code 1 when a step would touch what is not ours. */
export function printPlan(plan: PlanView, json: boolean): number {
  if (json) say(JSON.stringify(plan));
  else {
    printProblems(plan.problems);
    for (const server of plan.servers) {
      say(`\n${server.name} (${server.address}): ${server.roles.join(', ')}`);
      for (const step of server.steps) printStep(step, true);
      if (server.firewall.length > 0)
        say('  A firewall on this server must let in (nftables; nothing is changed in it):');
      for (const line of server.firewall) say(`      ${line.rule}  # ${line.what}`);
    }
    say(`\n${plan.changes} to do, ${plan.unchanged} as they should be, ${plan.refused} refused.`);
  }
  return plan.refused > 0 || plan.problems.some((problem) => problem.severity === 'error') ? 1 : 0;
}

const marks: Readonly<Record<StepView['action'], string>> = {
  none: ' ',
  create: '+',
  change: '~',
  run: '>',
  refuse: '!',
};

function printStep(step: StepView, withServer: boolean): void {
  say(
    `  ${marks[step.action]} ${withServer ? '' : `${step.server}: `}${step.label}${step.reason === null ? '' : ` (${step.reason})`}`,
  );
  if (step.action === 'none') return;
  for (const command of step.commands) say(`      $ ${command}`);
  if (step.file === null) return;
  say(
    `      ${step.file.path} ${step.file.owner} ${step.file.mode}` +
      (step.file.keptAs === null ? '' : `, the present one is kept as ${step.file.keptAs}`),
  );
  for (const line of step.file.diff) {
    if (line.kind === 'same' && step.action === 'create') continue;
    say(`      ${signs[line.kind]}${line.text}`);
  }
}

const signs = { added: '+', removed: '-', same: ' ' } as const;

const verdicts = { ok: 'ok     ', warning: 'WARNING', blocks: 'BLOCKS ' } as const;

/** The checks, one a line; exit code 1 when something blocks. */
export function printPreflight(report: PreflightReport, json: boolean): number {
  if (json) say(JSON.stringify(report));
  else {
    printProblems(report.problems);
    for (const check of report.checks) say(checkLine(check));
    say(
      `\n${report.blocked ? 'A deployment would be refused.' : 'Nothing stands in the way.'} (${report.durationMs} ms)`,
    );
  }
  return report.blocked ? 1 : 0;
}

/** What the checks warn of or forbid, in the words of the guided set-up; nothing where all is well. */
export function printWarnings(report: PreflightReport): void {
  for (const check of report.checks.filter(({ verdict }) => verdict !== 'ok')) say(checkLine(check));
}

function checkLine(check: PreflightCheck): string {
  return (
    `${verdicts[check.verdict]} ${check.server ?? 'cluster'}: ${check.name}: ${check.evidence}` +
    (check.reason === '' ? '' : ` ${check.reason}`) +
    (check.fix === null ? '' : ` [${check.fix.command}]`)
  );
}

/** How many things differ, and how many could not be checked. */
function driftSentence({ steps, unchecked, durationMs }: DriftReport): string {
  const count = (many: number, one: string): string => `${many} ${one}${many === 1 ? '' : 's'}`;
  if (steps.length === 0 && unchecked.length === 0)
    return `Everything is as the spec says (inspected in ${durationMs} ms).`;
  if (steps.length === 0) return `Nothing is seen to differ; ${count(unchecked.length, 'thing')} could not be checked.`;
  const differs = `${count(steps.length, 'thing')} differ${steps.length === 1 ? 's' : ''}`;
  return unchecked.length === 0
    ? `${differs}.`
    : `${differs}; ${count(unchecked.length, 'other')} could not be checked because of that.`;
}

/** What differs; exit code 3 when something does, or when not everything could be checked. */
export function printDrift(report: DriftReport, json: boolean): number {
  if (json) say(JSON.stringify(report));
  else {
    for (const step of report.steps) printStep(step, false);
    if (report.unchecked.length > 0) say('Not checked:');
    for (const step of report.unchecked)
      say(`  ? ${step.server}: ${step.label}${step.reason === null ? '' : ` (${step.reason})`}`);
    for (const end of report.certificates)
      say(
        `${end.server ?? 'The authority'}${end.server === null ? '' : `: ${end.path}`} ` +
          `ends on ${new Date(end.endsAt).toISOString().slice(0, 10)}.`,
      );
    say(driftSentence(report));
  }
  return report.steps.length + report.unchecked.length === 0 ? 0 : 3;
}

/** Runs, newest first. */
export function printRuns(runs: readonly RunHistory[]): void {
  for (const run of [...runs].sort((a, b) => b.head.startedAt - a.head.startedAt)) {
    say(
      `${run.head.id}  ${new Date(run.head.startedAt).toISOString()}  ${run.head.kind}  ${run.head.scope}  ` +
        `${run.status}${run.error === null ? '' : `  ${run.error.message}`}`,
    );
  }
}

/** Follows a run to its end and says each step as it goes. */
export async function followRun(deploy: Deploy, runId: string, json: boolean): Promise<number> {
  const end = await new Promise<Extract<DeployRunUpdate, { kind: 'run' }>['run']>((resolve) => {
    const undo = deploy.watchRun(runId, (update) => {
      if (json && update.kind !== 'log') say(JSON.stringify(update));
      else if (update.kind === 'step') printProgress(update);
      const run = update.kind === 'run' || update.kind === 'snapshot' ? update.run : null;
      if (run === null || run.status === 'running') return;
      queueMicrotask(() => {
        undo();
      });
      resolve({ ...run, stepsDone: 0, stepsTotal: 0 });
    });
  });
  if (end.status === 'done' && end.outcome !== null) {
    if (!json) {
      say(end.outcome.sentence);
      for (const connection of end.outcome.connections) say(`  ${connection.label}: ${connection.text}`);
    }
    return 0;
  }
  const error = end.error ?? appError('deploy.ended', `The run ended as ${end.status}.`).data;
  sayError(error);
  process.stderr.write(`Run ${runId}; go on with: npm run deploy -- resume ${runId}\n`);
  return 1;
}

function printProgress(update: Extract<DeployRunUpdate, { kind: 'step' }>): void {
  const { server, step } = update;
  const took =
    step.startedAt === null || step.endedAt === null ? '' : ` ${((step.endedAt - step.startedAt) / 1000).toFixed(1)} s`;
  if (step.status === 'done') say(`  ${server}: ${step.label}${took}`);
  if (step.status === 'failed') say(`  ${server}: ${step.label} FAILED: ${step.error?.message ?? ''}`);
}
