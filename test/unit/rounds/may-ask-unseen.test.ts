import { expect, it } from 'vitest';
import { mayAskUnseen, mayReachUnseen } from '../../../electron/core/rounds/may-ask-unseen';
import type { RemotePool } from '../../../electron/core/ssh/remote';
import type { Server, SshState, SudoMode } from '../../../shared/model/connect/server';

const server = (sudo: SudoMode): Server => ({
  id: 's1',
  name: 'db1',
  host: '10.0.0.1',
  port: 22,
  user: 'admin',
  auth: { kind: 'agent' },
  sudo,
  jump: [],
  tags: [],
});
const refuse = (): never => {
  throw new Error('not asked for');
};
const inventoryOf = (sudo: SudoMode | null) => ({ server: () => (sudo === null ? undefined : server(sudo)) });
const poolOf = (state: SshState): RemotePool => ({
  remote: (serverId) => ({
    serverId,
    name: 'db1',
    run: refuse,
    script: refuse,
    writeFile: refuse,
    uploadFile: refuse,
    readFile: refuse,
    dial: refuse,
    shell: refuse,
    listen: refuse,
    connect: refuse,
    state: () => state,
    onState: refuse,
  }),
  drop: refuse,
  close: refuse,
});
const mayAsk = (sudo: SudoMode | null, state: SshState): boolean =>
  mayAskUnseen(inventoryOf(sudo), poolOf(state), 's1');
const connected: SshState = { kind: 'connected', since: 0 };

it.each<[string, SudoMode | null, SshState, boolean]>([
  ['is asked while it is connected', { kind: 'passwordless' }, connected, true],
  ['is asked where the password of sudo is kept', { kind: 'password', passwordSecret: 'x' }, connected, true],
  ['is left alone where the password of sudo would be asked of the user', { kind: 'password' }, connected, false],
  ['is left alone before anybody connected to it', { kind: 'passwordless' }, { kind: 'idle' }, false],
  [
    'is left alone while its connection waits for an answer',
    { kind: 'passwordless' },
    { kind: 'waiting_for_answer', since: 0, question: '' },
    false,
  ],
  ['is left alone when it is not in the inventory any more', null, connected, false],
])('a server %s, when nobody looks', (_name, sudo, state, expected) => {
  expect(mayAsk(sudo, state)).toBe(expected);
});

const lost = (retryAt: number | null): SshState => ({
  kind: 'lost',
  since: 10_000,
  retryAt,
  error: { code: 'ssh.unreachable', message: 'no answer', retryable: retryAt !== null },
});

it.each<[string, SudoMode, SshState, number, boolean]>([
  ['is reached while it is connected', { kind: 'passwordless' }, connected, 0, true],
  ['is connected to first', { kind: 'passwordless' }, { kind: 'idle' }, 0, true],
  ['is tried again two minutes after it was lost', { kind: 'passwordless' }, lost(11_000), 130_000, true],
  ['is not tried again earlier, however soon it could be', { kind: 'passwordless' }, lost(11_000), 129_999, false],
  ['is not tried before its own time to retry', { kind: 'passwordless' }, lost(200_000), 199_999, false],
  ['is not tried again where only the user can mend it', { kind: 'passwordless' }, lost(null), 9_000_000, false],
  ['is not tried again where the user would be asked', { kind: 'password' }, lost(11_000), 130_000, false],
  [
    'is left alone while a connection is being made',
    { kind: 'passwordless' },
    { kind: 'connecting', since: 0, attempt: 1 },
    130_000,
    false,
  ],
])('a server that only a load balancer is on %s', (_name, sudo, state, now, expected) => {
  expect(mayReachUnseen(inventoryOf(sudo), poolOf(state), 's1', now)).toBe(expected);
});
