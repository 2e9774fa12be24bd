import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHostKeys, type HostKeys } from '../../electron/core/ssh/authenticate/host-keys';
import { isHost } from '../../shared/model/connect/host-port';
import { tempDirectory, type TempDirectory } from '../support/temp';

const key = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIMO7kL8yuSYqGTHqCyXI6F2sbkqz1kgvXVq1uqBv1Y4V', 'base64');

describe('trusting the host key of one server', () => {
  let temp: TempDirectory;
  let keys: HostKeys;

  beforeEach(async () => {
    temp = await tempDirectory();
    keys = createHostKeys({ userFiles: [], appFile: join(temp.path, 'known_hosts') });
  });
  afterEach(() => temp.remove());

  it.each([
    'db1,bank.example',
    '*.example',
    '*',
    'db?',
    '!db1',
    'db1 bank.example',
    'db1\nbank.example',
    '@cert-authority',
    '#db1',
    '|1|a|b',
  ])('trusts no other: the name %j is refused and nothing is written', async (host) => {
    await expect(keys.trust(host, 22, key)).rejects.toMatchObject({ data: { code: 'ssh.bad_address' } });
    await expect(readFile(join(temp.path, 'known_hosts'))).rejects.toThrow('ENOENT');
    expect(isHost(host)).toBe(false);
  });

  it.each(['db1', 'DB1.example', 'db_1', '10.0.0.1', 'fe80::1%eth0', '2001:db8::1', 'bücher.example'])(
    'is kept under the name %s',
    async (host) => {
      for (const port of [22, 2222]) {
        await keys.trust(host, port, key);
        expect(await keys.check(host, port, key)).toEqual({ kind: 'known' });
      }
      await keys.trust(host, 22, key, [{ host: 'jump', port: 22 }]);
      expect(await keys.check(host, 22, key, [{ host: 'jump', port: 22 }])).toEqual({ kind: 'known' });
      expect(isHost(host)).toBe(true);
    },
  );
});
