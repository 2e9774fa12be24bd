import { expect, it } from 'vitest';
import { createPasswordKeeper, createPasswordReader } from '../../../electron/core/app/keep-passwords';
import { scramVerifier } from '../../../electron/core/deploy/facts/scram';
import { makeRecord } from '../../../electron/core/passwords/make-record';
import type { PasswordAccount } from '../../../shared/model/passwords/password-account';
import { keepsFixture } from '../../support/passwords/keeps';

const application: PasswordAccount = {
  id: 'role:app',
  uses: ['application'],
  username: 'app',
  places: [],
  refused: null,
};
const pooler: PasswordAccount = { ...application, id: 'role:pgbouncer', uses: ['pooler'], username: 'pgbouncer' };
const nothingInFiles = { configs: [], roles: [], poolers: [] };

it.each([
  ['an application', application, 'user:app'],
  ["PgBouncer's look-ups", pooler, 'pgbouncer'],
] as const)(
  'the way back gives the secrets of the set-up the former password of %s again',
  async (_what, account, name) => {
    const { book, store, deps } = keepsFixture({ [name]: 'the former one' });
    const known = { store, now: () => 0, knownPasswords: createPasswordReader(deps) };
    const { accounts } = await makeRecord(known, nothingInFiles, {
      clusterId: 'c',
      chosen: [{ account, password: 'the new one' }],
      replaced: null,
    });
    const keep = createPasswordKeeper(deps);
    await keep('c', [{ account, password: 'the new one' }]);
    expect(book.get(name)).toBe('the new one');
    await keep('c', [{ account, password: store.secrets.get(accounts[0]?.former ?? '') ?? '' }]);
    expect(book.get(name)).toBe('the former one');
  },
);

it('of two passwords that the app keeps, the one that PostgreSQL lets in is the former one', async () => {
  const { store } = keepsFixture({});
  const roles = [{ name: 'app', verifier: await scramVerifier('what works') }];
  const knownPasswords = () => Promise.resolve(['what does not', 'what works']);
  const { accounts } = await makeRecord(
    { store, now: () => 0, knownPasswords },
    { ...nothingInFiles, roles },
    {
      clusterId: 'c',
      chosen: [{ account: application, password: 'the new one' }],
      replaced: null,
    },
  );
  expect(store.secrets.get(accounts[0]?.former ?? '')).toBe('what works');
});

it("the app's own login in PostgreSQL counts where nothing was set up here, and one that stands for the set-up is left alone", async () => {
  const { deps, vault } = keepsFixture({}, { username: 'app', passwordSecret: 'login' });
  vault.set('login', 'the former one');
  expect(await createPasswordReader(deps)('c', application)).toEqual(['the former one']);
  const ofSetUp = keepsFixture({}, { username: 'app', passwordSecret: '' });
  await createPasswordKeeper(ofSetUp.deps)('c', [{ account: application, password: 'the new one' }]);
  expect([...ofSetUp.vault.keys()]).toEqual([]);
});
