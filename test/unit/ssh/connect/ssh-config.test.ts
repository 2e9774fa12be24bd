import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { canonicalNameOf } from '../../../../electron/core/ssh/connect/canonical-name';
import { homeOfUser } from '../../../../electron/core/ssh/connect/home-of-user';
import { listAliases, lookUpHost, readSshConfig } from '../../../../electron/core/ssh/connect/ssh-config';

const HOME = '/home/dba';
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');
const NOTHING = { identityFiles: [], proxyJump: [], notes: [] };

describe('~/.ssh/config', () => {
  const cases: readonly (readonly [string, string, string, object])[] = [
    ['with nothing for the host', 'Host other\n  User x', 'db1', NOTHING],
    [
      'with all that is used',
      'Host db1\n HostName 10.0.0.1\n User admin\n Port 2222\n IdentityFile ~/.ssh/db\n ProxyJump jump@gate:2200',
      'db1',
      {
        ...NOTHING,
        hostName: '10.0.0.1',
        user: 'admin',
        port: 2222,
        identityFiles: [`${HOME}/.ssh/db`],
        proxyJump: [{ host: 'gate', user: 'jump', port: 2200 }],
      },
    ],
    [
      'with keywords in any letters and with =',
      'host db1\n hostname=10.0.0.1\n PORT = 2222',
      'db1',
      { ...NOTHING, hostName: '10.0.0.1', port: 2222 },
    ],
    [
      'whose first value counts',
      'Host db1\n User first\nHost *\n User second\n Port 22',
      'db1',
      { ...NOTHING, user: 'first', port: 22 },
    ],
    ['with wildcards and exclusions', 'Host db* !db2\n User admin', 'db1', { ...NOTHING, user: 'admin' }],
    ['with an exclusion that hits', 'Host db* !db2\n User admin', 'db2', NOTHING],
    [
      'with several jumps',
      'Host db1\n ProxyJump a,b@c:22',
      'db1',
      {
        ...NOTHING,
        proxyJump: [
          { host: 'a', user: null, port: null },
          { host: 'c', user: 'b', port: 22 },
        ],
      },
    ],
    ['with ProxyJump none', 'Host db1\n ProxyJump none', 'db1', NOTHING],
    [
      'with several key files',
      'Host db1\n IdentityFile /k/a\n IdentityFile /k/b',
      'db1',
      { ...NOTHING, identityFiles: ['/k/a', '/k/b'] },
    ],
    [
      'with tokens',
      'Host db1\n HostName %h.example\n IdentityFile %d/%n.key',
      'db1',
      { ...NOTHING, hostName: 'db1.example', identityFiles: [`${HOME}/db1.key`] },
    ],
    [
      'with every token that OpenSSH puts into a path',
      'Host db1\n HostName h\n User u\n Port 7\n HostKeyAlias k\n IdentityFile /%h-%n-%p-%r-%k-%%-%d',
      'db1',
      { ...NOTHING, hostName: 'h', hostKeyAlias: 'k', user: 'u', port: 7, identityFiles: [`/h-db1-7-u-k-%-${HOME}`] },
    ],
    [
      'with a variable of the environment in the path of a key',
      'Host db1\n IdentityFile ${MATRIARCH_KEYS}/id\n IdentityFile ${NOT_SET}/id',
      'db1',
      { ...NOTHING, identityFiles: ['/of/keys/id', '${NOT_SET}/id'] },
    ],
    [
      'with a jump host named after the host',
      'Host db1\n User u\n HostName db1.example\n ProxyJump %r@gate-%h:2200',
      'db1',
      {
        ...NOTHING,
        hostName: 'db1.example',
        user: 'u',
        proxyJump: [{ host: 'gate-db1.example', user: 'u', port: 2200 }],
      },
    ],
    [
      'with the hash of a connection in a path',
      'Host db1\n HostName h\n User u\n Port 7\n IdentityFile /%C',
      'db1',
      { ...NOTHING, hostName: 'h', user: 'u', port: 7, identityFiles: [`/${sha1(`${hostname()}h7u`)}`] },
    ],
    [
      'with the hash of a connection by a jump host, as since OpenSSH 9.6',
      'Host db1\n HostName h\n User u\n ProxyJump gate\n IdentityFile /%C',
      'db1',
      {
        ...NOTHING,
        hostName: 'h',
        user: 'u',
        identityFiles: [`/${sha1(`${hostname()}h22ugate`)}`],
        proxyJump: [{ host: 'gate', user: null, port: null }],
      },
    ],
    [
      "with a key in another user's home directory",
      'Host db1\n IdentityFile ~root/.ssh/id\n IdentityFile ~root',
      'db1',
      { ...NOTHING, identityFiles: [`${homeOfUser('root') ?? ''}/.ssh/id`, homeOfUser('root')] },
    ],
    [
      'with a key in the home directory of nobody who is known',
      'Host db1\n IdentityFile ~nobody-of-that-name/id',
      'db1',
      {
        ...NOTHING,
        identityFiles: ['~nobody-of-that-name/id'],
        notes: ["~nobody-of-that-name is not followed: this workstation's /etc/passwd has no such user."],
      },
    ],
    [
      'with a tag, and a block for it',
      'Host db1\n Tag work\nMatch tagged home,work*\n User u\nMatch tagged home\n Port 7',
      'db1',
      { ...NOTHING, user: 'u' },
    ],
    [
      'whose first tag counts',
      'Host db1\n Tag a\nHost *\n Tag b\nMatch tagged b\n Port 7\nMatch tagged=a !tagged b\n User u',
      'db1',
      { ...NOTHING, user: 'u' },
    ],
    [
      'without a tag, which no pattern matches',
      'Match tagged *\n User u\nMatch !tagged x\n Port 7',
      'db1',
      { ...NOTHING, port: 7 },
    ],
    [
      'with a block for what is not known here',
      'Match localnetwork 10.0.0.0/8\n User u\nMatch host other exec "true"\n User x\nMatch host db1 version *\n Port 7',
      'db1',
      {
        ...NOTHING,
        notes: [
          'A "Match localnetwork" is not understood; its block does not count.',
          'A "Match version" is not understood; its block does not count.',
        ],
      },
    ],
    [
      'with names that the DNS may change',
      'CanonicalizePermittedCNAMEs *:*.example.org',
      'db1',
      { ...NOTHING, notes: [expect.stringContaining('CanonicalizePermittedCNAMEs is not followed') as string] },
    ],
    ['with no key file at all', 'Host db1\n IdentityFile none', 'db1', { ...NOTHING, noIdentityFiles: true }],
    ['with a port that is none', 'Host db1\n Port 99999', 'db1', NOTHING],
  ];
  it.each(cases)('%s', (_what, text, alias, expected) => {
    vi.stubEnv('MATRIARCH_KEYS', '/of/keys');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    expect(lookUpHost(text, alias, HOME)).toEqual(expected);
  });

  it.each([
    ['ssh -W %h:%p gate', ['gate', null, null]],
    ['ssh -q -W %h:%p -p 2200 dba@gate 2>/dev/null', ['gate', 'dba', 2200]],
    ['exec /usr/bin/ssh -o ConnectTimeout=5 -l dba -W [%h]:%p gate', ['gate', 'dba', null]],
    ['ssh gate nc -q0 %h %p 2> /dev/null', ['gate', null, null]],
    ['ssh gate "nc %h %p"', ['gate', null, null]],
  ])('takes the ProxyCommand %s for the jump host that it stands for', (command, [host, user, port]) => {
    const found = lookUpHost(`Host db1\n ProxyCommand ${command}`, 'db1', HOME);
    expect(found).toMatchObject({ proxyJump: [{ host, user, port }], notes: [] });
  });

  it.each([
    'ssh -i /k/other -W %h:%p gate',
    'ssh -W other:22 gate',
    'ssh gate',
    'ssh gate sudo nc %h %p',
    'cloudflared access ssh --hostname %h',
    'ssh -F /other/config -W %h:%p gate',
    'ssh -o User=x -W %h:%p gate',
  ])('says that the ProxyCommand %s is not run', (command) => {
    const found = lookUpHost(`Host db1\n ProxyCommand ${command}`, 'db1', HOME);
    expect(found.proxyJump).toEqual([]);
    expect(found.notes).toHaveLength(1);
  });

  it('says that ProxyCommand is not run', () => {
    expect(lookUpHost('Host db1\n ProxyCommand nc %h %p', 'db1', HOME).notes).toHaveLength(1);
  });

  it('never runs a command of Match exec', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ssh-config-'));
    const trace = join(directory, 'ran');
    lookUpHost(`Match exec "touch ${trace}"\n  User x\nHost db1\n  Port 2222`, 'db1', HOME);
    await expect(stat(trace)).rejects.toThrow('ENOENT');
    await rm(directory, { recursive: true });
  });

  it('lists the aliases one can choose, without patterns', () => {
    expect(listAliases('Host a b\nHost *.x !c\n  HostName q\nhost=d')).toEqual(['a', 'b', 'd']);
  });
});

