import type { ClusterState } from '../../model/cluster/cluster-state';
import type { Member } from '../../model/cluster/member';
import type { PasswordAccount, PasswordUse } from '../../model/passwords/password-account';
import { clusterName } from '../citus/citus-names';
import { shellWord } from '../words/shell-words';
import { namesInWords } from '../words/wording';

const USE_WORDS: Readonly<Record<PasswordUse, string>> = {
  superuser: "Patroni's superuser",
  replication: 'replication',
  rewind: 'pg_rewind',
  rest: 'the REST API',
  pooler: "PgBouncer's look-ups",
  application: 'applications',
};

/** What an account is for, e.g. "Patroni's superuser and pg_rewind". */
export function usesInWords(uses: readonly PasswordUse[]): string {
  return namesInWords(uses.map((use) => USE_WORDS[use]));
}

/** What the job is called. */
export function passwordTitle(usernames: readonly string[], way: 'forward' | 'back'): string {
  const names = namesInWords(usernames);
  return way === 'forward' ? `Change passwords of ${names}` : `Put back the former passwords of ${names}`;
}

/** What must be typed before passwords are changed: the name of a production cluster. Null: one click is enough. */
export function typeForPasswords(state: Pick<ClusterState, 'production' | 'title' | 'citusGroup'>): string | null {
  return state.production ? clusterName(state) : null;
}

/** What decides whether passwords can be changed now. */
type Changeable = Pick<ClusterState, 'readOnly' | 'members' | 'leader' | 'config'>;

/**
 * Why the passwords of a cluster cannot be changed now; null where they can. A member that is not well may come back with the former
 * ones and be locked out, so that all of them must be well.
 */
export function whyNotPasswords(state: Changeable): string | null {
  const why = whyNotFinish(state);
  if (why !== null) return why;
  const odd = state.members.filter((member) => !isWell(member)).map(({ name }) => name);
  return odd.length === 0
    ? null
    : `${namesInWords(odd)} ${odd.length === 1 ? 'is' : 'are'} not well: what comes back with a former password is locked out.`;
}

/**
 * Why a change that was broken off can neither go on nor be taken back now; null where it can. A member that is not well does not keep
 * it from that: what was broken off may be the reason.
 */
export function whyNotFinish(state: Changeable): string | null {
  if (state.readOnly) return 'This cluster is set to read-only in this app. Change that under Cluster settings first.';
  if (state.config?.standbyCluster === true)
    return 'This is a standby cluster: its roles come from the other cluster. Change them there.';
  if (state.members.length === 0) return 'No member of this cluster is known yet.';
  if (!state.members.some(({ name }) => name === state.leader.holder))
    return 'The cluster has no leader now, so that PostgreSQL takes no new password.';
  const away = state.members.filter(({ serverId }) => serverId === null).map(({ name }) => name);
  return away.length === 0
    ? null
    : `${namesInWords(away)} ${away.length === 1 ? 'is' : 'are'} reached without SSH: the file there cannot be changed.`;
}

/**
 * Why accounts cannot be changed, or brought to an end, while the lists of PgBouncer on these servers cannot be read; null where they
 * can. A role that stands in such a list would be locked out there. The REST API's password never does.
 */
export function whyNotUnread(accounts: readonly { readonly id: string }[], unread: readonly string[]): string | null {
  if (unread.length === 0 || accounts.every(({ id }) => id === 'rest')) return null;
  const lists = unread.length === 1 ? 'the list of PgBouncer' : 'the lists of PgBouncer';
  return `It may stand in ${lists} on ${namesInWords(unread)}, which could not be read, and would be locked out there.`;
}

/** Whether a member replays what the leader writes, or leads. */
export function isWell({ condition }: Pick<Member, 'condition'>): boolean {
  return condition === 'healthy' || condition === 'lagging';
}

/** Why a password cannot be used; null where it can. A line end would be read as something else in the files it goes into. */
export function whyNotPassword(password: string): string | null {
  if (password.length < 8) return 'A password has at least 8 characters.';
  if (password.length > 256) return 'A password has at most 256 characters.';
  return /^[\x20-\x7e]+$/.test(password) && password.trim() === password
    ? null
    : 'Use printable ASCII characters, and no blank at an end: others are read differently by different programs.';
}

