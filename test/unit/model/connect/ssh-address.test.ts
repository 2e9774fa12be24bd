import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../shared/model/app-error';
import {
  parseSshAddress,
  printSshAddress,
  readSshHop,
  sshAddressSchema,
} from '../../../../shared/model/connect/ssh-address';

const direct = (user: string, host: string, port = 22) => ({ user, host, port, jump: [] });

describe('an SSH address', () => {
  it.each([
    ['db1', direct('root', 'db1')],
    ['dba@db1', direct('dba', 'db1')],
    ['dba@db1:2222', direct('dba', 'db1', 2222)],
    ['ssh://dba@db1:2222', direct('dba', 'db1', 2222)],
    ['  dba@db1  ', direct('dba', 'db1')],
    ['dba@corp@db1', direct('dba@corp', 'db1')],
    ['dba@10.0.0.11', direct('dba', '10.0.0.11')],
    ['fd00::11', direct('root', 'fd00::11')],
    ['dba@fd00::11', direct('dba', 'fd00::11')],
    ['dba@[fd00::11]', direct('dba', 'fd00::11')],
    ['dba@[FD00:0::11]:2222', direct('dba', 'fd00::11', 2222)],
    ['dba@fe80::1%eth0', direct('dba', 'fe80::1%eth0')],
    ['DB1.Example.NET', direct('root', 'db1.example.net')],
    ['db1.example.net.', direct('root', 'db1.example.net')],
    ['dba@Bücher.example', direct('dba', 'xn--bcher-kva.example')],
    ['db_1', direct('root', 'db_1')],
  ])('%s is read', (text, address) => {
    expect(parseSshAddress(text, 'root')).toEqual(address);
    expect(sshAddressSchema.parse(address)).toEqual(address);
  });

  it('names its jump hosts in front, outermost first', () => {
    expect(parseSshAddress('me@gate:2200 -> [fd00::1] -> dba@10.0.0.2', 'root')).toEqual({
      ...direct('dba', '10.0.0.2'),
      jump: [
        { user: 'me', host: 'gate', port: 2200 },
        { user: 'root', host: 'fd00::1', port: 22 },
      ],
    });
  });

  it.each(['dba@db1', 'dba@db1:2222', 'dba@[fd00::11]:2222', 'me@gate -> dba@corp@[fd00::11] -> dba@10.0.0.2:23'])(
    '%s is printed as it was read',
    (text) => {
      expect(printSshAddress(parseSshAddress(text, 'root'))).toBe(text);
    },
  );

  it.each([
    ['', 'no host'],
    ['root@', 'no host'],
    ['@db1', '@'],
    ['root@@db1', '@'],
    ['a b', 'space'],
    ['db1:', 'port'],
    ['db1:0', 'port'],
    ['db1:70000', 'port'],
    ['db1:ssh', 'port'],
    ['db1:0x16', 'port'],
    ['[db1]', 'neither'],
    ['[fd00::1', 'neither'],
    ['fd00::1]', 'neither'],
    ['fd00::zz', 'no valid host'],
    ['1::2::3', 'no valid host'],
    ['10.0.0.300', 'no valid host'],
    ['-oProxyCommand=x', 'no valid host'],
    ['db1/x', 'no valid host'],
    ['a'.repeat(300), 'too long'],
    ['db1 -> ', 'no host'],
    [`${'u'.repeat(65)}@db1`, 'user name is too long'],
  ])('"%s" is refused with what is wrong and what to write', (text, why) => {
    const problem = errorOf(() => parseSshAddress(text, 'root'));
    expect(problem.code).toBe('ssh.bad_address');
    expect(problem.message).toContain(why);
    expect(problem.data.hint).toContain('user@host:port');
  });

  it.each(['root:hunter2@db1', 'ssh://root:hunter2@db1', 'root@corp:hunter2@db1', 'root:hunter2@db1:x'])(
    'a password written into it is refused and not repeated',
    (text) => {
      expect(errorOf(() => parseSshAddress(text, 'root')).message).not.toContain('hunter2');
    },
  );

  it('keeps a host as it is written where it may be an alias of ~/.ssh/config', () => {
    expect(readSshHop('Gate')).toEqual({ user: null, host: 'Gate', port: null });
  });
});

function errorOf(work: () => unknown): AppError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}
