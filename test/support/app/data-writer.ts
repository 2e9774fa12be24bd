import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openDrafts } from '../../../electron/core/deploy/drafts';
import { openRunFiles } from '../../../electron/core/deploy/runs/run-journal';
import { vaultSecretBook } from '../../../electron/core/deploy/secrets/secret-book';
import { openInventory } from '../../../electron/core/inventory/file-inventory';
import { addServer } from '../../../electron/core/inventory/server-drafts';
import { createJobEngine } from '../../../electron/core/jobs/create-job-engine';
import type { JobEngine } from '../../../electron/core/jobs/job-engine';
import { lockDataDirectory } from '../../../electron/core/platform/data-lock';
import { openVault } from '../../../electron/core/vault/vault';
import { specFixture } from '../deploy/facts';

/** Everything that is kept, by what the program called it: lists for what is added, single values for what is replaced. */
export interface Kept {
  readonly servers: readonly string[];
  readonly passwords: readonly string[];
  readonly jobs: readonly string[];
  readonly runs: readonly string[];
  readonly secret: string | null;
  readonly draft: string | null;
}

/** What the program says, one JSON value a line: what it found at its start, and each turn of which all is kept. */
export type DataWriterSays =
  { readonly kind: 'found'; readonly found: Kept } | { readonly kind: 'kept'; readonly turn: string };

const CLUSTER = 'c-1';

const say = (what: DataWriterSays): void => {
  process.stdout.write(`${JSON.stringify(what)}\n`);
};

/** A job that is over at once; resolves when its end is in the history. */
async function runJob(jobs: JobEngine, name: string): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    const undo = jobs.watch((update) => {
      const all = update.kind === 'job' ? [update.job] : update.jobs;
      if (!all.some((job) => job.title === name && job.endedAt !== null)) return;
      undo();
      resolve();
    });
  });
  const phases = [{ id: 'act', label: 'Act' }];
  const plain = { target: null, command: null, confirmation: null, exclusive: null, cancellable: false };
  await jobs.start(
    { ...plain, kind: 'restart', clusterId: CLUSTER, clusterTitle: null, title: name, phases, requestId: name },
    (context) => {
      context.phase('act', 'running');
      return Promise.resolve({ status: 'done', result: { sentence: name, withoutPrimaryMs: null, facts: {} } });
    },
  );
  await ended;
}

/** Writes inventory, vault, secrets, history, journals and drafts, all at once and turn after turn, until it is killed. */
async function run(directory: string): Promise<void> {
  const now = Date.now;
  await lockDataDirectory(directory, 'a test');
  const inventory = await openInventory(join(directory, 'inventory.json'), now);
  const vault = await openVault({
    path: join(directory, 'vault.json'),
    keychain: {
      backend: 'test',
      encrypt: (plain) => Promise.resolve(Buffer.from(plain)),
      decrypt: (sealed) => Promise.resolve(sealed.toString()),
    },
    plainKeychainAllowed: () => true,
    now,
  });
  const jobs = await createJobEngine({ directory: join(directory, 'jobs'), now, secrets: vault, user: 'tester' });
  const secrets = vaultSecretBook(vault, join(directory, 'deploy'));
  const runs = openRunFiles(join(directory, 'deploy', 'runs'));
  const drafts = openDrafts(join(directory, 'deploy'), now);
  const passwords = inventory
    .servers()
    .map(({ auth }) => (auth.kind === 'password' ? vault.read(auth.passwordSecret ?? '') : undefined));
  say({
    kind: 'found',
    found: {
      servers: inventory.servers().map(({ name }) => name),
      passwords: (await Promise.all(passwords)).map((password) => password ?? ''),
      jobs: jobs.history(null, 20_000).map(({ sentence }) => sentence),
      runs: runs.list().flatMap(({ head, status }) => (status === 'done' ? [head.id] : [])),
      secret: (await secrets.read(CLUSTER, 'rest')) ?? null,
      draft: (await drafts.list())[0]?.title ?? null,
    },
  });
  const spec = specFixture();
  for (;;) {
    const turn = randomUUID();
    const server = {
      name: turn,
      host: '192.0.2.1',
      port: 22,
      user: 'admin',
      auth: { kind: 'password' as const },
      sudo: { kind: 'none' as const },
      jump: [],
      tags: [],
      secret: turn,
    };
    const journal = runs.create({ id: turn, kind: 'apply', scope: 'main', title: turn, startedAt: now(), spec });
    journal.end('done', now(), null);
    journal.close();
    await Promise.all([
      addServer({ inventory, secrets: vault }, server),
      secrets.write(CLUSTER, 'rest', turn),
      drafts.save({ id: 'form', title: turn, step: 'servers', spec: {} }),
      runJob(jobs, turn),
    ]);
    say({ kind: 'kept', turn });
  }
}

run(process.argv[2] ?? '').catch((thrown: unknown) => {
  console.error(thrown);
  process.exit(1);
});
