import type { CertificateEnd } from '../../../../shared/model/deploy/deploy-views';
import type { CertificateFacts, DeployFacts, ServerFacts } from '../../../../shared/model/deploy/facts';
import type { DeployPlan } from '../../../../shared/model/deploy/plan';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { Verdicts } from '../../../../shared/rules/deploy/check/check-plan';
import { authoritySecrets, type SecretName } from '../../../../shared/model/deploy/secret-name';
import type { ClientTls } from '../../platform/http/tls-stream';
import type { IssuedCertificate } from '../resources/script-context';
import { endOf, issue, readCertificate, type TrustedAuthority } from './authority';

/** The authority among the secrets of a cluster; null without TLS or before the first set-up. */
export function authorityOf(spec: ClusterSpec, secrets: ReadonlyMap<SecretName, string>): TrustedAuthority | null {
  const cert = secrets.get(authoritySecrets.cert);
  const key = secrets.get(authoritySecrets.key);
  return spec.tls === 'off' || cert === undefined || key === undefined
    ? null
    : { cert, key, trusted: secrets.get(authoritySecrets.trusted) ?? cert };
}

/** How the app itself proves who it is to etcd and the REST API: with a certificate made for this session. */
export async function clientTls(
  spec: ClusterSpec,
  secrets: ReadonlyMap<SecretName, string>,
  now: number,
): Promise<ClientTls | null> {
  const authority = authorityOf(spec, secrets);
  if (authority === null) return null;
  const own = await issue(authority, { commonName: 'matriarch', names: ['matriarch'], addresses: [] }, now);
  return { ca: own.ca, cert: own.cert, key: own.key };
}

/** Every certificate found on the servers, judged against the authority; null where there is none, or it is not known here. */
export function certificateFacts(
  servers: Readonly<Record<string, ServerFacts>>,
  authority: TrustedAuthority | null,
): Record<string, Record<string, CertificateFacts>> | null {
  if (authority === null) return null;
  return Object.fromEntries(Object.entries(servers).map(([name, facts]) => [name, readAll(facts, authority)]));
}

function readAll(facts: ServerFacts, authority: TrustedAuthority): Record<string, CertificateFacts> {
  const found = Object.entries(facts.paths).flatMap(([path, entry]) => {
    if (!path.endsWith('.crt') || path.endsWith('/ca.crt') || entry.content === null) return [];
    const beside = facts.paths[`${path.slice(0, path.lastIndexOf('/'))}/ca.crt`]?.content ?? null;
    const read = readCertificate(entry.content, beside, authority);
    return read === null ? [] : [[path, read] as const];
  });
  return Object.fromEntries(found);
}

/** When each certificate ends, the first to end first. */
export function certificateEnds(
  found: DeployFacts['certificates'],
  authority: TrustedAuthority | null,
): readonly CertificateEnd[] {
  const own = authority === null ? null : endOf(authority.cert);
  const ends = Object.entries(found ?? {}).flatMap(([server, paths]) =>
    Object.entries(paths).map(([path, { notAfter }]): CertificateEnd => ({ server, path, endsAt: notAfter })),
  );
  return [...ends, ...(own === null ? [] : [{ server: null, path: 'authority', endsAt: own }])].sort(
    (a, b) => a.endsAt - b.endsAt,
  );
}

/** New keys and certificates for the steps that need one, by step. */
export async function issueFor(
  plan: DeployPlan,
  verdicts: Verdicts,
  authority: TrustedAuthority | null,
  now: number,
): Promise<ReadonlyMap<string, IssuedCertificate>> {
  if (authority === null) return new Map();
  const made = await Promise.all(
    plan.steps.flatMap((step) => {
      const { resource } = step;
      return resource.kind === 'certificate' && verdicts.get(step.id)?.action !== 'none'
        ? [issue(authority, resource, now).then((issued) => [step.id, issued] as const)]
        : [];
    }),
  );
  return new Map(made);
}
