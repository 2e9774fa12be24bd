import { describe, expect, it } from 'vitest';
import { mayBeReached } from '../../../../electron/core/deploy/package-routes/addresses';
import { sourcesSchema } from '../../../../shared/model/deploy/spec/source-spec';
import { judgeRequest, judgeTunnel } from '../../../../electron/core/deploy/package-routes/package-hosts';
import { packageHostOf, packageHosts, unagreedHosts } from '../../../../shared/rules/deploy/sources/package-hosts';

const hosts = [
  { host: 'deb.example.org', port: 80, named: true },
  { host: 'secure.example.org', port: 443, named: true },
  { host: '10.20.30.40', port: 3142, named: true },
  { host: 'fd00::1', port: 443, named: true },
];

describe('the hosts packages may come from', () => {
  it('are those that the spec names, and of those that a server names the distributions alone, each once', () => {
    const sources = sourcesSchema.parse({
      repositories: [{ url: 'https://apt.example.org/pub', keyUrl: 'http://keys.example.org:8080/key.asc' }],
      etcd: { kind: 'archive', url: 'https://files.example.org/etcd.tar.gz', sha256: 'a'.repeat(64) },
      patroni: { kind: 'pip' },
      route: { kind: 'through_workstation', hosts: ['mirror.example.org', 'cache.example.org:3142'] },
    });
    const found = packageHosts(
      [
        'http://deb.debian.org/debian',
        'http://DEB.debian.org/debian-security',
        'mirror+https://de.archive.ubuntu.com/list',
        'http://mirror.example.org/debian',
        'http://intranet.example.org/',
        'http://deb.debian.org:8080/',
        'http://deb.debian.org.example.org/',
        'http://10.0.0.1/',
        'file:/srv/packages',
        '',
      ],
      sources,
    );
    expect(found.map(({ host, port, named }) => `${host}:${port}${named ? '' : ' of the server'}`)).toEqual([
      'apt.example.org:443',
      'keys.example.org:8080',
      'files.example.org:443',
      'pypi.org:443',
      'files.pythonhosted.org:443',
      'mirror.example.org:80',
      'mirror.example.org:443',
      'cache.example.org:3142',
      'deb.debian.org:80 of the server',
      'de.archive.ubuntu.com:443 of the server',
    ]);
  });

  it('do not grow by what a server says: what nobody agreed to is named', () => {
    const asked = ['deb.debian.org:80', 'intranet.example.org:80', '10.0.0.1:8080', 'mirror.example.org:443'];
    const route = { kind: 'through_workstation', hosts: ['mirror.example.org'] };
    expect(unagreedHosts(asked, sourcesSchema.parse({ route }))).toEqual(['intranet.example.org:80', '10.0.0.1:8080']);
  });

  it.each([
    ['ftp://deb.example.org/', null],
    ['cdrom:[Debian]/', null],
    ['not an address', null],
    ['http://', null],
    ['http://deb.example.org./x', { host: 'deb.example.org', port: 80 }],
    ['https://[FD00::1]:8443/x', { host: 'fd00::1', port: 8443 }],
  ])('are read from "%s" as $1', (uri, expected) => {
    expect(packageHostOf(uri)).toEqual(expected);
  });
});

describe('a plain HTTP request through the package proxy', () => {
  it.each([
    ['GET', 'http://deb.example.org/debian/dists/x?y=1', '/debian/dists/x?y=1'],
    ['HEAD', 'http://Deb.Example.Org:80/a', '/a'],
    ['GET', 'http://10.20.30.40:3142/debian', '/debian'],
  ])('is passed on when it is %s %s', (method, target, path) => {
    expect(judgeRequest(method, target, hosts)).toMatchObject({ kind: 'pass', path });
  });

  it.each([
    ['POST', 'http://deb.example.org/'],
    ['PUT', 'http://deb.example.org/'],
    ['GET', 'http://deb.example.org:8080/'],
    ['GET', 'http://other.example.org/'],
    ['GET', 'http://127.0.0.1/'],
    ['GET', 'http://localhost:22/'],
    ['GET', 'http://169.254.169.254/latest/meta-data'],
    ['GET', '/debian'],
    ['GET', 'https://secure.example.org/'],
    ['GET', 'http://deb.example.org@evil.example.org/'],
    ['GET', 'http://deb.example.org.evil.example.org/'],
    ['GET', 'file:///etc/passwd'],
    ['GET', 'http://'],
  ])('is refused when it is %s %s', (method, target) => {
    expect(judgeRequest(method, target, hosts).kind).toBe('refuse');
  });
});

describe('a CONNECT through the package proxy', () => {
  it.each(['secure.example.org:443', 'SECURE.example.org.:443', '[fd00::1]:443'])('is opened to %s', (target) => {
    expect(judgeTunnel(target, hosts).kind).toBe('pass');
  });

  it.each([
    'secure.example.org:22',
    'secure.example.org',
    'deb.example.org:443',
    'evil.example.org:443',
    'a@secure.example.org:443',
    '127.0.0.1:443',
    '[::1]:443',
    'secure.example.org:443:1',
    '',
    'x'.repeat(5000),
  ])('is refused to "%s"', (target) => {
    expect(judgeTunnel(target, hosts).kind).toBe('refuse');
  });
});

describe('a package host that resolves to', () => {
  it.each(['93.184.216.34', '2606:2800:220:1::1'])('%s is reached', (address) => {
    expect([mayBeReached(address, true), mayBeReached(address, false)]).toEqual([true, true]);
  });

  it.each(['10.20.30.40', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fd00::1', '::ffff:10.0.0.1'])(
    '%s is reached only where the spec names the host',
    (address) => {
      expect([mayBeReached(address, true), mayBeReached(address, false)]).toEqual([true, false]);
    },
  );

  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '169.254.169.254',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    'localhost',
    '',
  ])('"%s" is not reached', (address) => {
    expect([mayBeReached(address, true), mayBeReached(address, false)]).toEqual([false, false]);
  });
});
