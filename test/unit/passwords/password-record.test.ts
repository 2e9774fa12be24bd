import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scramVerifier } from '../../../electron/core/deploy/facts/scram';
import { makeRecord } from '../../../electron/core/passwords/make-record';
import {
  createPasswordStore,
  dropChange,
  isLost,
  passwordsGiven,
  type PasswordRecord,
  type PasswordStore,
} from '../../../electron/core/passwords/password-record';
import type { PasswordAccount } from '../../../shared/model/passwords/password-account';
import { keepsFixture } from '../../support/passwords/keeps';

const roleNamed = (username: string): PasswordAccount => ({
  id: `role:${username}`,
  uses: ['application'],
  username,
  places: [],
  refused: null,
});

describe('passwords that a change made', () => {
  let directory: string;
  let store: PasswordStore;
  let vault: Map<string, string>;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'passwords-'));
    const keeps = keepsFixture({});
    ({ vault } = keeps);
    store = createPasswordStore({ directory, vault: keeps.deps.vault, isTemporary: () => false });
  });
  afterEach(() => rm(directory, { recursive: true }));

  const nothing = { configs: [], roles: [], poolers: [] };
  const deps = () => ({ store, now: () => 0, knownPasswords: () => Promise.resolve([]) });
  const change = async (username: string, password: string, look = nothing): Promise<PasswordRecord> => {
    const replaced = await store.read('c');
    const chosen = [{ account: roleNamed(username), password }];
    const record = await makeRecord(deps(), look, { clusterId: 'c', chosen, replaced });
    await store.write('c', record);
    return record;
  };
  /** A change that came to its end. */
  const finished = async (username: string, password: string): Promise<PasswordRecord> => {
    const record = { ...(await begun(username, password)), ended: true };
    await store.write('c', record);
    return record;
  };
  /** A change of which something may have been written. */
  const begun = async (username: string, password: string): Promise<PasswordRecord> => {
    const record = { ...(await change(username, password)), begun: true, replaced: null };
    await store.write('c', record);
    return record;
  };
  const given = async (username: string): Promise<string | null> => {
    const one = passwordsGiven(await store.read('c')).find((each) => each.username === username);
    return one === undefined ? null : store.secret('c', one.next);
  };

  it('stay readable after the next change of other accounts, which removes only what it replaces', async () => {
    const first = await finished('app', 'made for app');
    await begun('reporting', 'made for reporting');
    expect([await given('app'), await given('reporting')]).toEqual(['made for app', 'made for reporting']);
    expect(await store.secret('c', first.accounts[0]?.before ?? '')).toBeNull();
  });

  it('stay readable when the next change is taken back', async () => {
    await finished('app', 'made for app');
    await begun('app', 'made anew');
    expect(await given('app')).toBe('made anew');
    await dropChange(store, 'c');
    expect(await given('app')).toBe('made for app');
    expect([...vault.values()]).toEqual(['made for app']);
  });

  it('are there with all their way back when the next change is refused before it is begun, and nothing of that one is', async () => {
    const first = await finished('app', 'made for app');
    const secrets = new Map(vault);
    await change('app', 'made anew');
    expect(vault.size).toBeGreaterThan(secrets.size);
    await dropChange(store, 'c');
    expect(await store.read('c')).toEqual(first);
    expect(vault).toEqual(secrets);
  });

  it('keep their way back through several changes that are refused, one after the other', async () => {
    const first = await finished('app', 'made for app');
    await change('reporting', 'never written');
    await change('app', 'never written either');
    await dropChange(store, 'c');
    expect(await store.read('c')).toEqual(first);
  });

  it('are the former ones of the next change, so that they can be put back', async () => {
    await finished('app', 'made for app');
    const next = await change('app', 'made anew');
    expect(await store.secret('c', next.accounts[0]?.former ?? '')).toBe('made for app');
  });

  it.each([
    ['has its secrets and its role', ['role:app'], false, false],
    ['has its role, and the vault forgot its secrets', ['role:app'], true, true],
    ['has its secrets, and its role was dropped', [], false, true],
  ])('a change that was broken off and %s: may be replaced (%#)', async (_what, there, forgotten, lost) => {
    const record = await change('app', 'made for app');
    if (forgotten) vault.clear();
    expect(
      await isLost(
        store,
        'c',
        record,
        there.map((id) => ({ id })),
      ),
    ).toBe(lost);
    expect(await isLost(store, 'c', { ...record, ended: true }, [])).toBe(false);
  });

  it('are taken from what PostgreSQL lets in where a change is replaced that left members with different ones', async () => {
    const keys = ['a.password'];
    const account = {
      ...roleNamed('app'),
      places: ['n1', 'n2'].map((member) => ({ server: member, member, path: '/f', keys })),
    };
    const configs = ['written first', 'works'].map((password, index) => ({
      member: `n${index + 1}`,
      server: `n${index + 1}`,
      merged: {},
      files: [{ path: '/f', config: { a: { password } } }],
      variables: [],
    }));
    const look = { configs, roles: [{ name: 'app', verifier: await scramVerifier('works') }], poolers: [] };
    const chosen = [{ account, password: 'made anew' }];
    await expect(makeRecord(deps(), look, { clusterId: 'c', chosen, replaced: null })).rejects.toMatchObject({
      data: { code: 'config.password_refused' },
    });
    const replaced = await change('app', 'made for app');
    const { accounts } = await makeRecord(deps(), look, { clusterId: 'c', chosen, replaced });
    expect(await store.secret('c', accounts[0]?.former ?? '')).toBe('works');
  });

  it('are all gone with a first change that was taken back', async () => {
    await change('app', 'made for app');
    await dropChange(store, 'c');
    expect([await store.read('c'), vault.size]).toEqual([null, 0]);
  });
});
