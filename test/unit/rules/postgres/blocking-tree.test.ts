import { describe, expect, it } from 'vitest';
import type { SessionReading } from '../../../../shared/model/postgres/activity';
import { blockingTree, type BlockingNode } from '../../../../shared/rules/postgres/blocking-tree';

const session = (pid: number, ...blockedBy: readonly number[]): SessionReading => ({
  pid,
  backendStart: '2026-01-01 00:00:00+00',
  queryStart: null,
  transactionStart: null,
  startedAt: 0,
  kind: 'client backend',
  leaderPid: null,
  user: 'app',
  database: 'app',
  application: '',
  client: null,
  state: 'active',
  waitType: null,
  waitEvent: null,
  queryMs: null,
  stateMs: null,
  transactionMs: null,
  query: '',
  queryLength: 0,
  queryId: null,
  blockedBy,
  waitsFor: null,
});

/** A tree as text: `1(2(3) 4)`, a cycle with a star. */
const shape = (nodes: readonly BlockingNode[]): string =>
  nodes
    .map(({ pid, waiting, cycle }) => `${pid}${cycle ? '*' : ''}${waiting.length > 0 ? `(${shape(waiting)})` : ''}`)
    .join(' ');

describe('the tree of who blocks whom', () => {
  it.each([
    ['nobody waits', [session(1), session(2)], ''],
    ['a chain', [session(1), session(2, 1), session(3, 2)], '1(2(3))'],
    ['most victims first', [session(1), session(2, 1), session(5), session(6, 5), session(7, 5)], '5(6 7) 1(2)'],
    ['two block one', [session(1), session(2), session(3, 1, 2)], '1(3) 2(3)'],
    ['a prepared transaction', [session(4, 0)], '0(4)'],
    ['a blocker that was not read', [session(4, 99)], '99(4)'],
    ['the same blocker told twice', [session(1), session(2, 1, 1)], '1(2)'],
    ['a deadlock that was not found yet', [session(8, 9), session(9, 8)], '8(9(8*))'],
    ['a session that waits for a deadlock', [session(8, 9), session(9, 8), session(7, 8)], '8(9(8*) 7)'],
    ['a session that blocks itself', [session(3, 3)], '3(3*)'],
    ['a deadlock beside a root', [session(1), session(2, 1), session(8, 9), session(9, 8)], '1(2) 8(9(8*))'],
  ])('shows %s', (_what, sessions, expected) => {
    expect(shape(blockingTree(sessions))).toBe(expected);
  });

  it('counts every session that waits in the end, each once', () => {
    const diamond = [session(1), session(2, 1), session(3, 1), session(4, 2, 3)];
    expect(blockingTree(diamond)[0]).toMatchObject({ pid: 1, victims: 3 });
  });

  it('is made of as many sessions in one chain as are read at once', () => {
    const chain = Array.from({ length: 500 }, (_, index) => session(index + 1, ...(index === 0 ? [] : [index])));
    expect(blockingTree(chain)[0]?.victims).toBe(499);
  });
});
