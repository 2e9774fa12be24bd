import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDrafts } from '../../../../electron/core/deploy/drafts';
import { migrateDeployments } from '../../../../electron/core/deploy/migrate/migrate-deployments';
import { sharedSecretProblems } from '../../../../electron/core/deploy/migrate/shared-secrets';
import { openRunFiles } from '../../../../electron/core/deploy/runs/run-journal';
import { vaultSecretBook } from '../../../../electron/core/deploy/secrets/secret-book';
import { openInventory } from '../../../../electron/core/inventory/file-inventory';
import { formOfDraft } from '../../../../renderer/deployment/form/form';
import { memorySecrets } from '../../../support/deploy/memory-secrets';
import { writeOldData, type OldData } from '../../../support/deploy/version-0.1.0';
import { tempDirectory, type TempDirectory } from '../../../support/temp';

const paris = ['paris-1', 'paris-2'];
const oslo = ['oslo-1', 'oslo-2'];

describe('a data directory of version 0.1.0', () => {
  let data: TempDirectory;
  let deploy: string;
  beforeEach(async () => {
    data = await tempDirectory();
    deploy = join(data.path, 'deploy');
  });
  afterEach(() => data.remove());

  const vault = () =>
    memorySecrets(
      new Map([
        ['v-superuser', 'parisian'],
        ['v-rest', 'resting'],
      ]),
    );
  const book = (secrets = vault()) => vaultSecretBook(secrets, deploy);
  async function migrate(): Promise<void> {
    const inventory = await openInventory(join(data.path, 'inventory.json'), () => 1);
    expect(inventory.problem).toBeNull();
    await migrateDeployments(deploy, { servers: inventory.servers(), clusters: inventory.clusters() });
  }
  async function migrated(old: OldData): Promise<void> {
    writeOldData(data.path, old);
    await migrate();
  }
  /** The ids of the clusters by their runs. */
  const ids = (): Readonly<Record<string, string>> =>
    Object.fromEntries(
      openRunFiles(join(deploy, 'runs'))
        .list()
        .map(({ head }) => [head.id, head.spec.id]),
    );

  it('gives all runs of a cluster the id of its entry in the inventory, and its passwords with it', async () => {
    await migrated({
      runs: [
        { id: 'r1', servers: paris, startedAt: 1 },
        { id: 'r2', kind: 'remove_member', servers: ['paris-1'], startedAt: 2 },
      ],
      pages: { main: { superuser: 'v-superuser', rest: 'v-rest' } },
      clusters: [{ id: 'in-inventory', members: paris }],
    });
    expect(ids()).toEqual({ r1: 'in-inventory', r2: 'in-inventory' });
    expect(await book().read('in-inventory', 'superuser')).toBe('parisian');
    expect(await sharedSecretProblems(deploy)).toEqual([]);
  });

  it('keeps a cluster that no entry names, and reads its namespace without slashes', async () => {
    await migrated({ runs: [{ id: 'r1', servers: paris, startedAt: 1 }], pages: { main: { rest: 'v-rest' } } });
    const { r1 = '' } = ids();
    expect(r1).not.toBe('');
    expect(await book().read(r1, 'rest')).toBe('resting');
    expect(openRunFiles(join(deploy, 'runs')).read('r1')?.head.spec.namespace).toBe('service');
  });

  it('is read the same when the migration was broken off in between, and left alone once it is done', async () => {
    const old: OldData = {
      runs: [
        { id: 'r1', servers: paris, startedAt: 1 },
        { id: 'r2', servers: paris, startedAt: 2, status: 'failed' },
      ],
      pages: { main: { rest: 'v-rest' } },
    };
    writeOldData(data.path, old);
    const before = readFileSync(join(deploy, 'runs', 'r2.jsonl'), 'utf8');
    await migrate();
    const once = ids();
    writeFileSync(join(deploy, 'runs', 'r2.jsonl'), before);
    await migrate();
    expect(ids()).toEqual(once);
    expect(once['r1']).toBe(once['r2']);
    const files = readdirSync(deploy);
    await migrate();
    expect(readdirSync(deploy)).toEqual(files);
    expect(await book().read(once['r1'] ?? '', 'rest')).toBe('resting');
  });

  it('keeps two clusters of one scope apart, leaves both their passwords, and says that whose they were is not known', async () => {
    await migrated({
      runs: [
        { id: 'r1', servers: paris, startedAt: 1 },
        { id: 'r2', servers: oslo, startedAt: 2 },
      ],
      pages: { main: { superuser: 'v-superuser', rest: 'v-rest' } },
      clusters: [{ id: 'in-inventory', members: oslo }],
    });
    const { r1 = '', r2 } = ids();
    expect(r2).toBe('in-inventory');
    expect(r1).not.toBe('in-inventory');
    expect(await sharedSecretProblems(deploy)).toMatchObject([
      { code: 'deploy.secrets_shared', message: expect.stringMatching(/paris-1, paris-2.*oslo-1, oslo-2/) as unknown },
    ]);
    const secrets = vault();
    expect(await book(secrets).read(r1, 'superuser')).toBe('parisian');
    await book(secrets).write('in-inventory', 'superuser', 'norwegian');
    expect(await book(secrets).read('in-inventory', 'superuser')).toBe('norwegian');
    expect(await book(secrets).read(r1, 'superuser'), 'another cluster still has its password').toBe('parisian');
  });

  it('with two clusters of one scope in two namespaces on the same servers keeps them apart, too', async () => {
    await migrated({
      runs: [
        { id: 'r1', servers: paris, startedAt: 1 },
        { id: 'r2', servers: paris, namespace: '/other/', startedAt: 2 },
      ],
    });
    expect(new Set(Object.values(ids())).size).toBe(2);
  });

  it('opens its forms again: that of a set-up with the id of its cluster, any other with an id and passwords of its own', async () => {
    await migrated({
      runs: [{ id: 'r1', servers: paris, startedAt: 1, status: 'failed' }],
      pages: { main: { rest: 'v-rest' } },
      drafts: [
        { id: 'of-r1', servers: paris, run: 'r1' },
        { id: 'new', servers: oslo },
      ],
    });
    const drafts = await openDrafts(deploy, () => 2).list();
    const idOf = (draft: string) => formOfDraft(drafts.find((one) => one.id === draft)?.spec)?.spec.id ?? '';
    expect(idOf('of-r1')).toBe(ids()['r1']);
    expect(idOf('new')).not.toBe('');
    expect(idOf('new')).not.toBe(idOf('of-r1'));
    expect(await book().read(idOf('of-r1'), 'rest')).toBe('resting');
    expect(await book().read(idOf('new'), 'rest')).toBeUndefined();
  });

  it('keeps the passwords of a form that was never carried out', async () => {
    await migrated({ pages: { main: { rest: 'v-rest' } }, drafts: [{ id: 'new', servers: oslo }] });
    const [draft] = await openDrafts(deploy, () => 2).list();
    expect(await book().read(formOfDraft(draft?.spec)?.spec.id ?? '', 'rest')).toBe('resting');
  });
});
