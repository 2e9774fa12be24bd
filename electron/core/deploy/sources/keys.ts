import { AppError, appError, toErrorData, type AppErrorData } from '../../../../shared/model/app-error';
import type { AptRepository } from '../../../../shared/model/deploy/spec/source-spec';
import { repositoryLabel } from '../../../../shared/rules/deploy/sources/repositories';
import type { Remote } from '../../ssh/remote';
import { readOpenPgpKey } from './openpgp-key';

/** A repository with its key, or why it has none. */
export interface KeyedRepository {
  readonly repository: AptRepository;
  readonly fingerprint: string;
  readonly error: AppErrorData | null;
}

const keyMs = 20_000;
const mostBytes = 200_000;

/**
 * The keys of repositories. One that is named by an address is read by this workstation, or by a server when the workstation
 * does not get there; it stands in the review before it is trusted anywhere.
 */
export function keyed(
  repositories: readonly AptRepository[],
  server: Remote | undefined,
): Promise<readonly KeyedRepository[]> {
  return Promise.all(
    repositories.map(async (repository) => {
      try {
        const content =
          repository.keyPem === undefined ? await fetchKey(repository, server) : Buffer.from(repository.keyPem);
        const key = readOpenPgpKey(content);
        if (key === null)
          throw appError(
            'deploy.repository_key',
            `What was given as the key of ${repositoryLabel(repository)} is no public OpenPGP key.`,
            {
              hint: 'Give the address of the key itself, or its text that begins with -----BEGIN PGP PUBLIC KEY BLOCK-----.',
            },
          );
        return { repository: { ...repository, keyPem: key.text }, fingerprint: key.fingerprint, error: null };
      } catch (thrown) {
        return { repository, fingerprint: '', error: toErrorData(thrown) };
      }
    }),
  );
}

async function fetchKey(repository: AptRepository, server: Remote | undefined): Promise<Buffer> {
  const { keyUrl } = repository;
  if (keyUrl === undefined)
    throw appError('deploy.repository_key', `There is no key for ${repositoryLabel(repository)}.`, {
      hint: 'Give its text, or the address it is read from.',
    });
  try {
    return await fetchHere(keyUrl);
  } catch (thrown) {
    const found = server === undefined ? null : await fetchThere(keyUrl, server).catch(() => null);
    if (found !== null) return found;
    throw appError(
      'deploy.repository_key',
      `The key of ${repositoryLabel(repository)} cannot be read from ${keyUrl}: ${reasonOf(thrown)}.`,
      {
        target: keyUrl,
        retryable: true,
        hint: 'Give the text of the key in place of its address, or see that this workstation or the servers get there.',
      },
    );
  }
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof AppError) return thrown.message;
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause instanceof Error ? thrown.cause.message : thrown.message;
}

async function fetchHere(url: string): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(keyMs), redirect: 'follow' });
  if (!answer.ok) throw new Error(`it answers ${answer.status}`);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    bytes += part.length;
    if (bytes > mostBytes) throw new Error('it is larger than a key');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** apt's own downloader: every Debian has it. */
const script = `
F=$(mktemp) || exit 1
trap 'rm -f -- "$F"' EXIT
/usr/lib/apt/apt-helper -o Acquire::Retries=0 -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10 \
  download-file "$1" "$F" >/dev/null 2>&1 < /dev/null || exit 1
[ "$(stat -c %s -- "$F")" -le ${mostBytes} ] && base64 -w 0 < "$F"
`;

async function fetchThere(url: string, server: Remote): Promise<Buffer | null> {
  const result = await server.script(script, [url], { timeoutMs: 2 * keyMs });
  return result.exitCode === 0 && result.stdout !== '' ? Buffer.from(result.stdout, 'base64') : null;
}
