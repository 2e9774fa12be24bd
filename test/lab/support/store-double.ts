import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from './run';

const MINUTE = 60_000;
const PORT = 9443;
const BUCKET = 'backups';
/** The members have it in /etc/hosts: the certificate names it. */
export const STORE_HOST = 'store.lab';

/** A store that speaks S3 over TLS on the lab's own bridge. */
export interface StoreDouble {
  readonly endpoint: string;
  readonly bucket: string;
  readonly key: string;
  readonly secret: string;
  /** PEM text of who signed its certificate. */
  readonly ca: string;
  close(): Promise<void>;
}

/**
 * Starts npm's s3rver from a directory of its own: it is none of the project's packages. It knows access keys, and does not verify the
 * signatures that pgBackRest makes with the secret. `address` is this machine's on the bridge of the lab.
 */
export async function openStoreDouble(address: string): Promise<StoreDouble> {
  const directory = await mkdtemp(join(tmpdir(), 'matriarch-store-'));
  const run = (command: string, args: readonly string[]): Promise<unknown> =>
    promisify(execFile)(command, args, { cwd: directory, timeout: 5 * MINUTE });
  await run('npm', [
    'install',
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--prefix',
    directory,
    's3rver@3.7.1',
  ]);
  await run('openssl', [
    ...[
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${STORE_HOST}`,
      '-keyout',
      'key.pem',
      '-out',
      'ca.pem',
    ],
    ...['-addext', `subjectAltName=DNS:${STORE_HOST}`],
  ]);
  const server = spawn(
    process.execPath,
    [
      ...[join(directory, 'node_modules', 's3rver', 'bin', 's3rver.js'), '-d', join(directory, 'data'), '--silent'],
      ...['-a', address, '-p', String(PORT), '--key', join(directory, 'key.pem'), '--cert', join(directory, 'ca.pem')],
      ...['--no-vhost-buckets', '--configure-bucket', BUCKET],
    ],
    { stdio: 'ignore' },
  );
  const close = async (): Promise<void> => {
    server.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await waitFor('the store answers', MINUTE, () => isOpen(address));
    const ca = await readFile(join(directory, 'ca.pem'), 'utf8');
    return { endpoint: `${STORE_HOST}:${PORT}`, bucket: BUCKET, key: 'S3RVER', secret: 'S3RVER', ca, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

function isOpen(host: string): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: PORT, rejectUnauthorized: false }, () => {
      socket.end();
      resolve(true);
    });
    socket.on('error', () => resolve(undefined));
  });
}
