import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsentQuestion } from '../../electron/core/platform/host';
import { localArchive } from '../../electron/core/deploy/sources/local-files';
import { startApp, type TestApp, type TestConnection } from '../support/app/app';
import { specFixture } from '../support/deploy/facts';
import { tempDirectory, type TempDirectory } from '../support/temp';

const archive = (path: string, sha256 = '0'.repeat(64)) => ({
  kind: 'archive' as const,
  url: pathToFileURL(path).href,
  sha256,
});

describe('files of this computer', () => {
  let temp: TempDirectory;
  let app: TestApp;
  let page: TestConnection;
  let answer = false;
  const asked: ConsentQuestion[] = [];

  beforeEach(async () => {
    temp = await tempDirectory();
    await mkdir(join(temp.path, 'allowed'));
    app = await startApp({
      page: false,
      files: [join(temp.path, 'allowed')],
      ask: (question) => {
        asked.push(question);
        return Promise.resolve(answer);
      },
    });
    page = await app.connect();
    answer = false;
    asked.length = 0;
  });
  afterEach(async () => {
    page.close();
    await app.close();
    await temp.remove();
  });

  it('are not read for the page, whatever names them, unless the user agrees outside of the page', async () => {
    const file = join(temp.path, 'private');
    const named = [
      { etcd: archive(file) },
      { patroni: { kind: 'pip' as const, wheelDirectory: temp.path } },
      { route: { kind: 'bundle' as const, file } },
    ];
    const { client } = page;
    for (const sources of named) {
      const spec = specFixture({ sources });
      const requestId = 'request-1';
      const change = { kind: 'remove_server' as const, name: 'db1', keepData: true };
      for (const call of [
        client.deploy.preflight({ spec }),
        client.deploy.plan({ spec }),
        client.deploy.check({ spec }),
        client.deploy.available({ spec, refresh: false }),
        client.deploy.fix({ spec, server: 'db1', fixId: 'x' }),
        client.deploy.apply({ spec, fingerprint: 'x', requestId }),
        client.deploy.rotateCertificates({ spec, requestId }),
        client.deploy.day2.preview({ spec, change }),
        client.deploy.day2.apply({ spec, change, fingerprint: 'x', typed: null, requestId }),
      ])
        await expect(call).rejects.toMatchObject({ data: { code: 'app.not_agreed' } });
    }
    const source = { kind: 'workstation' as const };
    for (const call of [
      client.deploy.bundle.check({ file }),
      client.deploy.bundle.make({ spec: specFixture(), source, file, requestId: 'request-2' }),
    ])
      await expect(call).rejects.toMatchObject({ data: { code: 'app.not_agreed' } });
    expect(new Set(asked.map((question) => (question.kind === 'file' ? question.path : '')))).toEqual(
      new Set([file, temp.path]),
    );
  });

  it('are used without a question below a directory named at the start, and nowhere beside it', async () => {
    const check = (file: string) => page.client.deploy.bundle.check({ file });
    await expect(check(join(temp.path, 'allowed', 'x'))).rejects.toMatchObject({
      data: { code: 'deploy.bundle_missing' },
    });
    for (const file of ['allowed/../x', 'allowed-not/x', '..x'])
      await expect(check(`${temp.path}/${file}`)).rejects.toMatchObject({ data: { code: 'app.not_agreed' } });
    expect(asked).toHaveLength(3);
  });

  it('are asked for once: a yes is good until the app ends', async () => {
    answer = true;
    for (let turn = 0; turn < 3; turn += 1)
      await expect(page.client.deploy.bundle.check({ file: join(temp.path, 'x') })).rejects.toMatchObject({
        data: { code: 'deploy.bundle_missing' },
      });
    expect(asked).toHaveLength(1);
  });

  it('are told apart from an archive by what is in them, and their SHA-256 is in no answer', async () => {
    const path = join(temp.path, 'id_ed25519');
    await writeFile(path, 'PRIVATE');
    const own = createHash('sha256').update('PRIVATE').digest('hex');
    await expect(localArchive(archive(path, own))).rejects.toMatchObject({
      data: { code: 'deploy.archive_unreadable' },
    });
    await writeFile(path, gzipSync('PRIVATE'));
    const thrown: unknown = await localArchive(archive(path)).catch((one: unknown) => one);
    expect(thrown).toMatchObject({ data: { code: 'deploy.archive_checksum' } });
    expect(JSON.stringify(thrown)).not.toContain(createHash('sha256').update(gzipSync('PRIVATE')).digest('hex'));
  });

  it.runIf(process.platform !== 'win32')('that never end, pipes and devices, are refused at once', async () => {
    answer = true;
    const pipe = join(temp.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const file of [pipe, '/dev/zero', temp.path]) {
      await expect(page.client.deploy.bundle.check({ file })).rejects.toMatchObject({
        data: { code: 'deploy.bundle_unreadable' },
      });
      await expect(localArchive(archive(file))).rejects.toThrow();
    }
  });

  it('and passwords of a cluster are shown only after the user agreed outside of the page', async () => {
    await page.client.vault.useSession();
    const secret = { clusterId: 'c-1', name: 'superuser' as const };
    await page.client.deploy.setSecret({ ...secret, value: 'in-clear' });
    await expect(page.client.deploy.revealSecret(secret)).rejects.toMatchObject({ data: { code: 'app.not_agreed' } });
    answer = true;
    expect(await page.client.deploy.revealSecret(secret)).toEqual({ value: 'in-clear' });
    expect(asked).toEqual([
      { kind: 'reveal', secret: 'superuser', cluster: 'c-1' },
      { kind: 'reveal', secret: 'superuser', cluster: 'c-1' },
    ]);
  });

  it('the keys of an authority are never given to the page, by no name', async () => {
    answer = true;
    for (const name of ['tls-authority-key', 'tls-authority-next-key'])
      await expect(
        page.client.deploy.revealSecret({ clusterId: 'c-1', name: name as 'superuser' }),
      ).rejects.toMatchObject({ data: { code: 'app.bad_input' } });
  });
});
