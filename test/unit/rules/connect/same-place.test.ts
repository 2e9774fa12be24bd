import { describe, expect, it } from 'vitest';
import type { Server } from '../../../../shared/model/connect/server';
import { serverAt, standTogether } from '../../../../shared/rules/connect/same-place';

const server = (id: string, host: string, change: Partial<Server> = {}): Server => ({
  id,
  name: id,
  host,
  port: 22,
  user: 'dba',
  auth: { kind: 'agent' },
  sudo: { kind: 'none' },
  jump: [],
  tags: [],
  ...change,
});

describe('an address that two sites use', () => {
  const asked = server('b1', '10.0.0.1', { jump: ['site-b'] });

  it('is another server behind another jump host', () => {
    expect(serverAt([server('a2', '10.0.0.2', { jump: ['site-a'] })], asked, '10.0.0.2')).toBeUndefined();
    expect(serverAt([server('d2', '10.0.0.2')], asked, '10.0.0.2')).toBeUndefined();
  });
  it('is the known server behind the same jump host, however that one is reached', () => {
    const known = server('b2', '10.0.0.2', { jump: ['outer', 'site-b'] });
    expect(serverAt([server('a2', '10.0.0.2', { jump: ['site-a'] }), known], asked, '10.0.0.2')).toBe(known);
  });
  it('is the known server when both are reached directly', () => {
    expect(standTogether(server('x', '192.0.2.1'), server('y', '192.0.2.2'))).toBe(true);
  });
  it('is not taken for known when an alias of ~/.ssh/config may lead through a jump host of its own', () => {
    expect(standTogether(server('x', '10.0.0.2', { sshConfigHost: 'db2' }), server('y', '10.0.0.1'))).toBe(false);
  });
});
