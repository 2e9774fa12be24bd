import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDeployArguments } from '../../electron/headless/deploy/arguments';
import { runDeployCommand } from '../../electron/headless/deploy/commands';
import { startApp, type TestApp } from '../support/app/app';

describe('the data directory of a running app', () => {
  let app: TestApp;

  beforeEach(async () => {
    app = await startApp({ page: false });
  });
  afterEach(() => app.close());

  const command = (...argv: string[]): Promise<number> => {
    const args = readDeployArguments([...argv, '--data', app.dataDirectory]);
    if ('usage' in args) throw new Error(args.usage);
    return runDeployCommand(args);
  };

  it('is not written by the command line, which says what holds it and what to do', async () => {
    const spec = join(app.dataDirectory, '..', 'spec.yml');
    await writeFile(spec, 'version: 1\nscope: orders\nservers: []\n');
    const before = await readdir(app.dataDirectory, { recursive: true });
    await expect(command('plan', spec)).rejects.toMatchObject({
      data: {
        code: 'app.data_in_use',
        message: expect.stringContaining('Matriarch in a browser'),
        hint: expect.stringContaining('--data'),
      },
    });
    expect(await readdir(app.dataDirectory, { recursive: true })).toEqual(before);
  });

  it('can be read by the command line: the runs are listed', async () => {
    expect(await command('runs')).toBe(0);
  });

  it('is opened by one app at a time, and by the next one once it was closed', async () => {
    const again = { page: false, dataDirectory: app.dataDirectory } as const;
    await expect(startApp(again)).rejects.toMatchObject({ data: { code: 'app.data_in_use' } });
    await app.app.close();
    await (await startApp(again)).close();
  });

  it('keeps every secret of a cluster when all of them are given at once', async () => {
    const page = await app.connect();
    await page.client.vault.useSession();
    const clusterId = 'c-1';
    const names = ['superuser', 'replication', 'rewind', 'rest', 'pgbouncer', 'user:a', 'user:b', 'user:c'] as const;
    await Promise.all(names.map((name) => page.client.deploy.setSecret({ clusterId, name, value: `value-${name}` })));
    for (const name of names)
      expect(await app.app.core.services.deployment.secrets.read(clusterId, name)).toBe(`value-${name}`);
    expect(app.app.core.services.vault.known()).toHaveLength(names.length);
    page.close();
  });
});
