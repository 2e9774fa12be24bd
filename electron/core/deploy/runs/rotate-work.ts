import { appError } from '../../../../shared/model/app-error';
import type { DeployPlan, Step } from '../../../../shared/model/deploy/plan';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { certificatePorts, type CertificatePort } from '../../../../shared/rules/deploy/certificate-ports';
import { checkPlan } from '../../../../shared/rules/deploy/check/check-plan';
import { settled } from '../../../../shared/rules/deploy/check/verdict';
import { haproxyTlsFiles } from '../../../../shared/rules/deploy/files/haproxy';
import { prometheusTlsFiles } from '../../../../shared/rules/deploy/monitoring';
import { outcomeOf } from '../../../../shared/rules/deploy/review/outcome';
import type { JobContext } from '../../jobs/job-engine';
import { knownSecrets } from '../secrets/cluster-secrets';
import type { IssuedCertificate } from '../resources/script-context';
import type { SecretBook } from '../secrets/secret-book';
import { probesOf, survey } from '../survey/survey';
import { announceAuthority, authorityState, forgetOldAuthority, turnAuthority } from '../secrets/authority-book';
import { awaitShown } from '../tls/shown-certificates';
import { sleep } from '../../platform/wait';
import { carryOut, stoppedByUser } from './carry-out';
import { enterStage, type RunInput, type RunSuccess, type RunWork } from './run';

/**
 * What a rotation is asked for: new keys, or a new authority and new keys from it. A change of the authority that was
 * broken off is always brought to its end.
 */
export interface RotateRequest {
  readonly authority: boolean;
  readonly secrets: SecretBook;
  /** The app's own certificate follows. Answers the cluster's id in the inventory, or null. */
  readonly onComplete: (spec: ClusterSpec) => Promise<string | null>;
}

/**
 * New keys and certificates for every service. PostgreSQL, Patroni, HAProxy and PgBouncer read them again without a
 * stop; the members of etcd start again one after another.
 */
export function rotateWork(request: RotateRequest): RunWork {
  return async (input, context) => {
    if (input.spec.tls === 'off')
      throw appError('deploy.refused', 'This cluster has no certificates.', {
        hint: 'Set tls to on and set it up again.',
      });
    const started = input.deps.now();
    const halfway = (await authorityState(request.secrets, input.spec.id)) !== 'settled';
    const changed =
      request.authority || halfway
        ? await newAuthority(request, input, context)
        : await renew(request, input, context, 'New keys');
    return ended({ ...request, authority: request.authority || halfway }, input, changed, started);
  };
}

async function ended(request: RotateRequest, input: RunInput, changed: number, started: number): Promise<RunSuccess> {
  const outcome = outcomeOf(input.spec, input.deps.now() - started, changed);
  const clusterId = await request.onComplete(input.spec);
  const sentence = request.authority
    ? `The authority is new, and so are all keys and certificates (${changed} were made in three rounds).`
    : `${changed} keys and certificates are new.`;
  return {
    outcome: {
      ...outcome,
      clusterId,
      sentence,
      ...(request.authority
        ? {
            next: [
              "Give applications that check the server's certificate the new authority: /etc/patroni/tls/ca.crt of any member.",
              ...outcome.next,
            ],
          }
        : {}),
    },
    changed,
  };
}

/**
 * The authority changes in three rounds, each complete on all servers before the next begins: the new one is trusted beside
 * the old; then it signs; then the old is trusted no longer. At every moment everybody trusts what anybody shows. How far
 * it has come is kept with the secrets: after a failure the same call goes on from there.
 */
async function newAuthority(request: RotateRequest, input: RunInput, context: JobContext): Promise<number> {
  const { secrets } = request;
  const { spec } = input;
  let changed = 0;
  const state = await authorityState(secrets, spec.id);
  if (state === 'settled') await announceAuthority(secrets, spec, input.deps.now());
  if (state !== 'turned')
    changed += await renew(request, input, context, 'Round 1 of 3: the new authority is trusted beside the old');
  await turnAuthority(secrets, spec.id);
  changed += await renew(request, input, context, 'Round 2 of 3: the new authority signs');
  await request.onComplete(input.spec);
  await forgetOldAuthority(secrets, spec.id);
  return changed + (await renew(request, input, context, 'Round 3 of 3: the old authority leaves'));
}

/**
 * New keys and certificates from the authority as it stands now, and all that is trusted now beside them; ended when
 * every service shows its own. Gives how many.
 */
async function renew(request: RotateRequest, input: RunInput, context: JobContext, label: string): Promise<number> {
  const { deps, spec } = input;
  const secrets = new Map([...input.secrets, ...(await knownSecrets(request.secrets, spec))]);
  enterStage(input, context, 'inspecting');
  context.log('info', label);
  const { plan, facts } = await survey(spec, deps, secrets, 'rotate');
  const verdicts = checkPlan(plan, { ...facts, certificates: {} });
  const wanted = new Set(touched(plan).map((step) => step.id));
  enterStage(input, context, 'applying');
  context.detail(label);
  const issued = await carryOut(
    { ...input, secrets },
    context,
    plan,
    new Map(plan.steps.map((step) => [step.id, wanted.has(step.id) ? (verdicts.get(step.id) ?? settled) : settled])),
  );
  await untilShown(certificatePorts(spec, plan), issued, { ...input, secrets }, context, label);
  return plan.steps.filter((step) => step.resource.kind === 'certificate').length;
}

async function untilShown(
  endpoints: readonly CertificatePort[],
  issued: ReadonlyMap<string, IssuedCertificate>,
  { spec, deps, secrets, stop }: RunInput,
  context: JobContext,
  label: string,
): Promise<void> {
  const signal = AbortSignal.any([stop, context.signal]);
  const probes = await probesOf(spec, deps, secrets);
  await awaitShown(endpoints, issued, {
    probes,
    signal,
    now: deps.now,
    sleep: (ms) => sleep(ms, signal),
    detail: (text) => {
      context.detail(`${label}. ${text}`);
    },
  });
  if (signal.aborted) throw stoppedByUser();
}

/** Authorities beside which there is no certificate. */
const authorities: ReadonlySet<string> = new Set([haproxyTlsFiles.ca, prometheusTlsFiles.ca]);

/** Keys, certificates and the authorities beside them, and the units that read them. */
function touched(plan: DeployPlan): readonly Step[] {
  const renewed = new Set(
    plan.steps
      .filter(
        ({ resource }) =>
          resource.kind === 'certificate' || (resource.kind === 'file' && authorities.has(resource.path)),
      )
      .map((step) => step.id),
  );
  return plan.steps.filter(
    (step) =>
      renewed.has(step.id) ||
      step.resource.kind === 'dcs_contact' ||
      (step.resource.kind === 'unit' &&
        step.resource.wanted === 'on' &&
        step.dependsOn.some((id) => renewed.has(id) || id.endsWith('/validate'))),
  );
}
