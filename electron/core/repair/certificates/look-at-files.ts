import { createHash, type X509Certificate } from 'node:crypto';
import { appError } from '../../../../shared/model/app-error';
import { certificatesIn } from '../../certificates/read-certificate';
import { asRootOrSelf } from '../../member-files/read-member-file';
import type { Remote } from '../../ssh/remote';
import { CERTIFICATE_LOOK_SCRIPT } from './certificate-file-scripts';

/** A file as it was looked at. */
export type LookedFile =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** `OWNER:GROUP MODE`. */
      readonly placement: string;
      /** SHA-256 of the whole file, hex. */
      readonly sha: string;
      /** Where it leads, if it is a link; null: it is none. */
      readonly link: string | null;
      readonly certificates: readonly X509Certificate[];
      /** SHA-256 of the public key (SPKI, DER) of the private key in it, hex; null: there is none, or it could not be read. */
      readonly publicKey: string | null;
    }
  | { readonly kind: 'missing' | 'denied'; readonly path: string };

const LOOK_MS = 30_000;
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_PATHS = 200;

/** SHA-256 of a certificate's public key (SPKI, DER), hex. */
export function publicKeyOf(cert: X509Certificate): string {
  return createHash('sha256')
    .update(cert.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** Looks at files of a server. Rejects with `ssh.*` and `repair.unread`. */
export async function lookAtFiles(
  remote: Remote,
  asRoot: boolean,
  paths: readonly string[],
): Promise<ReadonlyMap<string, LookedFile>> {
  const asked = [...new Set(paths)].slice(0, MOST_PATHS);
  if (asked.length === 0) return new Map();
  const { stdout } = await asRootOrSelf(asRoot, (sudo) =>
    remote.script(CERTIFICATE_LOOK_SCRIPT, asked, { timeoutMs: LOOK_MS, maxOutputBytes: MOST_BYTES, sudo }),
  );
  const lines = stdout.trimEnd().split('\n');
  if (lines.at(-1) !== 'end')
    throw appError('repair.unread', `${remote.name} did not answer completely.`, { retryable: true });
  return new Map(
    lines
      .slice(0, -1)
      .flatMap((line) => readLine(line.split(' ')))
      .map((file) => [file.path, file]),
  );
}

function decode(word: string | undefined): string {
  return word === undefined || word === '-' ? '' : Buffer.from(word, 'base64').toString('utf8');
}

function readLine([kind, path, owner, mode, sha, link, text, publicKey]: readonly string[]): readonly LookedFile[] {
  if (kind === 'missing' || kind === 'denied') return [{ kind, path: decode(path) }];
  if (kind !== 'file' || sha === undefined) return [];
  return [
    {
      kind: 'file',
      path: decode(path),
      placement: `${decode(owner)} ${mode ?? ''}`,
      sha,
      link: decode(link) || null,
      certificates: certificatesIn(decode(text)),
      publicKey: publicKey === undefined || publicKey === '-' ? null : publicKey,
    },
  ];
}
