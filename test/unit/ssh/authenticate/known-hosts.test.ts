import { createHmac } from 'node:crypto';
import { chmod, mkdtemp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHostKeys } from '../../../../electron/core/ssh/authenticate/host-keys';
import {
  indexKnownHosts,
  judgeHostKey,
  knownHostName,
  knownKeyTypes,
  parseKnownHosts,
} from '../../../../electron/core/ssh/authenticate/known-hosts';
import { makeKey, parsedKey } from '../../../support/ssh/ssh-server';

const KEY = 'AAAAkey1';
const OTHER = 'AAAAkey2';

function hashed(name: string): string {
  const salt = Buffer.from('0123456789abcdefghij');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

describe('a line of known_hosts', () => {
  const cases: readonly (readonly [string, string, string, number, string])[] = [
    ['names the host', `db1 ssh-ed25519 ${KEY}`, 'db1', 22, 'known'],
    ['names the host in other letters', `DB1 ssh-ed25519 ${KEY}`, 'db1', 22, 'known'],
    ['names one of several hosts', `a,db1,b ssh-ed25519 ${KEY}`, 'db1', 22, 'known'],
    ['with a comment at its end', `db1 ssh-ed25519 ${KEY} somebody@here`, 'db1', 22, 'known'],
    ['for port 22 says nothing about another port', `db1 ssh-ed25519 ${KEY}`, 'db1', 2222, 'unknown'],
    ['with a port is for that port', `[db1]:2222 ssh-ed25519 ${KEY}`, 'db1', 2222, 'known'],
    ['with a port is not for port 22', `[db1]:2222 ssh-ed25519 ${KEY}`, 'db1', 22, 'unknown'],
    ['is hashed', `${hashed('db1')} ssh-ed25519 ${KEY}`, 'db1', 22, 'known'],
    ['is hashed with a port', `${hashed('[db1]:2222')} ssh-ed25519 ${KEY}`, 'db1', 2222, 'known'],
    ['is hashed for another host', `${hashed('db2')} ssh-ed25519 ${KEY}`, 'db1', 22, 'unknown'],
    ['has a wildcard', `*.example ssh-ed25519 ${KEY}`, 'db1.example', 22, 'known'],
    ['has a wildcard for one letter', `db? ssh-ed25519 ${KEY}`, 'db1', 22, 'known'],
    ['takes a dot for a dot', `db.1 ssh-ed25519 ${KEY}`, 'dbx1', 22, 'unknown'],
    ['excludes the host', `*,!db1 ssh-ed25519 ${KEY}`, 'db1', 22, 'unknown'],
    ['has another key', `db1 ssh-ed25519 ${OTHER}`, 'db1', 22, 'changed'],
    ['has a key of another kind only', `db1 ssh-rsa ${OTHER}`, 'db1', 22, 'changed'],
    ['revokes the key', `@revoked db1 ssh-ed25519 ${KEY}`, 'db1', 22, 'revoked'],
    [
      'revokes the key, though another trusts it',
      `db1 ssh-ed25519 ${KEY}\n@revoked * ssh-ed25519 ${KEY}`,
      'db1',
      22,
      'revoked',
    ],
    ['revokes another key', `@revoked db1 ssh-ed25519 ${OTHER}`, 'db1', 22, 'unknown'],
    ['names a certificate authority', `@cert-authority *.example ssh-ed25519 ${KEY}`, 'db1.example', 22, 'unknown'],
    ['is garbage', `\u0000\u0001 ::: \n|1|x\n@strange db1 ssh-ed25519 ${KEY}\n db1`, 'db1', 22, 'unknown'],
    ['is a comment', `# db1 ssh-ed25519 ${KEY}`, 'db1', 22, 'unknown'],
    ['ends with CR LF', `db1 ssh-ed25519 ${KEY}\r\n`, 'db1', 22, 'known'],
    ['is an IPv6 address', `2001:db8::1 ssh-ed25519 ${KEY}`, '2001:db8::1', 22, 'known'],
  ];
  it.each(cases)('that %s', (_what, text, host, port, verdict) => {
    const [lines, name] = [parseKnownHosts(text), knownHostName(host, port)];
    expect(judgeHostKey(lines, name, KEY).kind).toBe(verdict);
    expect(judgeHostKey(indexKnownHosts(lines)(name), name, KEY).kind).toBe(verdict);
  });

  it('that knows two kinds of key for a host lets either pass', () => {
    const lines = parseKnownHosts(`db1 ssh-rsa ${OTHER}\ndb1 ssh-ed25519 ${KEY}`);
    expect(judgeHostKey(lines, knownHostName('db1', 22), KEY)).toEqual({ kind: 'known' });
    expect(knownKeyTypes(lines, 'db1')).toEqual(['ssh-rsa', 'ssh-ed25519']);
  });

  it('that contradicts the key is named by its number', () => {
    expect(judgeHostKey(parseKnownHosts(`\n# one\ndb1 ssh-ed25519 ${OTHER}`), knownHostName('db1', 22), KEY)).toEqual({
      kind: 'changed',
      line: 3,
      algorithm: 'ssh-ed25519',
    });
  });
});

describe("the app's own file of host keys", () => {
  let directory = '';
  const key = parsedKey(makeKey().public).getPublicSSH();
  const other = parsedKey(makeKey('rsa').public).getPublicSSH();
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'host-keys-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });
  const files = (): { userFiles: string[]; appFile: string } => ({
    userFiles: [join(directory, 'user')],
    appFile: join(directory, 'app', 'known_hosts'),
  });

  it('keeps what was trusted, readable by the user alone', async () => {
    const keys = createHostKeys(files());
    expect(await keys.check('db1', 2222, key)).toEqual({ kind: 'unknown', certAuthority: false });
    await keys.trust('db1', 2222, key);
    expect(await createHostKeys(files()).check('db1', 2222, key)).toEqual({ kind: 'known' });
    expect((await stat(files().appFile)).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'app'))).mode & 0o777).toBe(0o700);
  });

  it('loses no line when many are trusted at once', async () => {
    const keys = createHostKeys(files());
    await Promise.all(Array.from({ length: 20 }, (_, index) => keys.trust(`db${index}`, 22, key)));
    expect(parseKnownHosts(await readFile(files().appFile, 'utf8'))).toHaveLength(20);
  });

  it("is the only one written: the user's own file stays as it is", async () => {
    await writeFile(files().userFiles[0] ?? '', `db9 ssh-rsa ${other.toString('base64')}\n`);
    await createHostKeys(files()).trust('db1', 22, key);
    expect(await readFile(files().userFiles[0] ?? '', 'utf8')).toBe(`db9 ssh-rsa ${other.toString('base64')}\n`);
  });

  it('names the file and line that contradict a key', async () => {
    await writeFile(files().userFiles[0] ?? '', `db1 ssh-rsa ${other.toString('base64')}\n`);
    expect(await createHostKeys(files()).check('db1', 22, key)).toEqual({
      kind: 'changed',
      where: `${files().userFiles[0]}, line 1 (ssh-rsa)`,
    });
  });

  describe('behind jump hosts', () => {
    const gate = [{ host: 'gate-a', port: 22 }];
    const otherGate = [{ host: 'gate-b', port: 22 }];

    it('keeps the same address behind two of them apart, and from the same address without', async () => {
      const keys = createHostKeys(files());
      await keys.trust('10.0.0.5', 22, key, gate);
      expect(await keys.check('10.0.0.5', 22, key, gate)).toEqual({ kind: 'known' });
      expect((await keys.check('10.0.0.5', 22, other, otherGate)).kind).toBe('unknown');
      expect((await keys.check('10.0.0.5', 22, other)).kind).toBe('unknown');
      await keys.trust('10.0.0.5', 22, other, otherGate);
      expect(await keys.check('10.0.0.5', 22, other, otherGate)).toEqual({ kind: 'known' });
      expect((await keys.check('10.0.0.5', 22, other, gate)).kind).toBe('changed');
    });

    it('knows a server again whose jump host has an IPv6 address', async () => {
      const keys = createHostKeys(files());
      const ipv6 = [{ host: '2001:db8::a', port: 22 }];
      await keys.trust('10.0.0.5', 22, key, ipv6);
      expect(await keys.check('10.0.0.5', 22, key, ipv6)).toEqual({ kind: 'known' });
    });

    it('what ssh -J wrote under the bare address confirms a key, and only warns where it differs', async () => {
      await writeFile(files().userFiles[0] ?? '', `10.0.0.5 ssh-ed25519 ${key.toString('base64')}\n`);
      const keys = createHostKeys(files());
      expect(await keys.check('10.0.0.5', 22, key, gate)).toEqual({ kind: 'known' });
      expect(await keys.check('10.0.0.5', 22, other, gate)).toEqual({
        kind: 'unknown',
        certAuthority: false,
        elsewhere: `${files().userFiles[0]}, line 1 (ssh-ed25519)`,
      });
    });

    it('a revoked key is refused there too', async () => {
      await writeFile(files().userFiles[0] ?? '', `@revoked * ssh-ed25519 ${key.toString('base64')}\n`);
      const keys = createHostKeys(files());
      await keys.trust('10.0.0.5', 22, key, gate);
      expect((await keys.check('10.0.0.5', 22, key, gate)).kind).toBe('revoked');
    });
  });

  it('asks the server for the kind of key it is known with', async () => {
    const keys = createHostKeys(files());
    await keys.trust('db1', 22, other);
    expect((await keys.algorithms('db1', 22)).slice(0, 2)).toEqual(['rsa-sha2-512', 'rsa-sha2-256']);
    expect((await keys.algorithms('db2', 22))[0]).toBe('ssh-ed25519');
  });

  it('counts as it is now, whoever has changed it since', async () => {
    const keys = createHostKeys(files());
    const user = files().userFiles[0] ?? '';
    expect((await keys.check('db1', 22, key)).kind).toBe('unknown');
    await writeFile(user, `db1 ssh-ed25519 ${key.toString('base64')}\n`);
    expect((await keys.check('db1', 22, key)).kind).toBe('known');
    await writeFile(user, `@revoked db1 ssh-ed25519 ${key.toString('base64')}\n`);
    expect((await keys.check('db1', 22, key)).kind).toBe('revoked');
    await rm(user);
    expect((await keys.check('db1', 22, key)).kind).toBe('unknown');
  });

  it('that is a directory is an error and not an empty list', async () => {
    await mkdir(files().appFile, { recursive: true });
    await chmod(files().appFile, 0o700);
    await expect(createHostKeys(files()).check('db1', 22, key)).rejects.toMatchObject({
      data: { code: 'ssh.known_hosts_unreadable' },
    });
  });
});
