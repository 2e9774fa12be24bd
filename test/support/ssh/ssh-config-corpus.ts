/** A configuration of OpenSSH's client: `config` and the files that it includes; DIR stands for their directory. */
export interface SshConfigCase {
  readonly about: string;
  readonly files: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
}

const one = (about: string, config: string, ...hosts: readonly string[]): SshConfigCase => ({
  about,
  files: { config },
  hosts: hosts.length === 0 ? ['db1'] : hosts,
});

const including = (about: string, config: string, files: Readonly<Record<string, string>>): SshConfigCase => ({
  about,
  files: { config, ...files },
  hosts: ['db1', 'db2', 'other', 'db1.example.org'],
});

const PATTERNS = [
  ...['db1', 'db2', '*', 'db*', 'db?', 'd*1', '*.example.org', 'db1 db2', '!db1', '* !db1', '!db1 *', 'db[1]', 'DB1'],
  ...['db1*', '?b1', '??', '"db1"', '"db1 db2"', 'db1,db2', '* !*.example.org', 'db1.example.*', '***'],
];
const MATCHES = [
  ...['all', 'host db1', 'host db*', 'host db1,db2', 'host !db1', 'host *,!db1', '!host db1', 'originalhost db1'],
  ...['originalhost other,db2', '!originalhost db1', 'host db1 originalhost db1', 'host db1 originalhost db2'],
  ...[
    'host=db1',
    'host=db1,db2 originalhost=db1',
    '!host=db1',
    'final',
    'final host db1',
    '!final',
    'canonical host db1',
  ],
  ...['user root', 'user nobody-here', 'localuser nobody-here', '!localuser nobody-here', 'canonical', 'HOST db1'],
];
const HOSTS = ['db1', 'db2', 'other', 'db1.example.org'];