describe('CanonicalizeHostname in ~/.ssh/config', () => {
  const hasAddress = (name: string) =>
    Promise.resolve(['db1.example.org.', 'db1.lab.other.org.', 'db2.other.org.'].includes(name));
  const domains = 'CanonicalDomains example.org other.org\n';
  it.each([
    ['yes', 'db1', '', 'db1.example.org'],
    ['yes', 'db2', '', 'db2.other.org'],
    ['always', 'db2', '', 'db2.other.org'],
    ['yes', 'db3', '', null],
    ['no', 'db1', '', null],
    ['yes', 'db1.lab', '', 'db1.lab.other.org'],
    ['yes', 'db1.lab', 'CanonicalizeMaxDots 0', null],
    ['yes', 'db1.example.org.', '', 'db1.example.org'],
    ['yes', '10.0.0.1', '', null],
    ['yes', 'db1', 'ProxyJump gate', null],
    ['yes', 'db1', 'ProxyJump none', 'db1.example.org'],
    ['always', 'db1', 'ProxyJump gate', 'db1.example.org'],
    ['yes', 'alias', 'Host alias\n HostName db1', 'db1.example.org'],
    ['yes', 'db1', 'CanonicalDomains none', 'db1.example.org'],
  ])('%s finds for %s with "%s" the full name %s', async (wanted, alias, more, full) => {
    const text = `CanonicalizeHostname ${wanted}\n${domains}${more}`;
    expect(await canonicalNameOf(text, alias, hasAddress)).toBe(full);
  });

  it('reads the configuration again for the full name, after what it said for the short one', () => {
    const text =
      'CanonicalizeHostname yes\nHost db1\n Port 7\nHost *.example.org\n Port 9\n User full\n' +
      'Match canonical host db1.example.org\n IdentityFile /k\nMatch originalhost db1.example.org\n HostKeyAlias never';
    expect(lookUpHost(text, 'db1', HOME, 'db1.example.org')).toEqual({
      ...{ ...NOTHING, hostName: 'db1.example.org', port: 7, user: 'full', identityFiles: ['/k'] },
    });
  });
});

