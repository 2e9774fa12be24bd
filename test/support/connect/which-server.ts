import type { Server } from '../../../shared/model/connect/server';

/** An inventory with two sites whose private addresses are the same, each behind a jump host of its own. */
export const twoSites: readonly Server[] = [
  inventoryServer('gate-a', 'gate-a.example.net'),
  inventoryServer('gate-b', 'gate-b.example.net', { port: 2222 }),
  inventoryServer('a1', '10.0.0.1', { jump: ['gate-a'] }),
  inventoryServer('b1', '10.0.0.1', { jump: ['gate-b'] }),
  inventoryServer('here', '10.0.0.1'),
  inventoryServer('a1-root', '10.0.0.1', { user: 'root', jump: ['gate-a'] }),
  inventoryServer('a1-other-port', '10.0.0.1', { port: 2200, jump: ['gate-a'] }),
  inventoryServer('inner-a', '192.168.0.1', { jump: ['gate-a'] }),
  inventoryServer('inner-b', '192.168.0.1', { jump: ['gate-b'] }),
  inventoryServer('deep-a', '172.16.0.1', { jump: ['inner-a'] }),
  inventoryServer('deep-b', '172.16.0.1', { jump: ['inner-b'] }),
  inventoryServer('six', 'FD00:0::1', { jump: ['gate-a'] }),
  inventoryServer('international', 'xn--bcher-kva.example'),
  inventoryServer('capital', 'DB9.example.net'),
  inventoryServer('alias', '10.9.9.9', { sshConfigHost: 'db9' }),
];

/** What is asked for, with the jump hosts as a cluster file writes them and as the page knows them, and which server it is. */
export interface WhichServer {
  readonly what: string;
  readonly user: string;
  readonly host: string;
  readonly port: number;
  readonly jump: readonly string[];
  readonly jumpIds: readonly string[];
  readonly found: string | null;
}

const [gateA, gateB] = ['dba@gate-a.example.net', 'dba@gate-b.example.net:2222'];

/** The questions that every asker must answer alike. */
export const whichServer: readonly WhichServer[] = [
  asked('the address behind the gate of site A', {}, [gateA], ['gate-a'], 'a1'),
  asked('the address behind the gate of site B', {}, [gateB], ['gate-b'], 'b1'),
  asked('the address without a jump host', {}, [], [], 'here'),
  asked('the login of another user there', { user: 'root' }, [gateA], ['gate-a'], 'a1-root'),
  asked('another port there', { port: 2200 }, [gateA], ['gate-a'], 'a1-other-port'),
  asked('a user that nobody entered', { user: 'nobody' }, [gateA], ['gate-a'], null),
  asked('a port that nobody entered', { port: 23 }, [gateB], ['gate-b'], null),
  asked(
    'a server behind two jump hosts of site A',
    { host: '172.16.0.1' },
    [gateA, 'dba@192.168.0.1'],
    ['inner-a'],
    'deep-a',
  ),
  asked(
    'a server behind two jump hosts of site B',
    { host: '172.16.0.1' },
    [gateB, 'dba@192.168.0.1'],
    ['inner-b'],
    'deep-b',
  ),
  asked('a server behind half of its jump hosts', { host: '172.16.0.1' }, [gateA], ['gate-a'], null),
  asked('an IPv6 address in another spelling', { host: 'fd00::0001' }, [gateA], ['gate-a'], 'six'),
  asked('an international name', { host: 'Bücher.example' }, [], [], 'international'),
  asked('a name in other letters', { host: 'db9.Example.net.' }, [], [], 'capital'),
  asked('an address that only an alias of ~/.ssh/config has', { host: '10.9.9.9' }, [], [], null),
];

function asked(
  what: string,
  change: Partial<Pick<WhichServer, 'user' | 'host' | 'port'>>,
  jump: readonly string[],
  jumpIds: readonly string[],
  found: string | null,
): WhichServer {
  return { what, user: 'dba', host: '10.0.0.1', port: 22, ...change, jump, jumpIds, found };
}

/** A server of the inventory that logs in as `dba`; its name is its id. */
export function inventoryServer(id: string, host: string, change: Partial<Server> = {}): Server {
  return {
    id,
    name: id,
    host,
    port: 22,
    user: 'dba',
    auth: { kind: 'agent' },
    sudo: { kind: 'passwordless' },
    jump: [],
    tags: [],
    ...change,
  };
}