/** Configurations for comparing the app's reading with `ssh -G`. */
export const SSH_CONFIG_CORPUS: readonly SshConfigCase[] = [
  ...PATTERNS.map((pattern) => one(`Host ${pattern}`, `Host ${pattern}\n  Port 2201\n`, ...HOSTS)),
  ...MATCHES.map((criteria) => one(`Match ${criteria}`, `Match ${criteria}\n  Port 2201\n`, ...HOSTS)),
  one('values before any Host', 'User admin\nPort 2200\nHost db1\n  User x\n'),
  one('the first value', 'Host db1\n User a\nHost db*\n User b\n Port 22\nHost *\n Port 2\n', ...HOSTS),
  one('keywords in any letters and with =', 'HOST db1\n\thostname=10.0.0.1\n PORT = 2222\n UsEr\tx\n'),
  one('values in quotes', 'Host db1\n User "a b"\n IdentityFile "/k/with space"\n'),
  one('comments', '# Host x\nHost db1 # not db2\n User a # b\n Port 2222\n', 'db1', 'db2'),
  one('lines that end with CR LF', 'Host db1\r\n User a\r\n Port 2222\r\n'),
  one(
    'several key files',
    'IdentityFile /k/a\nHost db1\n IdentityFile /k/b\n IdentityFile /k/a\nHost *\n IdentityFile /k/c\n',
  ),
  one('an agent of its own', 'Host db1\n IdentityAgent /run/agent.sock\nHost *\n IdentityAgent none\n', 'db1', 'db2'),
  one('an agent by a variable', 'Host db1\n IdentityAgent $MY_AGENT\n'),
  one(
    'IdentitiesOnly',
    'Host db1\n IdentitiesOnly yes\n IdentityFile /k/x.pub\nHost *\n IdentitiesOnly no\n',
    'db1',
    'db2',
  ),
  one('a jump host', 'Host db1\n ProxyJump u@gate:2200\n'),
  one('several jump hosts', 'Host db1\n ProxyJump a,u@b:22\nHost *\n ProxyJump c\n', 'db1', 'db2'),
  one('no jump host', 'Host db1\n ProxyJump none\nHost *\n ProxyJump c\n', 'db1', 'db2'),
  one('a name with tokens', 'Host db1\n HostName %h.example.org\n'),
  one(
    'a name before a Match of it',
    'Host db1\n HostName h\nMatch host h\n User viahost\nMatch host db1\n User viaalias\n',
  ),
  one('a user before a Match of it', 'Host db1\n User dba\nMatch user dba\n Port 2201\n', 'db1', 'db2'),
  one('an IPv6 address', 'Host db1\n HostName fd00::1\n'),
  including('an Include before global values', 'Include DIR/d/*\nUser admin\nPort 2200\n', {
    'd/1': 'Host db1\n  User one\n',
    'd/2': 'Host other\n  Port 2\n',
  }),
  including('an Include inside a block that does not match', 'Host db2\n  Include DIR/x\nHost *\n  User last\n', {
    x: 'User included\nHost db1\n  Port 2201\nHost *\n  Port 2202\n',
  }),
  including('an Include inside a block that matches', 'Host db*\n  Include DIR/x\n  User after\n', {
    x: 'Host db1\n  User one\nHost *\n  Port 2202\n',
  }),
  including('an Include inside a Match', 'Match host db1\n  Include DIR/x\n  Port 2201\n', {
    x: 'User included\nHost other\n Port 9\n',
  }),
  including('what follows an Include inside a block', 'Host db1\n  Include DIR/x\n  User mine\n', {
    x: 'Host db2\n  User x\n',
  }),
  including('an Include of an Include', 'Include DIR/a\nUser last\n', {
    a: 'Host db1\n Include DIR/b\n Port 1\n',
    b: 'Host db*\n User b\n',
  }),
  including('an Include of several words', 'Include DIR/a DIR/b\n', {
    a: 'Host db1\n Port 1\n',
    b: 'Host db*\n User b\n',
  }),
  including('an Include of nothing', 'Include DIR/none DIR/no*\nUser u\n', {}),
  including('an Include in quotes', 'Include "DIR/with space"\nUser u\n', { 'with space': 'Host db1\n Port 7\n' }),
  including('patterns in the order of names', 'Include DIR/*.conf\n', {
    'b.conf': 'Host *\n User b\n',
    'a.conf': 'Host *\n User a\n',
    'c.txt': 'Host *\n Port 3\n',
  }),
  one(
    'values of a Match final after all others',
    'Match final host h\n User fin\n Port 7\n IdentityFile /k/fin\nHost db1\n HostName h\n Port 2201\n IdentityFile /k/a\n',
    ...HOSTS,
  ),
  ...['yes', 'always', 'no'].map((wanted) =>
    one(
      `a second reading by CanonicalizeHostname ${wanted}`,
      `CanonicalizeHostname ${wanted}\nMatch canonical\n Port 2201\nMatch canonical host db1\n User full\n`,
      'db1',
      'other',
    ),
  ),
  one(
    'names of more dots than CanonicalizeMaxDots, and addresses, as they are',
    'CanonicalizeHostname yes\nCanonicalDomains matriarch.invalid\nMatch canonical host a.b.c\n Port 2201\n',
    'a.b.c',
    '127.0.0.1',
  ),
  one('a space after a backslash', 'Host db1\n IdentityFile /k/with\\ space\n User a\\\\b\n'),
  one('a backslash before other signs', 'Host db1\n IdentityFile C:\\keys\\id\n'),
  including('an Include whose lines end with CR LF', 'Include DIR/x\r\nUser last\r\n', {
    x: 'Host db1\r\n  Port 2201\r\n',
  }),
  including('an Include of a pattern of folders', 'Include DIR/*/config\nInclude DIR/?d/*.conf\nUser last\n', {
    'a/config': 'Host db1\n  User one\n',
    'b/config': 'Host db*\n  Port 2201\n',
    'cd/x.conf': 'Host other\n  Port 2202\n',
  }),
  including('an Include of a set of letters', 'Include DIR/d/[a-c]1 DIR/d/[!a-c]2\n', {
    'd/b1': 'Host db1\n  User one\n',
    'd/x1': 'Host *\n  User wrong\n',
    'd/x2': 'Host *\n  Port 2201\n',
    'd/b2': 'Host *\n  Port 9\n',
  }),
  including('an Include of hidden files by name alone', 'Include DIR/d/*\nInclude DIR/e/.*.conf\n', {
    'd/.db1.swp': 'Host *\n  User hidden\n',
    'd/db1': 'Host db1\n  Port 2201\n',
    'e/.x.conf': 'Host *\n  Port 2202\n',
  }),
];
