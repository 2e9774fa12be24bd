import { describe, expect, it } from 'vitest';
import { FIELD } from '../../../electron/core/balancers/balancer-script';
import { readDatabases, readPools, readVersion, refusalIn } from '../../../electron/core/balancers/read-pgbouncer';

const table = (...rows: readonly (readonly string[])[]): string => `${rows.map((row) => row.join(FIELD)).join('\n')}\n`;

describe("PgBouncer's own view", () => {
  it.each([
    [
      '1.18',
      [
        'database',
        'user',
        'cl_active',
        'cl_waiting',
        'sv_active',
        'sv_idle',
        'sv_used',
        'maxwait',
        'maxwait_us',
        'pool_mode',
      ],
    ],
    [
      'another order of columns',
      [
        'pool_mode',
        'maxwait_us',
        'maxwait',
        'sv_used',
        'sv_idle',
        'sv_active',
        'cl_waiting',
        'cl_active',
        'user',
        'database',
      ],
    ],
  ])('of its pools is read by the names of the columns (%s)', (_version, names) => {
    const values: Readonly<Record<string, string>> = {
      database: 'app',
      user: 'web',
      cl_active: '7',
      cl_waiting: '2',
      sv_active: '3',
      sv_idle: '1',
      sv_used: '1',
      maxwait: '4',
      maxwait_us: '250000',
      pool_mode: 'transaction',
    };
    const own = names.map((name) => (name === 'database' ? 'pgbouncer' : (values[name] ?? '')));
    expect(
      readPools(
        table(
          names,
          names.map((name) => values[name] ?? ''),
          own,
        ),
      ),
    ).toEqual([
      {
        database: 'app',
        user: 'web',
        clientsActive: 7,
        clientsWaiting: 2,
        serversActive: 3,
        serversIdle: 2,
        longestWaitMs: 4250,
        mode: 'transaction',
      },
    ]);
  });

  it('of its databases has where each is sent, what is paused, and how much goes through', () => {
    const databases = table(
      ['name', 'host', 'port', 'paused', 'disabled'],
      ['app', '127.0.0.1', '5000', '1', '0'],
      ['local', '', '5432', '0', '1'],
      ['pgbouncer', '', '6432', '0', '0'],
    );
    const stats = table(['database', 'avg_xact_count', 'avg_xact_time'], ['app', '42', '3100']);
    expect(readDatabases(databases, stats)).toEqual([
      {
        name: 'app',
        target: '127.0.0.1:5000',
        paused: true,
        disabled: false,
        transactionsPerSecond: 42,
        transactionMicroseconds: 3100,
      },
      {
        name: 'local',
        target: null,
        paused: false,
        disabled: true,
        transactionsPerSecond: null,
        transactionMicroseconds: null,
      },
    ]);
  });

  it('is not known, and said why, where its console refuses', () => {
    const refused = 'psql: error: connection to server failed: FATAL:  not allowed\n';
    expect(readPools(refused)).toBeNull();
    expect(readDatabases(refused, refused)).toBeNull();
    expect(refusalIn(`\n${refused}`)).toContain('not allowed');
  });

  it.each([
    ['version\nPgBouncer 1.24.1\n', '1.24.1'],
    ['NOTICE:  PgBouncer 1.18.0', '1.18.0'],
    ['', null],
  ])('has its version in %j', (text, version) => {
    expect(readVersion(text)).toBe(version);
  });
});
