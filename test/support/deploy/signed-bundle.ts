import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { checkBundle, writeBundle } from '../../../electron/core/deploy/bundle/bundle-file';
import type { BundleManifest, CheckedBundle } from '../../../shared/model/deploy/bundle';
import type { PackageSystem } from '../../../shared/rules/deploy/offline/bundle-fits';
import { indexPackages, readStanzas } from '../../../shared/rules/deploy/offline/stanzas';

const call = promisify(execFile);
const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');

/** An archive that signs: its public key, armoured, and the signed form of a Release file. */
export interface ArchiveKey {
  readonly key: string;
  sign(release: string): Promise<string>;
}

/** Makes a key of this run alone with gpg, below the directory. */
export async function makeArchiveKey(directory: string, name: string): Promise<ArchiveKey> {
  const home = join(directory, name);
  await mkdir(home, { mode: 0o700 });
  const gpg = async (...words: readonly string[]): Promise<string> =>
    (
      await call('gpg', [
        ...['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', ''],
        ...words,
      ])
    ).stdout;
  await gpg('--quick-generate-key', `${name} <${name}@archive>`, 'rsa3072', 'sign', '1y');
  const key = await gpg('--armor', '--export');
  return {
    key,
    sign: async (release) => {
      const file = join(home, 'Release');
      await writeFile(file, release);
      return gpg('--output', '-', '--clearsign', file);
    },
  };
}

/** One package of a made-up archive. */
export interface MadePackage {
  readonly name: string;
  readonly content: Buffer;
}

/** What somebody may do to a bundle between its making and its installation; each keeps the bundle whole in itself. */
export interface Forgery {
  /** Packages in the bundle; the archive's list names those it was given. */
  readonly packages?: readonly MadePackage[];
  readonly list?: (list: string) => string;
  /** `listSum` is the SHA-256 of the list as it is carried. */
  readonly inRelease?: (text: string, listSum: string) => string;
  /** The text of another file that the archive signed beside the list. */
  readonly extraSigned?: string;
}

/** A bundle of these packages, vouched for by the archive; what is forged is forged after the signing. */
export async function makeSignedBundle(
  file: string,
  system: PackageSystem,
  archive: ArchiveKey,
  packages: readonly MadePackage[],
  forgery: Forgery = {},
): Promise<CheckedBundle> {
  const list = listOf(packages, system.architecture);
  const inRelease = await archive.sign(
    `Origin: Test\nSuite: test\nDate: ${new Date().toUTCString()}\nSHA256:\n ${sha256(list)} ${list.length} Packages\n` +
      (forgery.extraSigned === undefined ? '' : ` ${sha256(forgery.extraSigned)} 1 Other\n`),
  );
  const carriedList = (forgery.list ?? same)(list);
  const contents = new Map<string, Buffer>([
    ['origins/1/InRelease', Buffer.from((forgery.inRelease ?? same)(inRelease, sha256(carriedList)))],
    ['origins/1/list-0.gz', gzipSync(carriedList)],
  ]);
  const origins = [...contents].map(describe);
  const carried = forgery.packages ?? packages;
  const debs = carried.map(({ name, content }) => [`${name}_1_all.deb`, content] as const);
  for (const [name, content] of debs) contents.set(`debs/${name}`, content);
  const indexed = indexPackages(debs.map(describe), readStanzas(listOf(carried, system.architecture)));
  const manifest: BundleManifest = {
    format: 'matriarch-bundle',
    version: 2,
    release: { id: system.id, codename: system.codename },
    architecture: system.architecture,
    madeAt: Date.now(),
    madeFrom: 'test',
    wanted: packages.map(({ name }) => name),
    index: { bytes: Buffer.byteLength(indexed.index), sha256: sha256(indexed.index) },
    origins,
    packages: [...indexed.packages],
  };
  await writeBundle(file, manifest, indexed.index, (entry) =>
    Promise.resolve(contents.get(entry.file) ?? Buffer.alloc(0)),
  );
  return checkBundle(file);
}

const same = (text: string): string => text;

function describe([file, content]: readonly [string, Buffer]): { file: string; bytes: number; sha256: string } {
  return { file, bytes: content.length, sha256: sha256(content) };
}

function listOf(packages: readonly MadePackage[], architecture: string): string {
  return packages
    .map(
      ({ name, content }) =>
        `Package: ${name}\nVersion: 1\nArchitecture: ${architecture}\nSize: ${content.length}\nSHA256: ${sha256(content)}\n`,
    )
    .join('\n');
}
