import { describe, expect, it } from 'vitest';
import { sessionEndSql, type SessionName } from '../../../../shared/rules/postgres/session-end';

const name: SessionName = {
  pid: 4711,
  backendStart: '2026-01-01 08:00:00.5+00',
  queryStart: '2026-01-01 09:00:02+00',
  transactionStart: '2026-01-01 09:00:01+00',
};

describe('the SQL that ends a session', () => {
  it('cancels only the statement that was shown', () => {
    expect(sessionEndSql('cancel', name)).toBe(
      `SELECT pg_cancel_backend(pid) AS done FROM pg_stat_activity WHERE pid = 4711 ` +
        `AND backend_start = '2026-01-01 08:00:00.5+00' AND query_start = '2026-01-01 09:00:02+00'`,
    );
  });

  it.each([
    ['the transaction that was shown', name, `xact_start = '2026-01-01 09:00:01+00'`],
    [
      'a client that has done nothing since, where there was no transaction',
      { ...name, transactionStart: null },
      `query_start = '2026-01-01 09:00:02+00'`,
    ],
    [
      'a client that has asked nothing yet',
      { ...name, transactionStart: null, queryStart: null },
      'query_start IS NULL',
    ],
  ])('terminates only %s, and a process that serves no client whatever it does', (_what, one, condition) => {
    expect(sessionEndSql('terminate', one)).toContain(
      `AND backend_start = '2026-01-01 08:00:00.5+00' AND (backend_type <> 'client backend' OR ${condition})`,
    );
  });
});
