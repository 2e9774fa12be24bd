import type { RepositoryAnswer } from '../../../model/deploy/deploy-views';
import type { ServerFacts } from '../../../model/deploy/facts';

/** Whether a repository could not be asked only because ca-certificates is not there yet, which a deployment installs first. */
export function followsTrust(answer: RepositoryAnswer, facts: ServerFacts | undefined): boolean {
  return answer.error?.code === 'deploy.repository_certificate' && facts?.packages['ca-certificates'] === undefined;
}

/** A key's fingerprint in groups of four, as it is compared by eye. */
export function fingerprintText(fingerprint: string): string {
  return fingerprint.match(/.{1,4}/g)?.join(' ') ?? '';
}
