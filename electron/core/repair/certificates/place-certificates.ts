import { X509Certificate } from 'node:crypto';
import { appError, hasCode, toErrorData } from '../../../../shared/model/app-error';
import { certificatesIn } from '../../certificates/read-certificate';
import { reissue, type Authority } from '../../deploy/tls/authority';
import type { JobContext } from '../../jobs/job-engine';
import { asRootOrSelf } from '../../member-files/read-member-file';
import { readLog } from '../../services/service-script';
import { CERTIFICATE_EXIT, CERTIFICATE_PLACE_SCRIPT } from './certificate-file-scripts';
import { lookAtFiles, type LookedFile } from './look-at-files';
import type { PlannedFile } from './plan-certificates';
import type { TlsServer } from './read-tls';

const PLACE_MS = 60_000;

/** One file that is written. `add`: behind what is there. */
export interface FileOrder {
  readonly how: 'put' | 'add';
  readonly path: string;
  readonly text: string;
}

/** A certificate that is ready to be put in place. */
export interface ReadyCertificate {
  readonly planned: PlannedFile;
  readonly cert: X509Certificate;
  readonly orders: readonly FileOrder[];
  /** The texts, for who comes with the same certificate; `key` is null where it stays. */
  readonly certText: string;
  readonly keyText: string | null;
}

/** Makes and signs what is to be made, and takes what was given. Nothing is written. */
export async function makeReady(
  planned: PlannedFile,
  signer: Authority | null,
  now: number,
): Promise<ReadyCertificate> {
  const { found, given } = planned;
  if (given !== null) {
    const text = [given.cert, ...given.chain].map((one) => one.toString()).join('');
    return ready(planned, text, given.key);
  }
  if (signer === null || found.cert === null)
    throw appError('repair.unread', `Nobody is there who could sign ${found.file.cert}.`, {
      hint: 'Nothing was changed.',
    });
  const made = await reissue(signer, found.cert.toString(), now);
  const [authority] = certificatesIn(signer.cert);
  const isRoot = authority?.checkIssued(authority) ?? true;
  return ready(planned, isRoot ? made.cert : `${made.cert}${signer.cert.trim()}\n`, made.key);
}

function ready(planned: PlannedFile, certText: string, keyText: string | null): ReadyCertificate {
  const { cert: path, key } = planned.found.file;
  const cert = new X509Certificate(certText);
  const base = { planned, cert, certText, keyText };
  if (path === key) return { ...base, orders: [{ how: 'put', path, text: `${certText}${keyText ?? ''}` }] };
  return {
    ...base,
    orders: [
      ...(keyText === null ? [] : [{ how: 'put' as const, path: key, text: keyText }]),
      { how: 'put', path, text: certText },
    ],
  };
}

/**
 * Puts files of one server in place, once. Where the answer is lost, the files are looked at, and decide. Rejects with
 * `repair.not_placed` where nothing was put in place, or where that is not known.
 */
export async function placeFiles(
  server: TlsServer,
  orders: readonly FileOrder[],
  suffix: string,
  context: Pick<JobContext, 'log' | 'answer'>,
): Promise<void> {
  if (orders.length === 0) return;
  const why = await sendOnce(server, orders, suffix).catch(lostAnswer);
  if (why === null) context.answer(`${server.name}: ${orders.map(({ path }) => path).join(', ')} in place`);
  else {
    context.log('warning', `${server.name}: ${why} The files are looked at.`);
    if (!(await areInPlace(server, orders))) throw notPlaced(server, why);
  }
  context.log('good', `${server.name}: the former files are kept beside the new ones as ...${suffix}.`);
}

function notPlaced({ name }: TlsServer, why: string) {
  return appError('repair.not_placed', `The certificates on ${name} were not put in place: ${why}`, {
    target: name,
    hint: 'Start the repair again: it looks at every file anew, and does what is not done.',
    retryable: true,
  });
}

/** null: all are in place; else a sentence that says why that is not known. Rejects where nothing was put in place. */
async function sendOnce(server: TlsServer, orders: readonly FileOrder[], suffix: string): Promise<string | null> {
  const lines = orders.map(({ how, path, text }) => [how, encode(path), shaIn(server, path), encode(text)].join(' '));
  const { exitCode, stdout, stderr } = await asRootOrSelf(server.asRoot, (sudo) =>
    server.remote.script(CERTIFICATE_PLACE_SCRIPT, [suffix], {
      timeoutMs: PLACE_MS,
      sudo,
      stdin: [...lines, 'end', ''].join('\n'),
    }),
  );
  if (exitCode === 0 && stdout.trim().endsWith('end')) return null;
  const reasons: Readonly<Record<number, string>> = {
    [CERTIFICATE_EXIT.incomplete]: 'They did not arrive whole.',
    [CERTIFICATE_EXIT.changed]: 'A file is not what it was when it was looked at.',
    [CERTIFICATE_EXIT.link]: 'A file is a link.',
  };
  const known = reasons[exitCode];
  if (known !== undefined) throw notPlaced(server, known);
  return readLog(stderr, 1)[0] ?? `The script ended with exit code ${exitCode}.`;
}

function lostAnswer(thrown: unknown): string {
  if (!hasCode(thrown, 'ssh.connection_lost') && !hasCode(thrown, 'ssh.timeout')) throw thrown;
  return `The answer was lost. ${toErrorData(thrown).message}`;
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function shaIn({ files }: TlsServer, path: string): string {
  const found = files.get(path);
  return found?.kind === 'file' ? found.sha : '-';
}

async function areInPlace(server: TlsServer, orders: readonly FileOrder[]): Promise<boolean> {
  const files = await lookAtFiles(
    server.remote,
    server.asRoot,
    orders.map(({ path }) => path),
  );
  return orders.every((order) => holdsText(files.get(order.path), order));
}

function holdsText(looked: LookedFile | undefined, { text }: FileOrder): boolean {
  if (looked?.kind !== 'file') return false;
  const wanted = certificatesIn(text);
  const names = new Set(looked.certificates.map(({ fingerprint256 }) => fingerprint256));
  // Of a key alone nothing can be compared but by its certificate, which is in the same list.
  return wanted.every(({ fingerprint256 }) => names.has(fingerprint256));
}
