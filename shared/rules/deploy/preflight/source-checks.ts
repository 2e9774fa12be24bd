import type { RepositoryAnswer } from '../../../model/deploy/deploy-views';
import type { ServerFacts } from '../../../model/deploy/facts';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { archiveArchitecture } from '../sources/programs';
import { repositoryLabel } from '../sources/repositories';
import { fingerprintText, followsTrust } from '../sources/repository-answers';
import { blocks, fine, warns, type CheckResult, type PreflightInput, type ServerCheck } from './input';

/** What the spec adds to the sources of a server. */
export const sourceChecks: readonly ServerCheck[] = [
  { id: 'added-sources', name: 'Added package sources', run: addedSources },
  { id: 'etcd-archive', name: "etcd's archive", run: etcdArchive },
];

function addedSources(server: ServerSpec, facts: ServerFacts, input: PreflightInput): CheckResult | null {
  if (input.spec.sources.repositories.length === 0) return null;
  if (input.spec.sources.route.kind === 'bundle')
    return fine('They are used where the bundle is collected, and not added to this server.');
  const said = input.added[server.name] ?? [];
  const failed = said.find((answer) => answer.error !== null && !followsTrust(answer, facts));
  if (failed?.error) return blocks(failed.error.message, failed.error.hint ?? 'Correct the package source.');
  if (said.some((answer) => answer.error !== null)) return untrusted(input);
  return fine(said.length === 0 ? 'Nothing is left to install from them.' : said.map(evidence).join(' '));
}

/** A version that is not named is the newest on offer, which is not known before the repository is asked. */
function untrusted(input: PreflightInput): CheckResult {
  const seen = 'A repository by https cannot be asked before ca-certificates is there.';
  return input.spec.postgres.version === undefined
    ? blocks(seen, 'Install it now, or name the version of PostgreSQL.', {
        id: 'ca-certificates',
        label: 'Install ca-certificates',
        command: 'apt-get install ca-certificates',
      })
    : warns(seen, 'It is installed first; only then is it known what the repository has.');
}

function evidence(answer: RepositoryAnswer): string {
  const label = repositoryLabel(answer);
  if (answer.state === 'present') return `${label} is on this server already and stays as it is.`;
  return `${label} can be used${answer.fingerprint === '' ? '' : `, signed by ${fingerprintText(answer.fingerprint)}`}.`;
}

function etcdArchive(server: ServerSpec, facts: ServerFacts, input: PreflightInput): CheckResult | null {
  const { etcd } = input.spec.sources;
  if (etcd.kind !== 'archive' || !server.roles.includes('etcd')) return null;
  const made = archiveArchitecture(etcd);
  if (made !== null && made !== facts.architecture)
    return blocks(
      `It is for ${made}, and this server is ${facts.architecture}.`,
      'Name the archive for this architecture, with its SHA-256.',
    );
  return facts.packages['etcd-server'] === undefined
    ? fine('It is compared with its SHA-256 before it is unpacked.')
    : warns(
        'The package etcd-server is installed, too.',
        'The unit of the archive takes its place; the package stays.',
      );
}
