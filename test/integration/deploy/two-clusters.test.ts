import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCluster } from '../../../electron/core/app/open-cluster';
import { ensureSecrets } from '../../../electron/core/deploy/secrets/cluster-secrets';
import { createDeploy, type Deploy } from '../../../electron/core/deploy/create-deploy';
import { machineOf } from '../../../electron/core/deploy/identity/machine';
import { vaultSecretBook, type SecretBook } from '../../../electron/core/deploy/secrets/secret-book';
import { openInventory } from '../../../electron/core/inventory/file-inventory';
import type { Inventory } from '../../../electron/core/inventory/inventory';
import { clusterLock } from '../../../electron/core/jobs/cluster-lock';
import { createJobEngine } from '../../../electron/core/jobs/create-job-engine';
import type { JobDefinition, JobEngine } from '../../../electron/core/jobs/job-engine';
import { appError } from '../../../shared/model/app-error';
import { authoritySecrets } from '../../../shared/model/deploy/secret-name';
import { readSpec } from '../../../shared/rules/deploy/spec/spec-file';
import { specFixture } from '../../support/deploy/facts';
import { memorySecrets } from '../../support/deploy/memory-secrets';
import { localRemote } from '../../support/ssh/local-remote';
import { tempDirectory, type TempDirectory } from '../../support/temp';
import { aServer } from '../../unit/inventory/entries';

const refused = () => Promise.reject(appError('ssh.unreachable', 'No server answers.'));
/** A server that nobody reaches. */
const silent = { ...localRemote(), dial: refused, run: refused, script: refused };
const now = Date.UTC(2030, 0, 1);
const site = (id: string, host: string) =>
  specFixture({
    id,
    tls: 'on',
    servers: [{ name: 'db1', address: '10.0.0.11', ssh: { host, user: 'root' }, roles: ['etcd', 'postgres'] }],
  });

describe('two clusters with the same scope, namespace, names and private addresses at two sites', () => {
  const paris = site('paris', 'paris.example.net');
  const oslo = site('oslo', 'oslo.example.net');
  let data: TempDirectory;
  let book: SecretBook;
  let jobs: JobEngine;
  let inventory: Inventory;
  let deploy: Deploy;
  const vault = memorySecrets();

  beforeEach(async () => {
    data = await tempDirectory();
    vault.entries.clear();
    book = vaultSecretBook(vault, join(data.path, 'deploy'));
    jobs = await createJobEngine({
      directory: join(data.path, 'jobs'),
      now: () => now,
      secrets: vault,
      user: 'tester',
    });
    inventory = await openInventory(join(data.path, 'inventory.json'), () => now);
    for (const host of ['paris.example.net', 'oslo.example.net'])
      await inventory.saveServer(aServer({ id: host, name: host, host, user: 'root' }));
    deploy = createDeploy({
      connectServer: () => silent,
      secrets: book,
      jobs,
      directory: join(data.path, 'deploy'),
      now: () => now,
      machineOf: (server) => machineOf(server, inventory.servers()),
    });
  });
  afterEach(async () => {
    await jobs.close();
    await data.remove();
  });

  it('have passwords and an authority of their own', async () => {
    const [one, other] = [await ensureSecrets(book, paris, now), await ensureSecrets(book, oslo, now)];
    for (const name of ['superuser', 'rest', authoritySecrets.key] as const)
      expect(one.get(name)).not.toBe(other.get(name));
    expect(await ensureSecrets(book, paris, now)).toEqual(one);
  });

  it('have entries of their own in the inventory', async () => {
    const deps = { inventory, vault, secrets: book, now: () => now };
    expect([await openCluster(paris, deps), await openCluster(oslo, deps)]).toEqual(['paris', 'oslo']);
    expect(await openCluster(paris, deps)).toBe('paris');
    expect(inventory.clusters().map((entry) => [entry.id, entry.members[0]?.serverId])).toEqual([
      ['paris', 'paris.example.net'],
      ['oslo', 'oslo.example.net'],
    ]);
  });

  it('have runs of their own', () => {
    deploy.keepSpec(paris);
    expect(deploy.latestSpec('paris')).toEqual(paris);
    expect(deploy.latestSpec('oslo')).toBeNull();
    deploy.keepSpec(oslo);
    expect(deploy.latestSpec('paris')).toEqual(paris);
    expect(
      deploy
        .runs()
        .map((run) => run.clusterId)
        .sort(),
    ).toEqual(['oslo', 'paris']);
  });

  it('do not wait for each other, and each excludes everything else on itself', async () => {
    let end = (): void => undefined;
    const switchover: JobDefinition = {
      kind: 'switchover',
      clusterId: 'paris',
      clusterTitle: 'Paris',
      title: 'Switch over',
      target: null,
      command: null,
      confirmation: null,
      phases: [],
      exclusive: clusterLock('paris'),
      cancellable: true,
      requestId: 'request-1',
    };
    await jobs.start(switchover, async () => {
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      return { status: 'done', result: { sentence: '', withoutPrimaryMs: null, facts: {} } };
    });
    await expect(deploy.rotateCertificates(paris, false, 'request-2')).rejects.toMatchObject({ code: 'job.busy' });
    await expect(deploy.undo(paris, 'main', false, 'request-3')).rejects.toMatchObject({ code: 'job.busy' });
    await expect(deploy.apply(paris, null, 'request-4')).rejects.toMatchObject({ code: 'job.busy' });
    expect(deploy.runs(), 'a refused run leaves no trace').toEqual([]);
    const { job } = await deploy.rotateCertificates(oslo, false, 'request-5');
    expect(job.clusterId).toBe('oslo');
    await expect(
      jobs.start({ ...switchover, exclusive: clusterLock('oslo'), requestId: 'request-6' }, () =>
        Promise.reject(new Error('never begun')),
      ),
    ).rejects.toMatchObject({ code: 'job.busy' });
    end();
  });

  it('are not mixed up by a file that was copied for the other site with its id', async () => {
    deploy.keepSpec(paris);
    const copied = { ...oslo, id: 'paris' };
    expect(() => deploy.identify(copied, null)).toThrow(expect.objectContaining({ code: 'deploy.id_taken' }));
    await expect(deploy.apply(copied, null, 'request-1')).rejects.toMatchObject({ code: 'deploy.id_taken' });
    await expect(deploy.plan(copied)).rejects.toMatchObject({ code: 'deploy.id_taken' });
  });

  it('are told apart in a file that names no id by the servers alone', () => {
    deploy.keepSpec(paris);
    const file = (host: string) => {
      const read = readSpec(
        `version: 1\nscope: main\nservers:\n  - { name: db1, address: 10.0.0.11, roles: [etcd, postgres], ssh: { host: ${host}, user: admin } }\n`,
      );
      if (read.spec === null) throw new Error('The file cannot be read.');
      return read.spec;
    };
    expect(deploy.identify(file('paris.example.net'), null).spec.id).toBe('paris');
    expect(deploy.identify(file('paris.example.net'), 'a-form').spec.id).toBe('paris');
    expect(deploy.identify(file('oslo.example.net'), null).spec.id).not.toBe('paris');
    expect(deploy.identify(file('oslo.example.net'), 'a-form').spec.id).toBe('a-form');
  });
});
