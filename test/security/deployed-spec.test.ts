import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeploy, type Deploy } from '../../electron/core/deploy/create-deploy';
import { availableVersions } from '../../electron/core/deploy/facts/available';
import { ensureSecrets, knownSecrets } from '../../electron/core/deploy/secrets/cluster-secrets';
import { vaultSecretBook, type SecretBook } from '../../electron/core/deploy/secrets/secret-book';
import { createJobEngine } from '../../electron/core/jobs/create-job-engine';
import type { JobEngine } from '../../electron/core/jobs/job-engine';
import type { ClusterSpec } from '../../shared/model/deploy/spec/cluster-spec';
import { specFixture } from '../support/deploy/facts';
import { memorySecrets } from '../support/deploy/memory-secrets';
import { tempDirectory, type TempDirectory } from '../support/temp';

let data: TempDirectory;
let jobs: JobEngine;
let deploy: Deploy;
let book: SecretBook;
let touched: string[];

beforeEach(async () => {
  touched = [];
  data = await tempDirectory();
  const vault = memorySecrets();
  book = vaultSecretBook(vault, join(data.path, 'deploy'));
  jobs = await createJobEngine({ directory: join(data.path, 'jobs'), now: Date.now, secrets: vault, user: 'tester' });
  deploy = createDeploy({
    connectServer: reached,
    secrets: book,
    jobs,
    directory: join(data.path, 'deploy'),
    now: Date.now,
    machineOf: (server) => JSON.stringify(server.ssh),
  });
});
afterEach(async () => {
  await jobs.close();
  await data.remove();
});

function reached(server: { readonly name: string }): never {
  touched.push(server.name);
  throw new Error('A server was reached.');
}

const evil = (change: Partial<ClusterSpec>): ClusterSpec => ({ ...specFixture(), ...change });
const specs: readonly (readonly [string, ClusterSpec])[] = [
  ['a scope that leaves its directory', evil({ scope: '../../etc' })],
  ['a server that is called a path', evil({ servers: [{ ...(specFixture().servers[0] ?? never()), name: '../x' }] })],
  ['an address that is a command', evil({ servers: [{ ...(specFixture().servers[0] ?? never()), address: '$(id)' }] })],
  ['a database with a line end', evil({ databases: [{ name: 'a\n\\! id', owner: 'postgres' }] })],
  ['a network that is more', evil({ clientNetworks: ['10.0.0.0/8 trust'] })],
];
const uses: Readonly<Record<string, (spec: ClusterSpec) => Promise<unknown>>> = {
  'looked at': (spec) => deploy.facts(spec),
  checked: (spec) => deploy.preflight(spec),
  planned: (spec) => deploy.plan(spec),
  compared: (spec) => deploy.check(spec),
  undone: (spec) => deploy.undo(spec, spec.scope, false, 'request-1'),
  kept: async (spec) => {
    await Promise.resolve();
    deploy.keepSpec(spec);
  },
  'asked for versions': (spec) => availableVersions(spec, reached, false),
};

describe.each(specs)('a spec with %s', (_what, spec) => {
  it.each(Object.keys(uses))('is refused before a server is reached when it is %s', async (use) => {
    await expect(uses[use]?.(spec)).rejects.toMatchObject({ code: 'deploy.spec_invalid' });
    expect(touched).toEqual([]);
  });
});

describe('a password with a line end', () => {
  it.each(['a\nb', 'a\rb', 'a\0b'])('is written to no server, wherever it comes from: %j', async (value) => {
    const spec = specFixture();
    await book.write(spec.id, 'pgbouncer', value);
    for (const read of [() => ensureSecrets(book, spec, 1), () => knownSecrets(book, spec)])
      await expect(read()).rejects.toMatchObject({ code: 'deploy.secret_unwritable' });
  });
});

function never(): never {
  throw new Error('The spec has no servers.');
}
