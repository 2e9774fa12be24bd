import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeLocalFiles } from '../../../../electron/core/deploy/sources/judge-local-files';
import { localArchive, wheelsOf } from '../../../../electron/core/deploy/sources/local-files';
import { specFixture } from '../../../support/deploy/facts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'matriarch-files-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const pip = () => ({ kind: 'pip' as const, wheelDirectory: directory });

describe('a directory of wheels', () => {
  it('is what pip can install from, and nothing else that lies there', async () => {
    for (const name of ['patroni-4.0.5-py3-none-any.whl', 'ydiff-1.4.2.tar.gz', 'notes.txt', 'id_ed25519'])
      await writeFile(join(directory, name), 'x');
    expect((await wheelsOf(pip())).map((file) => file.name).sort()).toEqual([
      'patroni-4.0.5-py3-none-any.whl',
      'ydiff-1.4.2.tar.gz',
    ]);
  });

  it('without Patroni, or that is not there, is refused by name', async () => {
    await expect(wheelsOf(pip())).rejects.toMatchObject({ code: 'deploy.wheels_missing' });
    await expect(wheelsOf({ kind: 'pip', wheelDirectory: join(directory, 'none') })).rejects.toMatchObject({
      code: 'deploy.wheels_missing',
      message: expect.stringContaining(directory) as string,
    });
  });
});

describe('an archive of this workstation', () => {
  const content = gzipSync('an archive');
  const sha256 = createHash('sha256').update(content).digest('hex');
  const source = (name: string, sum = sha256) => ({
    kind: 'archive' as const,
    url: pathToFileURL(join(directory, name)).href,
    sha256: sum,
  });

  it('is sent only when it has the sum of the spec', async () => {
    await writeFile(join(directory, 'etcd v3.tar.gz'), content);
    expect(await localArchive(source('etcd v3.tar.gz'))).toMatchObject({
      name: 'etcd v3.tar.gz',
      bytes: content.length,
    });
    await expect(localArchive(source('etcd v3.tar.gz', '0'.repeat(64)))).rejects.toMatchObject({
      code: 'deploy.archive_checksum',
      message: expect.not.stringContaining(sha256) as string,
    });
  });

  it('that is not there is named', async () => {
    await expect(localArchive(source('gone.tar.gz'))).rejects.toMatchObject({ code: 'deploy.archive_missing' });
  });

  it('and a directory of wheels are checked before a deployment', async () => {
    const spec = specFixture({ sources: { etcd: source('gone.tar.gz'), patroni: pip() } });
    expect((await judgeLocalFiles(spec)).map((check) => `${check.id} ${check.verdict}`)).toEqual([
      'wheels blocks',
      'archive-file blocks',
    ]);
    expect(await judgeLocalFiles(specFixture())).toEqual([]);
  });
});
