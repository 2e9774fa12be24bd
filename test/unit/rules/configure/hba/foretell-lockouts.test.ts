import { describe, expect, it } from 'vitest';
import type { ConnectedClient } from '../../../../../shared/model/configure/parameter';
import { foretellLockouts, type HbaMember } from '../../../../../shared/rules/configure/hba/foretell-lockouts';

const client = (change: Partial<ConnectedClient>): ConnectedClient => ({
  user: 'app',
  database: 'shop',
  address: '10.0.8.21',
  tls: true,
  replication: false,
  application: 'orders-api',
  sessions: 4,
  ...change,
});
const standby = client({
  user: 'standby',
  database: null,
  address: '10.0.0.12',
  replication: true,
  application: 'db2',
  sessions: 1,
});
const patroni = client({
  user: 'postgres',
  database: 'postgres',
  address: null,
  tls: false,
  application: 'Patroni',
  sessions: 1,
});
const members: readonly HbaMember[] = [
  {
    name: 'db1',
    address: '10.0.0.11',
    said: {
      version: 170_005,
      memberships: { app: ['writers'], standby: [], postgres: [], rewind_user: [] },
      clients: [client({}), client({ tls: false, sessions: 2 }), standby, patroni],
    },
  },
  { name: 'db2', address: '10.0.0.12', said: null },
];
const SAFE = ['local all all peer', 'host replication standby 10.0.0.0/24 md5', 'host all all 10.0.0.0/8 md5'];
const who = (lines: readonly string[], rewinds = true): readonly string[] =>
  foretellLockouts(lines, members, rewinds).refused.map(
    ({ user, address, tls, sessions, expected, verdict }) =>
      `${user} ${address ?? 'socket'}${expected ? ' expected' : ` ${tls ? 'tls' : 'clear'} ${sessions}`} by ${verdict.line ?? 'none'}`,
  );

describe('who is locked out by rules is said before they are applied', () => {
  it('nobody, where all who are connected would get in again', () => {
    expect(foretellLockouts(SAFE, members, true)).toMatchObject({ refused: [], notKnown: [], sessions: 8 });
  });

  it('the application, with the rule that refuses it', () => {
    expect(who(['host all app all reject', ...SAFE])).toEqual([
      'app 10.0.8.21 tls 4 by 0',
      'app 10.0.8.21 clear 2 by 0',
    ]);
  });

  it('only the sessions without TLS, where the rule is for TLS', () => {
    expect(who([...SAFE.slice(0, 2), 'hostssl all all 10.0.0.0/8 md5'])).toEqual(['app 10.0.8.21 clear 2 by none']);
  });

  it('Patroni itself over the socket', () => {
    expect(who(['local all app peer', ...SAFE.slice(1)])).toEqual(['postgres socket clear 1 by none']);
  });

  it('a standby that follows now, and one that would have to follow after a failover', () => {
    expect(who([SAFE[0] ?? '', 'host replication standby 10.0.0.12/32 md5', SAFE[2] ?? ''])).toEqual([
      'standby 10.0.0.11 expected by none',
    ]);
    expect(who([SAFE[0] ?? '', 'host replication other all md5', SAFE[2] ?? ''])).toContain(
      'standby 10.0.0.12 tls 1 by none',
    );
  });

  it('the rewind of a former leader, where the cluster uses it', () => {
    const lines = [...SAFE.slice(0, 2), 'host shop app all md5'];
    expect(who(lines)).toEqual(['rewind_user 10.0.0.12 expected by none', 'rewind_user 10.0.0.11 expected by none']);
    expect(who(lines, false)).toEqual([]);
  });

  it('a role is asked for its memberships; what depends on a file is left open', () => {
    expect(who(['host all +writers 10.0.8.0/24 reject', ...SAFE])).toHaveLength(2);
    const { refused, notKnown } = foretellLockouts(['host all @users all reject', ...SAFE], members, false);
    expect(refused).toEqual([]);
    expect(notKnown.length).toBeGreaterThan(0);
  });
});
