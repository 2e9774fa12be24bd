import { describe, expect, it } from 'vitest';
import type { Server } from '../../../../shared/model/connect/server';
import { jumpChain } from '../../../../shared/rules/connect/jump-chain';
import { inventoryServer } from '../../../support/connect/which-server';

describe('the jump chain of a server', () => {
  const make = (id: string, jump: string[]): Server => inventoryServer(id, '10.0.0.1', { jump });
  const find =
    (...servers: Server[]) =>
    (id: string) =>
      servers.find((server) => server.id === id);

  it('goes through the hops in the order they are listed', () => {
    const db = make('db', ['a', 'b']);
    expect(jumpChain(db, find(make('a', []), make('b', []))).map((hop) => hop.id)).toEqual(['a', 'b']);
  });

  it('reaches the outermost hop by the route of its own entry', () => {
    const db = make('db', ['b']);
    expect(jumpChain(db, find(make('a', []), make('b', ['a']))).map((hop) => hop.id)).toEqual(['a', 'b']);
  });

  it.each([
    ['through itself', make('db', ['db']), [make('db', ['db'])]],
    ['through two that name each other', make('db', ['a']), [make('a', ['b']), make('b', ['a'])]],
  ])('%s is refused as a circle', (_what, db, hops) => {
    expect(() => jumpChain(db, find(...hops))).toThrow('circle');
  });

  it('through a hop that is not in the inventory is refused', () => {
    expect(() => jumpChain(make('db', ['gone']), find())).toThrow('gone');
  });
});
