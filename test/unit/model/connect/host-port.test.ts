import { describe, expect, it } from 'vitest';
import { hostOfUrl, isSameHost, printHostPort, readHostPort } from '../../../../shared/model/connect/host-port';

describe('host and port', () => {
  it.each([
    ['http://10.0.0.11:8008/patroni', '10.0.0.11', 8008],
    ['https://DB1.example.net/patroni', 'db1.example.net', 1],
    ['http://[FD00::0011]:8008/patroni', 'fd00::11', 8008],
    ['http://db1:80/', 'db1', 80],
    ['https://db1:443/', 'db1', 443],
    ['postgres://u:p@10.0.0.11:21/postgres?x=1', '10.0.0.11', 21],
    ['postgresql://[fd00::11]/postgres', 'fd00::11', 1],
    ['10.0.0.11:2379', '10.0.0.11', 2379],
    ['db1', 'db1', 1],
    ['fd00::11', 'fd00::11', 1],
    ['[fd00::11]:2379', 'fd00::11', 2379],
    ['http://deb.example.org./x', 'deb.example.org', 1],
    ['http://bücher.example:8008', 'xn--bcher-kva.example', 8008],
  ])('are read from %s', (text, host, port) => {
    expect(readHostPort(text, 1)).toEqual({ host, port });
    expect(hostOfUrl(text)).toBe(text.includes('://') ? host : null);
  });

  it.each([
    '',
    'http://',
    'http:///x',
    'not an address',
    'db1:0',
    'db1:70000',
    'db1:x',
    '[fd00::1',
    'fd00::zz',
    'a:1,b:2',
  ])('are not read from "%s"', (text) => {
    expect(readHostPort(text, 1)).toBeNull();
    expect(hostOfUrl(text)).toBeNull();
  });

  it('are printed with an IPv6 address in brackets and the host in one spelling', () => {
    expect(printHostPort({ host: 'FD00:0::11', port: 2379 })).toBe('[fd00::11]:2379');
    expect(printHostPort({ host: 'DB1.', port: 2379 })).toBe('db1:2379');
  });

  it.each([
    ['DB1', 'db1', true],
    ['db1.', 'db1', true],
    ['FD00:0:0::1', 'fd00::1', true],
    ['bücher.example', 'xn--bcher-kva.example', true],
    ['db1', 'db2', false],
    ['10.0.0.1', '10.0.0.11', false],
  ])('%s and %s name one host: %s', (one, other, same) => {
    expect(isSameHost(one, other)).toBe(same);
  });
});
