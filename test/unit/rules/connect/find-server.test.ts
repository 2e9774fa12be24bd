import { describe, expect, it } from 'vitest';
import { findServer, haveSameRoute, requireServer } from '../../../../shared/rules/connect/find-server';
import { inventoryServer, twoSites } from '../../../support/connect/which-server';

const [gateA, gateB] = [
  inventoryServer('gate-a', 'gate-a.example.net'),
  inventoryServer('gate-b', 'gate-b.example.net'),
];

describe('a server named by a reference', () => {
  const reference = (text: string) => ({ by: 'reference', reference: text }) as const;

  it('is found by its id before another one that has this id as its name', () => {
    const servers = [inventoryServer('x', '10.0.0.1', { name: 'y' }), inventoryServer('y', '10.0.0.2')];
    expect(findServer(servers, reference('y'))?.id).toBe('y');
  });
  it('is found by its name', () => {
    expect(findServer([inventoryServer('x', '10.0.0.1', { name: 'db 1' })], reference('db 1'))?.id).toBe('x');
  });
  it('is never guessed when two servers have the name', () => {
    const servers = [
      inventoryServer('x', '10.0.0.1', { name: 'db1' }),
      inventoryServer('y', '10.0.0.2', { name: 'db1' }),
    ];
    expect(findServer(servers, reference('db1'))).toBeUndefined();
    expect(() => requireServer(servers, reference('db1'), 'n1')).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ code: 'deploy.server_ambiguous', target: 'n1' }) }),
    );
  });
  it('is refused with what to do when nobody has it', () => {
    expect(() => requireServer([], reference('db1'), 'n1')).toThrow(
      expect.objectContaining({
        data: expect.objectContaining({
          code: 'deploy.server_unknown',
          message: 'The inventory has no server called db1.',
          hint: expect.stringContaining('Servers'),
        }),
      }),
    );
  });
});

describe('a host that a member reports', () => {
  const seen = (
    servers: readonly ReturnType<typeof inventoryServer>[],
    host: string,
    seenFrom: ReturnType<typeof inventoryServer>,
  ) => findServer(servers, { by: 'host', host, seenFrom })?.id;
  const asked = inventoryServer('b1', '10.0.0.1', { jump: ['gate-b'] });

  it('is another machine behind another jump host', () => {
    expect(
      seen([gateA, gateB, asked, inventoryServer('a2', '10.0.0.2', { jump: ['gate-a'] })], '10.0.0.2', asked),
    ).toBeUndefined();
    expect(seen([gateA, gateB, asked, inventoryServer('d2', '10.0.0.2')], '10.0.0.2', asked)).toBeUndefined();
  });
  it('is the known server behind the same jump host, whatever leads to that', () => {
    const known = inventoryServer('b2', '10.0.0.2', { jump: ['outer', 'gate-b'] });
    expect(seen([asked, inventoryServer('a2', '10.0.0.2', { jump: ['gate-a'] }), known], '10.0.0.2', asked)).toBe('b2');
  });
  it('is the known server behind another entry of the same jump host', () => {
    const again = inventoryServer('gate-b-root', 'Gate-B.example.net', { user: 'root' });
    const known = inventoryServer('b2', '10.0.0.2', { jump: ['gate-b-root'] });
    expect(seen([gateB, again, asked, known], '10.0.0.2', asked)).toBe('b2');
  });
  it('is the server that is reached through the asked one, before one that only has the address', () => {
    const first = inventoryServer('first', '198.51.100.1');
    const behind = inventoryServer('behind', '10.0.0.2', { jump: ['first'] });
    expect(seen([first, inventoryServer('vpn', '10.0.0.2'), behind], '10.0.0.2', first)).toBe('behind');
  });
  it('is not guessed among servers behind several ports of one address', () => {
    const ports = [
      inventoryServer('x', '127.0.0.1', { port: 2201 }),
      inventoryServer('y', '127.0.0.1', { port: 2202 }),
    ];
    expect(seen(ports, '127.0.0.1', inventoryServer('z', '192.0.2.1'))).toBeUndefined();
    expect(seen(ports, '127.0.0.1', inventoryServer('z', '192.0.2.1', { port: 2202 }))).toBe('y');
  });
  it('is the entry of the user who was asked as, where there are several', () => {
    const entries = [inventoryServer('root', '10.0.0.2', { user: 'root' }), inventoryServer('dba', '10.0.0.2')];
    expect(seen(entries, '10.0.0.2', inventoryServer('z', '10.0.0.1'))).toBe('dba');
  });
});

describe('the route to a server', () => {
  it('is the same for two that are reached directly', () => {
    expect(haveSameRoute(inventoryServer('x', '192.0.2.1'), inventoryServer('y', '192.0.2.2'), [])).toBe(true);
  });
  it('is not known where an alias of ~/.ssh/config may lead through a jump host of its own', () => {
    expect(
      haveSameRoute(inventoryServer('x', '10.0.0.2', { sshConfigHost: 'db2' }), inventoryServer('y', '10.0.0.1'), []),
    ).toBe(false);
  });
  it('through a private jump host is another one at the other site', () => {
    const [deepA, deepB] = ['deep-a', 'deep-b'].map(
      (id) => twoSites.find((one) => one.id === id) ?? inventoryServer(id, ''),
    );
    expect(deepA && deepB && haveSameRoute(deepA, deepB, twoSites)).toBe(false);
  });
  it('in a circle is like no other', () => {
    const circle = [
      inventoryServer('x', '10.0.0.1', { jump: ['y'] }),
      inventoryServer('y', '10.0.0.2', { jump: ['x'] }),
    ];
    expect(
      findServer(circle, { by: 'address', address: { user: 'dba', host: '10.0.0.1', port: 22, jump: [] } }),
    ).toBeUndefined();
  });
});
