import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pack } from 'tar-stream';
import { judgeBundle } from '../../../../electron/core/deploy/bundle/bundle-facts';
import { checkBundle, readManifest, writeBundle } from '../../../../electron/core/deploy/bundle/bundle-file';
import type { BundleManifest } from '../../../../shared/model/deploy/bundle';
import { bareFacts, specFixture } from '../../../support/deploy/facts';
import { indexPackages, readStanzas } from '../../../../shared/rules/deploy/offline/stanzas';

const sha = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');
const contents = new Map(
  ['one', 'two', 'three'].map((name) => [`${name}_1.0_amd64.deb`, Buffer.from(`package ${name} `.repeat(5000))]),
);
const signed = new Map(
  ['origins/1/InRelease', 'origins/1/list-0.gz'].map((file) => [file, Buffer.from(`vouches in ${file} `.repeat(500))]),
);
const list = [...contents]
  .map(
    ([file, content]) =>
      `Package: ${file.split('_')[0] ?? ''}\nVersion: 1.0\nArchitecture: amd64\nSize: ${content.length}\nSHA256: ${sha(content)}`,
  )
  .join('\n\n');
const { packages, index } = indexPackages(
  [...contents].map(([file, content]) => ({ file, bytes: content.length, sha256: sha(content) })),
  readStanzas(list),
);
const manifest: BundleManifest = {
  format: 'matriarch-bundle',
  version: 2,
  release: { id: 'debian', codename: 'trixie' },
  architecture: 'amd64',
  madeAt: 1_700_000_000_000,
  madeFrom: 'n1',
  wanted: ['one'],
  index: { bytes: Buffer.byteLength(index), sha256: sha(index) },
  origins: [...signed].map(([file, content]) => ({ file, bytes: content.length, sha256: sha(content) })),
  packages: [...packages],
};
const bytesOf = (file: string): Buffer =>
  signed.get(file) ?? contents.get(file.slice('debs/'.length)) ?? Buffer.alloc(0);

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'matriarch-bundle-test-'));
  file = join(directory, 'bundle.tar');
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const write = (): Promise<void> => writeBundle(file, manifest, index, (entry) => Promise.resolve(bytesOf(entry.file)));

/** Another archive in the place of the bundle. */
async function archive(entries: readonly (readonly [string, Buffer | string])[]): Promise<void> {
  const tar = pack();
  for (const [name, content] of entries) tar.entry({ name }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(Buffer.from(chunk as Buffer));
  await writeFile(file, Buffer.concat(chunks));
}

/** The files that this process has open. */
async function openFiles(): Promise<readonly string[]> {
  const numbers = await readdir('/proc/self/fd');
  return Promise.all(numbers.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => '')));
}

const head: readonly (readonly [string, string])[] = [
  ['manifest.json', JSON.stringify(manifest)],
  ['Packages', index],
];
const origins: readonly (readonly [string, Buffer])[] = [...signed];
const debs: readonly (readonly [string, Buffer])[] = manifest.packages.map((entry) => [
  entry.file,
  bytesOf(entry.file),
]);

