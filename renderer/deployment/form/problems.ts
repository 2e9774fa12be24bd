import { clusterSpecSchema, type ClusterSpec, type SpecProblem } from '../../../shared/model/deploy/spec/cluster-spec';
import { validateSpec } from '../../../shared/rules/deploy/spec/validate-spec';
import { issueInWords } from '../../../shared/rules/words/form-issue';
import type { StepId } from './steps';

/** The errors and warnings of the form in sentences, errors first. */
export function problemsOf(spec: ClusterSpec): readonly SpecProblem[] {
  if (spec.servers.length === 0)
    return [
      {
        code: 'no_server',
        severity: 'error',
        path: 'servers',
        sentence: 'There are no servers yet.',
        fix: 'Add the servers of the cluster.',
      },
    ];
  const form = clusterSpecSchema.safeParse(spec);
  const own = form.success
    ? []
    : form.error.issues.map((issue) => formProblem(spec, issue.path.join('.'), issueInWords(issue)));
  const sense = validateSpec(spec).filter((problem) => !own.some((other) => other.path === problem.path));
  return [...own, ...sense].sort((a, b) => rank(a) - rank(b));
}

function rank(problem: SpecProblem): number {
  return problem.severity === 'error' ? 0 : 1;
}

function formProblem(spec: ClusterSpec, path: string, message: string): SpecProblem {
  const base = { code: 'form', severity: 'error' as const, path };
  const roles = /^servers\.(\d+)\.roles$/.exec(path);
  if (roles !== null)
    return {
      ...base,
      sentence: `${spec.servers[Number(roles[1])]?.name ?? 'A server'} has no role.`,
      fix: 'Give it one, or take it out of the cluster.',
    };
  if (path === 'scope')
    return { ...base, sentence: 'The cluster has no name.', fix: 'Give it one: letters, digits, dots and hyphens.' };
  return { ...base, sentence: `${path} ${message}.`, fix: 'Correct this field.' };
}

/** The step on which a problem is corrected. */
export function stepOf(problem: SpecProblem): StepId {
  const { path, code } = problem;
  if (
    /^servers\.\d+\.(roles|tags)/.test(path) ||
    path === 'firstLeader' ||
    code.startsWith('etcd_') ||
    ['no_member', 'one_member', 'no_etcd', 'pooler_without_haproxy'].includes(code)
  )
    return 'roles';
  if (path.startsWith('servers')) return 'servers';
  return path.startsWith('sources') || path === 'postgres.version' ? 'sources' : 'settings';
}

/** The problems of one step. */
export function problemsOn(step: StepId, problems: readonly SpecProblem[]): readonly SpecProblem[] {
  return step === 'review' ? problems : problems.filter((problem) => stepOf(problem) === step);
}

/** The first error at a path, for the field that holds it. */
export function problemAt(problems: readonly SpecProblem[], path: string): string | undefined {
  return problems.find((problem) => problem.path === path && problem.severity === 'error')?.sentence;
}
