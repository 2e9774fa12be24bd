import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lab, NodeName } from '../lab';
import { runCommand, runToSuccess } from '../run';

const here = fileURLToPath(new URL('.', import.meta.url));
const MINUTE = 60_000;

/** A signed apt repository, a page of releases and an index of pip, on this machine's address on the lab's bridge. */
export interface SourceSite {
  readonly url: string;
  /** Armoured: the key that signs the repository, and one that does not. */
  readonly key: string;
  readonly otherKey: string;
  readonly archive: { readonly url: string; readonly path: string; readonly sha256: string };
  /** A directory of wheels on this machine. */
  readonly wheels: string;
  readonly patroniVersion: string;
  /** Who asked, by address. */
  readonly askers: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Makes everything on a server that has the cluster's packages, signs it here, and serves it. */
export async function openSourceSite(lab: Lab, builder: NodeName): Promise<SourceSite> {
  const directory = await mkdtemp(join(tmpdir(), 'matriarch-sources-'));
  await fetchMade(lab, builder, directory);
  const keys = await signed(directory);
  const askers = new Set<string>();
  const host = `10.77.${lab.options.net}.1`;
  const server = await serve(directory, host, askers);
  const address = server.address();
  const url = `http://${host}:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const text = async (name: string): Promise<string> => (await readFile(join(directory, name), 'utf8')).trim();
  const archive = await text('archive.name');
  const wheels = join(directory, 'wheels');
  const patroni = (await readdir(wheels)).find((name) => name.startsWith('patroni-')) ?? '';
  return {
    url,
    ...keys,
    askers,
    wheels,
    patroniVersion: patroni.split('-')[1] ?? '',
    archive: { url: `${url}/${archive}`, path: join(directory, archive), sha256: await text('archive.sha256') },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function fetchMade(lab: Lab, builder: NodeName, directory: string): Promise<void> {
  const node = lab.node(builder);
  const script = async (name: string): Promise<string> => (await readFile(join(here, name))).toString('base64');
  await node.console(
    `echo '${await script('build.sh')}' | base64 -d > /root/build.sh; ` +
      `echo '${await script('make-wheels.py')}' | base64 -d > /root/make-wheels.py; ` +
      `sh /root/build.sh /root/make-wheels.py`,
    { timeoutMs: 5 * MINUTE },
  );
  const file = join(directory, 'made.tar');
  await runToSuccess(
    'scp',
    [
      '-q',
      '-i',
      lab.keyPath,
      '-F',
      'none',
      '-o',
      'BatchMode=yes',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      `root@${node.ip}:/root/made.tar`,
      file,
    ],
    { timeoutMs: MINUTE },
  );
  await runToSuccess('tar', ['-xf', file, '-C', directory]);
  await rm(file);
}

/** Two keys of this run alone: one signs, the other is the wrong one. */
async function signed(directory: string): Promise<{ readonly key: string; readonly otherKey: string }> {
  if ((await runCommand('gpg', ['--version'])).code !== 0)
    throw new Error('This test signs a package repository: install gnupg.');
  const home = join(directory, '.gnupg');
  await mkdir(home, { mode: 0o700 });
  const gpg = (...args: string[]): Promise<string> =>
    runToSuccess(
      'gpg',
      ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args],
      { timeoutMs: 2 * MINUTE },
    );
  for (const name of ['mirror', 'other'])
    await gpg('--quick-generate-key', `${name} <${name}@lab>`, 'rsa3072', 'sign', '1y');
  for (const suite of await readdir(join(directory, 'dists'))) {
    const release = join(directory, 'dists', suite, 'Release');
    await gpg(
      '--local-user',
      'mirror@lab',
      '--output',
      release.replace(/Release$/, 'InRelease'),
      '--clearsign',
      release,
    );
  }
  const keys = {
    key: await gpg('--armor', '--export', 'mirror@lab'),
    otherKey: await gpg('--armor', '--export', 'other@lab'),
  };
  await runToSuccess('gpgconf', ['--homedir', home, '--kill', 'all']);
  return keys;
}

async function serve(directory: string, host: string, askers: Set<string>): Promise<Server> {
  const server = createServer((request, response) => {
    askers.add(request.socket.remoteAddress ?? '');
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://site').pathname));
    const file = join(directory, path.endsWith('/') ? `${path}index.html` : path);
    const content = createReadStream(file);
    content.on('error', () => {
      response.writeHead(404).end();
    });
    content.on('open', () => {
      response.writeHead(200, path.endsWith('/') ? { 'content-type': 'text/html' } : {});
      content.pipe(response);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, host, resolve);
  });
  return server;
}