describe('a bundle of packages', () => {
  it('is read as it was written, and known by the hash of the whole file', async () => {
    await write();
    const checked = await checkBundle(file);
    expect(checked.manifest).toEqual(manifest);
    expect(checked.sha256).toBe(sha(await readFile(file)));
    expect(await readManifest(file)).toEqual(manifest);
    expect(await readdir(directory)).toEqual(['bundle.tar']);
  });

  it('is not written when a package is not what the signed list says, and nothing is left behind', async () => {
    await expect(
      writeBundle(file, manifest, index, () => Promise.resolve(Buffer.from('forged'))),
    ).rejects.toMatchObject({ code: 'deploy.bundle_damaged' });
    expect(await readdir(directory)).toEqual([]);
  });

  it('is not written where there is no folder', async () => {
    await expect(
      writeBundle(join(directory, 'no', 'such', 'b.tar'), manifest, index, (entry) =>
        Promise.resolve(bytesOf(entry.file)),
      ),
    ).rejects.toMatchObject({ code: 'deploy.bundle_not_written' });
  });

  it('is refused with one bit changed, wherever it is', async () => {
    await write();
    const sound = await readFile(file);
    const places = [
      sound.indexOf('debs/one') + 2,
      sound.indexOf('Package: one') + 9,
      sound.indexOf('vouches in') + 40,
      sound.indexOf('package one') + 40,
      sound.lastIndexOf('package three') + 3,
    ];
    for (const place of places) {
      const damaged = Buffer.from(sound);
      damaged[place] = (damaged[place] ?? 0) ^ 1;
      await writeFile(file, damaged);
      await expect(checkBundle(file), `bit at ${place}`).rejects.toMatchObject({
        code: expect.stringMatching(/^deploy\.bundle_(damaged|unreadable|incomplete)$/) as string,
      });
    }
  });

  it.each([0.3, 0.6, 0.95])('is refused when only %s of it are there', async (share) => {
    await write();
    const sound = await readFile(file);
    await writeFile(file, sound.subarray(0, Math.floor(sound.length * share)));
    await expect(checkBundle(file)).rejects.toMatchObject({ code: 'deploy.bundle_incomplete' });
  });

  it.each<[string, readonly (readonly [string, Buffer | string])[], string]>([
    ['a package missing', [...head, ...origins, ...debs.slice(0, 2)], 'deploy.bundle_incomplete'],
    ['a package more', [...head, ...origins, ...debs, ['debs/more_1_amd64.deb', 'x']], 'deploy.bundle_damaged'],
    [
      'a file that leads out of it',
      [...head, ...origins, ...debs, ['../../etc/cron.d/x', 'x']],
      'deploy.bundle_damaged',
    ],
    ['packages in another order', [...head, ...origins, ...[...debs].reverse()], 'deploy.bundle_damaged'],
    ['what the archives signed missing', [...head, ...debs], 'deploy.bundle_damaged'],
    ['no list of packages', [head[0] ?? ['', ''], ...debs], 'deploy.bundle_damaged'],
    ['no manifest', debs, 'deploy.bundle_unreadable'],
    ['a manifest of something else', [['manifest.json', '{"format":"x"}']], 'deploy.bundle_unreadable'],
    [
      'the manifest of an older version',
      [['manifest.json', JSON.stringify({ ...manifest, version: 1 })]],
      'deploy.bundle_unreadable',
    ],
    ['a manifest that is no JSON', [['manifest.json', '{{{']], 'deploy.bundle_unreadable'],
    ['the manifest alone', head.slice(0, 1), 'deploy.bundle_incomplete'],
  ])('is refused with %s', async (_what, entries, code) => {
    await archive(entries);
    await expect(checkBundle(file)).rejects.toMatchObject({ code });
  });

  // Only Linux says of each open file where it is.
  it.runIf(process.platform === 'linux')('is not kept open when it is refused half read', async () => {
    await archive([...head, ...origins, ['debs/other_1.0_amd64.deb', Buffer.alloc(8 * 1024 * 1024)]]);
    await expect(checkBundle(file)).rejects.toMatchObject({ code: 'deploy.bundle_damaged' });
    await expect.poll(async () => (await openFiles()).filter((one) => one === file)).toEqual([]);
  });

  it('is refused when it is no archive at all, empty, or not there', async () => {
    await writeFile(file, 'just a text '.repeat(1000));
    await expect(checkBundle(file)).rejects.toMatchObject({ code: 'deploy.bundle_unreadable' });
    await writeFile(file, '');
    await expect(checkBundle(file)).rejects.toMatchObject({ code: 'deploy.bundle_unreadable' });
    await expect(checkBundle(join(directory, 'none.tar'))).rejects.toMatchObject({ code: 'deploy.bundle_missing' });
    await expect(readManifest(join(directory, 'none.tar'))).rejects.toMatchObject({ code: 'deploy.bundle_missing' });
  });

  /** The bundle with a header before its second package that GNU tar obeys, and this reader would pass over. */
  async function withHeader(type: 'x' | 'g', record: string): Promise<void> {
    const line = (length: number): string => `${length} ${record}\n`;
    const text = line(record.length + 2 + String(record.length + 4).length);
    const header = Buffer.alloc(512);
    header.write('header', 0);
    header.write(
      '0000644\0' + '0000000\0' + '0000000\0' + `${text.length.toString(8).padStart(11, '0')}\0` + '00000000000\0',
      100,
    );
    header.write(`        ${type}`, 148);
    header.write('ustar\u000000', 257);
    const sum = header.reduce((all, byte) => all + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const whole = await readFile(file);
    const blocks = Array.from({ length: whole.length / 512 }, (_, block) => block * 512);
    const at = blocks.find((start) => whole.toString('latin1', start, start + 8) === 'debs/two') ?? 0;
    const content = Buffer.alloc(Math.ceil(text.length / 512) * 512);
    content.write(text);
    await writeFile(file, Buffer.concat([whole.subarray(0, at), header, content, whole.subarray(at)]));
  }

  it.each([
    ['x', 'GNU.sparse.name=Packages'],
    ['g', 'GNU.sparse.name=Packages'],
    ['g', 'path=Packages'],
  ] as const)(
    'is refused when a file in it has a second name that only the server would read (%s %s)',
    async (type, record) => {
      await write();
      await withHeader(type, record);
      await expect(checkBundle(file)).rejects.toMatchObject({ code: 'deploy.bundle_damaged' });
    },
  );

  it('is shown in the review with its SHA-256, and with the word that each server judges who made it', async () => {
    await write();
    const spec = specFixture({ sources: { route: { kind: 'bundle', file } } });
    const { checks } = await judgeBundle(spec, bareFacts(spec).servers);
    expect(checks.find(({ server }) => server === null)).toMatchObject({
      verdict: 'ok',
      evidence: expect.stringContaining(sha(await readFile(file))) as string,
      reason: '',
    });
  });
});
