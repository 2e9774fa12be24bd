import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clusterSpecSchema } from '../../../../shared/model/deploy/spec/cluster-spec';
import { readSpec } from '../../../../shared/rules/deploy/spec/spec-file';
import { openRunFiles } from '../../../../electron/core/deploy/runs/run-journal';
import { readDeployArguments } from '../../../../electron/headless/deploy/arguments';
import { runDeployCommand } from '../../../../electron/headless/deploy/commands';
import { tempDirectory, type TempDirectory } from '../../../support/temp';

const server = (name: string, address: string) => ({
  name,
  address,
  roles: ['etcd', 'postgres'],
  ssh: { host: address, user: 'root' },
});
const spec = clusterSpecSchema.parse({
  version: 1,
  id: 'orders-id',
  scope: 'orders',
  servers: [server('db1', '10.0.0.11'), server('db2', '10.0.0.12')],
});

describe('a run that came to its end just as the program was broken off', () => {
  let directory: TempDirectory;
  beforeEach(async () => {
    directory = await tempDirectory();
  });
  afterEach(async () => {
    await directory.remove();
  });

  const ended = (kind: 'apply' | 'remove_member'): void => {
    const journal = openRunFiles(join(directory.path, 'deploy', 'runs')).create({
      id: 'run-1',
      kind,
      scope: spec.scope,
      title: 'A run',
      startedAt: 1,
      spec,
      ...(kind === 'apply' ? {} : { leaving: [] }),
    });
    journal.end('done', 2, null);
    journal.close();
  };
  const resume = (): Promise<number> => {
    const args = readDeployArguments([
      'resume',
      'run-1',
      '--data',
      directory.path,
      '--secrets',
      join(directory.path, 'secrets.yml'),
      '--out',
      join(directory.path, 'out.yml'),
    ]);
    if ('usage' in args) throw new Error(args.usage);
    return runDeployCommand(args);
  };

  it('is left alone by a resume, which goes well and leaves the spec of a removal', async () => {
    ended('remove_member');
    expect(await resume()).toBe(0);
    expect(readSpec(await readFile(join(directory.path, 'out.yml'), 'utf8')).spec).toEqual(spec);
  });

  it('leaves no other spec when it was a set-up', async () => {
    ended('apply');
    expect(await resume()).toBe(0);
    await expect(readFile(join(directory.path, 'out.yml'))).rejects.toThrow('ENOENT');
  });
});
