import { describe, expect, it } from 'vitest';
import { scramVerifier } from '../../../electron/core/deploy/facts/scram';
import type { PasswordRecord, PasswordStore } from '../../../electron/core/passwords/password-record';
import { shownChange } from '../../../electron/core/passwords/password-standing';

const SECRETS: Readonly<Record<string, string>> = {
  next: 'the new one',
  former: 'the former one',
  before: JSON.stringify({
    verifier: 'SCRAM-SHA-256$former',
    listed: { db1: 'the former one', lb1: 'the former one' },
  }),
};
const store: Pick<PasswordStore, 'secret'> = { secret: (_cluster, id) => Promise.resolve(SECRETS[id] ?? null) };
const record: PasswordRecord = {
  version: 1,
  startedAt: 0,
  accounts: [{ id: 'role:postgres', username: 'postgres', next: 'next', former: 'former', before: 'before' }],
  way: 'forward',
  begun: true,
  reloaded: ['n2'],
  ended: false,
  earlier: [],
  replaced: null,
};

/** What the servers have: the password in the file of each member, in PgBouncer's list on the first, and the verifier. */
function look(files: readonly string[], listed: string, verifier: string): Parameters<typeof shownChange>[3] {
  const keys = ['postgresql.authentication.superuser.password'];
  const text = `"postgres" "${listed}"\n`;
  return {
    members: files.map((_password, index) => ({ place: { member: `n${index + 1}` } })),
    poolers: [
      { member: 'n1', list: { server: 'db1', path: '/list', text } },
      { member: null, list: { server: 'lb1', path: '/list', text } },
      { member: null, list: { server: 'lb2', path: '/list', text: '"another" "one"\n' } },
    ],
    unread: [],
    configs: files.map((password, index) => ({
      member: `n${index + 1}`,
      files: [{ path: '/file', config: { postgresql: { authentication: { superuser: { password } } } } }],
    })),
    roles: [{ name: 'postgres', verifier }],
    accounts: [
      {
        id: 'role:postgres',
        places: files.map((_password, index) => ({ member: `n${index + 1}`, path: '/file', keys })),
      },
    ],
  };
}

describe('a change of passwords that was broken off', () => {
  it('is told by what stands in the files, the list and PostgreSQL, not by what was noted', async () => {
    const verifier = await scramVerifier('the new one');
    const shown = await shownChange(
      store,
      'c',
      record,
      look(['the former one', 'the new one', 'a third'], 'the former one', verifier),
    );
    expect(shown).toMatchObject({
      postgres: 'new',
      ended: false,
      members: {
        n1: { files: 'former', reloaded: false },
        n2: { files: 'new', reloaded: true },
        n3: { files: 'mixed', reloaded: false },
      },
    });
    expect(shown.poolers, 'only the list that has one of the accounts').toEqual({ lb1: 'former' });
  });

  it.each([
    ['the new one', 'new'],
    ['the former one', 'mixed'],
    ['somebody else wrote this', 'mixed'],
  ])('a list of PgBouncer beside a new file, with %j, makes it %s', async (listed, files) => {
    const shown = await shownChange(store, 'c', record, look(['the new one'], listed, 'SCRAM-SHA-256$former'));
    expect(shown).toMatchObject({ postgres: 'former', members: { n1: { files } } });
  });

  it('a verifier in the list counts as its password', async () => {
    const shown = await shownChange(store, 'c', record, look(['the new one'], await scramVerifier('the new one'), ''));
    expect(shown).toMatchObject({ postgres: 'mixed', members: { n1: { files: 'new' } } });
  });

  it('is not known of a list that could not be read, unless no role changes', async () => {
    const seen = look(['the new one'], 'the new one', '');
    const unread = seen === null ? null : { ...seen, unread: [{ server: 'lb3' }] };
    expect((await shownChange(store, 'c', record, unread)).poolers).toEqual({ lb1: 'new', lb3: 'unknown' });
    const [account] = record.accounts;
    const rest = { ...record, accounts: account === undefined ? [] : [{ ...account, id: 'rest' }] };
    expect((await shownChange(store, 'c', rest, unread)).poolers).toEqual({});
  });

  it('is not known where the servers cannot be read', async () => {
    expect(await shownChange(store, 'c', record, null)).toMatchObject({
      postgres: 'unknown',
      members: {},
      poolers: {},
    });
  });
});
