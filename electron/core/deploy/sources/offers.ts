import { Buffer } from 'node:buffer';
import { appError } from '../../../../shared/model/app-error';
import type { RepositoryAnswer } from '../../../../shared/model/deploy/deploy-views';
import type { Sources } from '../../../../shared/model/deploy/spec/source-spec';
import { repositoryLabel } from '../../../../shared/rules/deploy/sources/repositories';
import { lacksComponent, findRepositoryFault, tellingLine } from '../../../../shared/rules/deploy/causes/apt';
import type { Remote } from '../../ssh/remote';
import { withPackages } from '../package-routes/with-packages';
import type { KeyedRepository } from './keys';
import { offersScript } from './offers-script';

/** One package on offer: its version, and the repository it would come from. */
export interface PackageOffer {
  readonly name: string;
  readonly version: string;
  readonly origin: string;
}

/** What a server's package sources offer, those that are still to be added among them. */
export interface Offers {
  readonly offers: readonly PackageOffer[];
  readonly repositories: readonly RepositoryAnswer[];
}

/** What is asked of one server. With `refresh`, its own lists are fetched first, which needs root. */
export interface OffersQuestion {
  readonly server: string;
  readonly remote: Remote;
  readonly sources: Sources;
  readonly keyed: readonly KeyedRepository[];
  readonly refresh: boolean;
}

const offersMs = 300_000;

/**
 * Asks apt on one server. A repository that fails is an answer; rejects with `deploy.repository_unreachable` when the
 * server's own lists cannot be fetched.
 */
export async function askOffers(question: OffersQuestion): Promise<Offers> {
  const { server, remote, sources, keyed, refresh } = question;
  const asked = sources.route.kind === 'bundle' ? [] : keyed;
  const usable = asked.filter((entry) => entry.error === null);
  const script = offersScript(usable.map((entry) => entry.repository));
  const ask = (options: readonly string[]) =>
    remote.script(script, [refresh ? 'refresh' : 'no', ...options], { timeoutMs: offersMs, sudo: refresh });
  const result = await (refresh || usable.length > 0 ? withPackages(remote, sources, ask) : ask([]));
  if (result.exitCode !== 0)
    throw appError('deploy.repository_unreachable', `${server}: ${result.stderr.trim() || 'apt does not answer'}`, {
      target: server,
      retryable: true,
      hint: 'Check the network of the server, or let packages come through this workstation.',
    });
  const rows = result.stdout.split('\n').map((line) => line.split('\t'));
  return {
    offers: rows
      .filter((row) => row[0] === 'offer')
      .map((row) => ({ name: row[1] ?? '', version: row[2] ?? '', origin: (row[3] ?? '').trim() })),
    repositories: [
      ...usable.map((entry, index) =>
        answerOf(server, entry, rows.find((row) => row[0] === 'repo' && row[1] === String(index)) ?? []),
      ),
      ...asked
        .filter((entry) => entry.error !== null)
        .map((entry): RepositoryAnswer => ({
          url: entry.repository.url,
          suite: entry.repository.suite,
          state: 'failed',
          fingerprint: '',
          error: entry.error,
        })),
    ],
  };
}

function answerOf(
  server: string,
  { repository, fingerprint }: KeyedRepository,
  row: readonly string[],
): RepositoryAnswer {
  const answer = { url: repository.url, suite: repository.suite, fingerprint };
  if (row[2] === 'present') return { ...answer, state: 'present', error: null };
  const said = Buffer.from(row[3] ?? '', 'base64').toString('utf8');
  if (row[2] === '0' && !lacksComponent(said)) return { ...answer, state: 'offers', error: null };
  const fault = findRepositoryFault(said);
  const { data } = appError(
    fault.code,
    `${server} cannot use the package source ${repositoryLabel(repository)}: ${fault.sentence} (${tellingLine(said)}).`,
    { target: server, hint: fault.hint, retryable: true },
  );
  return { ...answer, state: 'failed', error: data };
}
