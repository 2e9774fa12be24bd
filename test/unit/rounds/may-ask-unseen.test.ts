import { expect, it } from 'vitest';
import { mayAskUnseen } from '../../../electron/core/rounds/may-ask-unseen';
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
const mayAsk = (sudo: SudoMode | null, state: SshState): boolean =>
  mayAskUnseen(
    { server: () => (sudo === null ? undefined : server(sudo)) },
    {
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
    },
    's1',
  );
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
