import { mkdtempSync, readFileSync, rmSync, writeFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAdvice, type AdviceDeps, type AdviceService } from '../../../electron/core/advice/create-advice';
import type { AdviceUpdate } from '../../../shared/model/advice/advice';
import { Facts, NOW } from '../../support/cluster/cluster-facts';

const facts = new Facts();
const state = facts.fold();
let directory: string;
let service: AdviceService;

/** Servers that never answer, and a PostgreSQL that cannot be asked. */
function silentDeps(path: string): AdviceDeps {
  return {
    hub: {
      state: (id) => (id === 'c1' ? state : null),
      entry: (id) => (id === 'c1' ? facts.facts.entry : null),
      etcd: () => null,
      refresh: () => Promise.resolve(state),
    },
    remotes: {
      remote: () => {
        throw new Error('No way there.');
      },
      drop: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    now: () => NOW,
    postgresFacts: { settings: () => new Promise(() => undefined) },
    readBackups: () => new Promise(() => undefined),
    hasRoot: () => false,
    limitMs: 50,
    user: 'dba',
    path,
    isTemporary: () => false,
  };
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'advice-'));
  service = await createAdvice(silentDeps(join(directory, 'advice.json')));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const shown = (): AdviceUpdate => {
  const updates: AdviceUpdate[] = [];
  service.watch('c1', (update) => updates.push(update))();
  const [update] = updates;
  if (update === undefined) throw new Error('Nothing was told.');
  return update;
};

it('ends within its limit when a part never answers, and says that it took too long', async () => {
  const { notChecked } = await service.read('c1');
  expect(notChecked.find(({ rule }) => rule === 'hba_trust')?.why).toBe(
    'Reading the settings of PostgreSQL took longer than 0.05 s.',
  );
  expect(shown().progress).toBeNull();
});

it('contacts nothing of a cluster that is on hold', async () => {
  const deps = silentDeps(join(directory, 'advice.json'));
  const hub = {
    ...deps.hub,
    entry: () => ({ ...facts.facts.entry, onHold: true as const }),
    refresh: () => Promise.reject(new Error('contacted')),
  };
  service = await createAdvice({ ...deps, hub });
  await expect(service.read('c1')).rejects.toMatchObject({ data: { code: 'advice.on_hold' } });
});

it('keeps over a restart what was set aside, with who, when and why', async () => {
  await service.read('c1');
  await service.setAside('c1', 'monitoring', 'There is another one.');
  service = await createAdvice(silentDeps(join(directory, 'advice.json')));
  expect(shown().asides).toEqual([
    { rule: 'monitoring', severity: 'info', about: [], reason: 'There is another one.', by: 'dba', at: NOW },
  ]);
  expect(readFileSync(join(directory, 'advice.json'), 'utf8')).toContain('There is another one.');
});

it('sets a damaged file apart and begins with nothing set aside', async () => {
  writeFileSync(join(directory, 'advice.json'), '{"version":1,"asides":');
  service = await createAdvice(silentDeps(join(directory, 'advice.json')));
  expect(shown().asides).toEqual([]);
  expect(readdirSync(directory)).toHaveLength(1);
  expect(readdirSync(directory)[0]).not.toBe('advice.json');
});

it('shows nothing as set aside that could not be written', async () => {
  await service.read('c1');
  rmSync(directory, { recursive: true, force: true });
  writeFileSync(directory, '');
  await expect(service.setAside('c1', 'monitoring', 'No.')).rejects.toThrow();
  expect(shown().asides).toEqual([]);
});
