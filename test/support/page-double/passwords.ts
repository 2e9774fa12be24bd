import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import { appError } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { PasswordAccount } from '../../../shared/model/passwords/password-account';

/** The accounts of the double's cluster; one of them cannot be changed. */
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
  const refuse = (): never => {
    throw appError('config.password_refused', 'Nothing is changed here.', {});
  };
  return {
    accounts: os.accounts.handler(() => ({ accounts, refused: null, change: null })),
    change: os.change.handler(refuse),
    finish: os.finish.handler(refuse),
    reveal: os.reveal.handler(refuse),
  };
}