/** What happens, in order, with the reason for it. */
export function passwordOrder(accounts: readonly PasswordAccount[]): readonly string[] {
  const roles = accounts.filter(({ id }) => id !== 'rest');
  const files = accounts.some(({ places }) => places.some(({ member }) => member !== null));
  const lists = accounts.some(({ places }) => places.some(({ member }) => member === null));
  return [
    'The vault gets the new passwords first, and keeps the former ones until the next change.',
    ...(files
      ? [
          'Patroni validates the new text of every file on its server. Nothing is changed before all are found right.',
          'The files are put in place, the former texts kept beside them. Patroni goes on with what it has read before.',
        ]
      : []),
    ...(roles.length > 0
      ? [
          'PostgreSQL gets all new passwords in one transaction, as verifiers made on this computer: no log has a password. ' +
            'Connections that are open stay open.',
          ...(lists ? ["PgBouncer's list was written before, and is read again at once."] : []),
          files
            ? 'Each member is asked until it has replayed them, and only then told to reload: none reloads what its own ' +
              'PostgreSQL does not know yet.'
            : 'Each member is asked until it has replayed them.',
        ]
      : []),
    ...(files
      ? ['Patroni reloads on replicas first and on the leader last, each within one round of its HA loop.']
      : []),
    'Matriarch itself uses the new passwords, and looks whether every member is well.',
  ];
}

/** What the user should know beforehand. */
export function passwordConsequences(
  accounts: readonly PasswordAccount[],
  loopWait: number,
  vault: 'kept' | 'session' = 'kept',
): readonly string[] {
  const uses = new Set(accounts.flatMap((account) => account.uses));
  const system = uses.has('superuser') || uses.has('replication') || uses.has('rewind');
  return [
    ...(vault === 'session'
      ? [
          'The vault lasts for this session only. A change that is broken off cannot be continued or taken back once the app ' +
            'was started again.',
        ]
      : []),
    ...(system
      ? [
          'PostgreSQL keeps one password for a role. Until a member has reloaded, at most ' +
            `${loopWait} s later, its Patroni cannot open a new connection; those that are open go on, and replication with them. ` +
            'A connection that breaks just then is made again after the reload.',
        ]
      : []),
    ...(uses.has('rest')
      ? [
          'Each member checks the password of its REST API itself. While they reload, patronictl may be refused for some ' +
            'seconds where a member has not read the new one; health checks need none.',
        ]
      : []),
    ...(uses.has('application')
      ? [
          'For applications this is an instant change: open connections stay, and every new one needs the new password from then ' +
            'on, through PgBouncer too. To have no refused login, make a second role first (below), move the applications, and ' +
            'change or drop the first one afterwards.',
        ]
      : []),
  ];
}

/** What follows when a change goes on, or is taken back. */
export function finishConsequences(way: 'forward' | 'back'): readonly string[] {
  return [
    way === 'back'
      ? 'Applications and programs that use the new passwords already are locked out at once: every new connection needs ' +
        'the former ones again.'
      : 'Applications and programs that still use the former passwords are locked out at once: every new connection needs ' +
        'the new ones.',
    'Connections that are open stay open.',
    'Files, roles and lists are brought to the same passwords on every member, and Patroni reloads.',
    ...(way === 'back'
      ? ['The app forgets the new passwords of this change once every member has the former ones.']
      : []),
  ];
}

/** Statements that make a role beside another one, which does all it does under the same name: two passwords work at once. */
export function secondRoleSql(username: string): readonly string[] {
  const second = `${username}_2`;
  return [
    `CREATE ROLE ${quoted(second)} LOGIN IN ROLE ${quoted(username)};`,
    `ALTER ROLE ${quoted(second)} SET role = ${quoted(username)};`,
    `\\password ${quoted(second)}`,
  ];
}

/** A role as SQL and psql read it, whatever is in its name. */
function quoted(role: string): string {
  return `"${role.replaceAll('"', '""')}"`;
}

/** The commands that do the same, without a password in them. */
export function passwordCommands(
  accounts: readonly PasswordAccount[],
  { scope, configPath }: { readonly scope: string; readonly configPath: string },
): string {
  const places = accounts.flatMap((account) => account.places);
  const files = [...new Set(places.map(({ server, path }) => `# on ${server}: sudoedit ${shellWord(path)}`))];
  const roles = accounts.filter(({ id }) => id !== 'rest').map(({ username }) => `\\password ${quoted(username)}`);
  const lists = [...new Set(places.filter(({ member }) => member === null).map(({ server }) => server))];
  return [
    ...files,
    ...(roles.length === 0 ? [] : ['sudo -u postgres psql', ...roles]),
    ...lists.map((server) => `sudo systemctl reload pgbouncer # on ${server}`),
    ...(places.some(({ member }) => member !== null)
      ? [`patronictl -c ${shellWord(configPath)} reload ${shellWord(scope)} --force`]
      : []),
  ].join('\n');
}
