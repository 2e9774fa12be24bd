import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBundleRoute } from '../../electron/core/deploy/bundle/bundle-route';
import { localCollector } from '../../electron/core/deploy/bundle/local-collector';
import type { Remote } from '../../electron/core/ssh/remote';
import type { CheckedBundle } from '../../shared/model/deploy/bundle';
import { makeArchiveKey, makeSignedBundle, type ArchiveKey, type Forgery } from '../support/deploy/signed-bundle';
import { localRemote } from '../support/ssh/local-remote';

/** A server's own apt is the judge, so that a machine without one, or without gpg to sign with, cannot show anything. */
const canJudge = ['apt-get', 'gpg'].every((program) => spawnSync(program, ['--version']).status === 0);

/** This machine as a server: its scripts run here, below a directory of the test. */
const here: Remote = {
  ...localRemote(),
  script: (body, args, options) => localCollector.script(body, args, options),
  uploadFile: (from, to) => copyFile(from, to),
  run: ([program = '', ...words]) => {
    const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
    return Promise.resolve({ exitCode: status ?? 1, stdout, stderr, durationMs: 0 });
  },
};

const system = (): { id: string; codename: string; architecture: string } => {
  const [id = '', codename = '', architecture = ''] = execFileSync(
    'sh',
    ['-c', '. /etc/os-release; echo "$ID $VERSION_CODENAME $(dpkg --print-architecture)"'],
    { encoding: 'utf8' },
  )
    .trim()
    .split(' ');
  return { id, codename, architecture };
};

describe.skipIf(!canJudge)('a bundle that comes to a server (needs apt and gpg here)', () => {
  const sha256 = (content = Buffer.alloc(0)): string => createHash('sha256').update(content).digest('hex');
  const packages = ['one', 'two'].map((name) => ({ name, content: Buffer.from(`package ${name} `.repeat(999)) }));
  let directory: string;
  let archive: ArchiveKey;
  let stranger: ArchiveKey;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'matriarch-origin-'));
    archive = await makeArchiveKey(directory, 'archive');
    stranger = await makeArchiveKey(directory, 'stranger');
  }, 60_000);
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  let count = 0;
  const bundled = (by: ArchiveKey, forgery?: Forgery): Promise<CheckedBundle> => {
    count += 1;
    return makeSignedBundle(join(directory, `${count}.tar`), system(), by, packages, forgery);
  };
  const install = async (bundle: CheckedBundle, keys: readonly string[]): Promise<readonly string[]> => {
    const events = { onProgress: () => undefined, signal: AbortSignal.timeout(60_000) };
    const open = await openBundleRoute(here, bundle, join(directory, 'state'), keys, events);
    const found = await readdir(join(directory, 'state', 'bundle'));
    await open.close();
    return found;
  };

  it('is installed from when an archive that the server or the spec trusts vouches for each package', async () => {
    expect((await install(await bundled(archive), [archive.key])).toSorted()).toEqual([
      'Packages',
      'debs',
      'lists',
      'manifest.json',
      'sources.list',
    ]);
  }, 60_000);

  const forged = { name: 'two', content: Buffer.from('package two with a door in it') };
  it.each<[string, 'archive' | 'stranger', Forgery]>([
    ['an archive signed it that nobody here trusts', 'stranger', {}],
    [
      'a package was exchanged',
      'archive',
      { packages: [{ name: 'one', content: packages[0]?.content ?? Buffer.alloc(0) }, forged] },
    ],
    ['a package was added', 'archive', { packages: [...packages, { name: 'three', content: forged.content }] }],
    ['the list of packages was exchanged', 'archive', { list: (list) => list.replaceAll(/SHA256: ./g, 'SHA256: 0') }],
    ['the signed word was changed', 'archive', { inRelease: (text) => text.replace('Suite: test', 'Suite: tesd') }],
    ['the signature was taken off', 'archive', { inRelease: (text) => text.replaceAll(/-----BEGIN PGP SIGN.*/gs, '') }],
    ['the signed word is of no archive at all', 'archive', { inRelease: () => 'Origin: Test\n' }],
    [
      'the hash of an exchanged list stands in the head of the signature, which nobody signed',
      'archive',
      {
        packages: [{ name: 'one', content: packages[0]?.content ?? Buffer.alloc(0) }, forged],
        list: (list) => list.replace(sha256(packages[1]?.content), sha256(forged.content)),
        inRelease: (text, listSum) => text.replace(/\n\n/, `\nSHA256:\n ${listSum} 1 Packages\n\n`),
      },
    ],
    [
      'something else that was signed stands in the place of the list of packages',
      'archive',
      { packages: [forged], extraSigned: 'Suite: test\n', list: () => 'Suite: test\n' },
    ],
  ])(
    'is refused, and nothing of it stays there, when %s',
    async (_what, by, forgery) => {
      const bundle = await bundled(by === 'archive' ? archive : stranger, forgery);
      await expect(install(bundle, [archive.key])).rejects.toMatchObject({ code: 'deploy.bundle_untrusted' });
      expect(await readdir(join(directory, 'state'))).toEqual([]);
    },
    60_000,
  );
});
