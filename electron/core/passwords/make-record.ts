import { appError } from '../../../shared/model/app-error';
import type { PasswordAccount } from '../../../shared/model/passwords/password-account';
import { passwordAt } from '../../../shared/rules/passwords/edit-password';
import { listedPassword } from '../../../shared/rules/passwords/pooler-list';
import { matchesVerifier } from '../deploy/facts/scram';
import type { LookedPooler, PasswordLook } from './look-at-passwords';
import {
  passwordsGiven,
  replacedBy,
  type FormerState,
  type PasswordRecord,
  type PasswordStore,
} from './password-record';

/** An account that gets another password, and the password. */
interface Chosen {
  readonly account: PasswordAccount;
  readonly password: string;
}

/** As much of what the servers have as the way back needs. */
interface Before extends Pick<PasswordLook, 'configs' | 'roles'> {
  readonly poolers: readonly Pick<LookedPooler, 'list'>[];
}

interface MakeDeps {
  readonly store: Pick<PasswordStore, 'keep' | 'secret'>;
  readonly now: () => number;
  /** The passwords of an account that the app itself keeps: those of the set-up, and those that it logs in with. */
  readonly knownPasswords: (clusterId: string, account: PasswordAccount) => Promise<readonly string[]>;
}

/** What a change is made of. */
interface Making {
  readonly clusterId: string;
  readonly chosen: readonly Chosen[];
  /** The one that it replaces. Where that was broken off, the members may have different passwords: the one that works is put back then. */
  readonly replaced: PasswordRecord | null;
}

/**
 * A new change with its secrets in the vault: the new passwords, all that the way back needs, and what the changes before
 * it gave. Rejects with `config.password_refused` where the members have different passwords now; nothing is kept then.
 */
export async function makeRecord(deps: MakeDeps, look: Before, making: Making): Promise<PasswordRecord> {
  const { store, now } = deps;
  const { clusterId, chosen, replaced } = making;
  const earlier = passwordsGiven(replaced);
  const mayDiffer = replaced !== null && !replaced.ended;
  const all = await Promise.all(
    chosen.map(async (one) => {
      const given = earlier.find(({ id }) => id === one.account.id);
      const kept = given === undefined ? null : await store.secret(clusterId, given.next);
      const known = [...(await deps.knownPasswords(clusterId, one.account)), ...(kept === null ? [] : [kept])];
      return { ...one, former: await formerPassword(look, one.account, { known, mayDiffer }) };
    }),
  );
  const accounts: PasswordRecord['accounts'] = [];
  for (const { account, password, former } of all) {
    const { id, username } = account;
    const before: FormerState = { verifier: verifierOf(look, account), listed: listedBefore(look, account) };
    accounts.push({
      id,
      username,
      next: await store.keep(clusterId, `New password of ${username}`, password),
      former: former === null ? null : await store.keep(clusterId, `Former password of ${username}`, former),
      before: await store.keep(clusterId, `Former state of ${username}`, JSON.stringify(before)),
    });
  }
  return {
    ...{ version: 1, startedAt: now(), accounts, way: 'forward', begun: false, reloaded: [], ended: false, earlier },
    replaced: replacedBy(replaced),
  };
}

function verifierOf({ roles }: Before, { id, username }: PasswordAccount): string {
  return id === 'rest' ? '' : (roles.find(({ name }) => name === username)?.verifier ?? '');
}

function listedBefore({ poolers }: Before, { username }: PasswordAccount): Readonly<Record<string, string>> {
  const held = poolers.flatMap(({ list }) => {
    const value = listedPassword(list.text, username);
    return value === null ? [] : [[list.server, value] as const];
  });
  return Object.fromEntries(held);
}

/**
 * The password that all members have now; where no file has one, the one that the app keeps, since it must be kept
 * again on the way back. Throws `config.password_refused` where the members differ: the way back would not be the way it was.
 */
async function formerPassword(
  look: Before,
  account: PasswordAccount,
  { known, mayDiffer }: { readonly known: readonly string[]; readonly mayDiffer: boolean },
): Promise<string | null> {
  const values = [...new Set(passwordsInFiles(look, account))];
  if (values.length > 1 && !mayDiffer)
    throw appError('config.password_refused', `The members have different passwords of ${account.username} now.`, {
      target: account.username,
      hint: 'One of them is wrong already. Give all members the same one first; nothing was changed.',
    });
  const candidates = values.length > 0 ? values : known;
  return (await matchingPassword(candidates, verifierOf(look, account))) ?? candidates[0] ?? null;
}

function passwordsInFiles(look: Before, account: PasswordAccount): readonly string[] {
  return look.configs.flatMap(({ member, files }) =>
    account.places
      .filter((place) => place.member === member)
      .flatMap(({ path, keys }) => {
        const file = files.find((one) => one.path === path);
        return keys.flatMap((key) => passwordAt(file?.config, key.split('.')) ?? []);
      }),
  );
}

/** The one of these passwords that PostgreSQL lets in; null where none is. */
async function matchingPassword(passwords: readonly string[], verifier: string): Promise<string | null> {
  for (const password of passwords) if (await matchesVerifier(password, verifier)) return password;
  return null;
}
