import { describe, expect, it } from 'vitest';
import { isOfFilter, type SessionFilter } from '../../../../shared/rules/postgres/session-filter';

const START = '2026-01-01 00:00:00+00';
const idle = { kind: 'client backend', state: 'idle', user: 'app', backendStart: START };
const active = { ...idle, state: 'active' };
const walsender = { ...idle, kind: 'walsender', state: 'active' };
const notTold = { kind: 'not told', state: null, user: 'app', backendStart: null };
const ownNotTold = { ...notTold, user: null };

describe('which processes are looked at', () => {
  it.each<[string, Parameters<typeof isOfFilter>[0], readonly SessionFilter[]]>([
    ['an idle client', idle, ['clients', 'all']],
    ['a client that works', active, ['clients', 'working', 'all']],
    ['a sender of WAL', walsender, ['working', 'all']],
    ['a session of another role of which nothing is told', notTold, ['clients', 'all']],
    [`a process of PostgreSQL's own of which nothing is told`, ownNotTold, ['all']],
  ])('%s is among the right ones', (_what, session, expected) => {
    const all: readonly SessionFilter[] = ['clients', 'working', 'all'];
    expect(all.filter((filter) => isOfFilter(session, filter))).toEqual(expected);
  });
});