describe('Include in ~/.ssh/config', () => {
  let home = '';
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'ssh-home-'));
    await mkdir(join(home, '.ssh', 'conf.d'), { recursive: true });
  });
  afterEach(async () => {
    await rm(home, { recursive: true, force: true });
  });
  const put = (name: string, text: string): Promise<void> => writeFile(join(home, '.ssh', name), text);

  it('takes in files by name and by pattern, in order', async () => {
    await put('config', 'Include conf.d/*.conf ~/.ssh/last\nHost db1\n User late');
    await put('conf.d/b.conf', 'Host db1\n Port 2');
    await put('conf.d/a.conf', 'Host db1\n Port 1');
    await put('last', 'Host db1\n HostName h');
    expect(lookUpHost(await readSshConfig(home), 'db1', home)).toMatchObject({ port: 1, hostName: 'h', user: 'late' });
  });

  it('that leads in a circle comes to an end', async () => {
    await put('config', 'Include config\nInclude config\nHost db1\n User u');
    expect(lookUpHost(await readSshConfig(home), 'db1', home)).toMatchObject({ user: 'u' });
  });

  it('of a missing file is passed over, and so is a missing config', async () => {
    expect(await readSshConfig(home)).toBe('');
    await put('config', 'Include nowhere /nope/*\nHost db1\n User u');
    expect(lookUpHost(await readSshConfig(home), 'db1', home)).toMatchObject({ user: 'u' });
  });
});
