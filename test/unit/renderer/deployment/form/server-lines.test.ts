import { describe, expect, it } from 'vitest';
import { readServerLines } from '../../../../../renderer/deployment/form/server-lines';

describe('servers named line by line', () => {
  it.each([
    ['root@10.0.0.11', { user: 'root', host: '10.0.0.11', port: 22 }],
    ['10.0.0.11', { user: null, host: '10.0.0.11', port: 22 }],
    ['dba@db1.example.net:2222', { user: 'dba', host: 'db1.example.net', port: 2222 }],
    ['root@[fd00::11]:2200', { user: 'root', host: 'fd00::11', port: 2200 }],
    ['fd00::11', { user: null, host: 'fd00::11', port: 22 }],
    ['  root@db1  ', { user: 'root', host: 'db1', port: 22 }],
  ])('the server line %s is understood', (line, wanted) => {
    expect(readServerLines(line)).toEqual({ servers: [wanted], problems: [] });
  });

  it('server lines may be separated by commas; empty lines, comments and repetitions are skipped', () => {
    const { servers, problems } = readServerLines('\n# the old ones\nroot@a\n\nroot@a\nroot@b, root@c\n');
    expect(servers.map((server) => server.host)).toEqual(['a', 'b', 'c']);
    expect(problems).toEqual([]);
  });

  it.each(['root@@x', 'root@', 'a b', 'x:port', 'x:0', 'x:70000', '@x', '[fd00::1', 'a'.repeat(300)])(
    'the server line "%s" is rejected with its number, and the others stay',
    (line) => {
      const { servers, problems } = readServerLines(`root@good\n${line}`);
      expect(servers).toHaveLength(1);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^Line 2: /);
    },
  );

  it('more servers than a cluster may have are rejected', () => {
    const { problems } = readServerLines(Array.from({ length: 65 }, (_, index) => `root@db${index}`).join('\n'));
    expect(problems).toEqual(['These are 65 servers; a cluster has at most 64.']);
  });
});
