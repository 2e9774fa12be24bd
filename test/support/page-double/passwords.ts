import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import { appError } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { PasswordAccount, PasswordChange } from '../../../shared/model/passwords/password-account';

/** The accounts of the double's cluster, one of which cannot be changed, and a change of others that was broken off. */
export function passwordsDouble(state: ClusterState) {
  const os = implement(contract).passwords;
  const inFiles = (section: string): PasswordAccount['places'] =>
    state.members.map(({ name }) => ({
      server: name,
      member: name,
      path: '/etc/patroni/config.yml',
      keys: [`${section}.password`],
    }));
  const accounts: readonly PasswordAccount[] = [
    {
      id: 'role:postgres',
      uses: ['superuser'],
      username: 'postgres',
      places: inFiles('postgresql.authentication.superuser'),
      refused: null,
    },
    {
      id: 'role:replicator',
      uses: ['replication'],
      username: 'replicator',
      places: [],
      refused: 'Patroni of orders-1 logs in without a password.',
    },
    { id: 'rest', uses: ['rest'], username: 'patroni', places: inFiles('restapi.authentication'), refused: null },
    { id: 'role:app', uses: ['application'], username: 'app', places: [], refused: null },
  ];
  const change: PasswordChange = {
    startedAt: state.at - 120_000,
    usernames: ['postgres', 'app'],
    accountIds: ['role:postgres', 'role:app'],
    earlier: [],
    way: 'forward',
    postgres: 'new',
    members: Object.fromEntries(
      state.members.map(({ name }, index) => [
        name,
        { files: index === 2 ? ('mixed' as const) : ('new' as const), reloaded: index === 1 },
      ]),
    ),
    poolers: { lb1: 'former' },
    ended: false,
    lost: false,
  };
  const refuse = (): never => {
    throw appError('config.password_refused', 'Nothing is changed here.', {});
  };
  return {
    accounts: os.accounts.handler(() => ({
      accounts,
      leftOut: [
        {
          server: 'lb2',
          sentence: '/etc/pgbouncer/userlist.txt on lb2 is not changed: PgBouncer there may serve ledger, too.',
        },
      ],
      unread: [],
      configPath: '/etc/patroni/orders.yml',
      refused: null,
      change,
    })),
    change: os.change.handler(refuse),
    finish: os.finish.handler(refuse),
    reveal: os.reveal.handler(refuse),
  };
}
