import { describe, expect, it } from 'vitest';
import { mayFlow, OUTPUT_WINDOW } from '../../../../shared/rules/terminal/output-window';
import { readForeground } from '../../../../shared/rules/terminal/foreground';
import { findLinks, isKnownAddress, isWebAddress } from '../../../../shared/rules/terminal/link';
import { terminalCommandWords } from '../../../../shared/rules/terminal/terminal-command';

describe('the window of a terminal', () => {
  it.each([
    [true, 0, true],
    [true, OUTPUT_WINDOW - 1, true],
    [true, OUTPUT_WINDOW, false],
    [false, OUTPUT_WINDOW / 2 + 1, false],
    [false, OUTPUT_WINDOW / 2, true],
  ])('a server that sends (%s) with %i bytes on their way may send: %s', (flowing, unacknowledged, may) => {
    expect(mayFlow(flowing, unacknowledged)).toBe(may);
  });
});

describe('what runs in a terminal', () => {
  const idle = [
    '900',
    '  100     1   100   -1 ?        900 sshd',
    '  200   100   200   -1 ?        600 sshd',
    '  201   200   201   -1 ?        600 sshd',
    '  300   201   300  300 pts/0    500 bash',
    '  310   201   310  320 pts/1    400 -zsh',
    '  320   310   320  320 pts/1     10 vim',
    '  890   201   890   -1 ?          0 sh',
    '  900   890   890   -1 ?          0 ps',
  ];

  it('is what has the foreground of its own terminal, told by the order of opening', () => {
    expect(readForeground(idle.join('\n'), 0, 2)).toEqual({ kind: 'idle' });
    expect(readForeground(idle.join('\n'), 1, 2)).toEqual({ kind: 'busy', command: 'vim' });
  });

  it('is found behind sudo, which opens a terminal of its own', () => {
    const rows = [
      '900',
      '  201     1   201   -1 ?        600 sshd-session',
      '  300   201   300  300 pts/0    500 sh',
      '  301   300   300  300 pts/0    500 sudo',
      '  302   301   302  303 pts/1    500 sudo',
      '  303   302   303  303 pts/1    500 psql',
      '  900   201   900   -1 ?          0 sh',
    ];
    expect(readForeground(rows.join('\n'), 0, 1)).toEqual({ kind: 'busy', command: 'psql' });
  });

  it('is not what was sent to the background', () => {
    const rows = [...idle.slice(0, 5), '  305   300   305  300 pts/0    100 sleep', ...idle.slice(7)];
    expect(readForeground(rows.join('\n'), 0, 1)).toEqual({ kind: 'idle' });
  });

  it.each([
    ['another number of terminals than are known', idle.join('\n'), 0, 3],
    ['no sshd above the command', '900\n 900 1 900 -1 ? 0 sh', 0, 1],
    ['a ps that prints otherwise', 'usage: ps', 0, 1],
    ['processes in a circle', '900\n 900 901 900 -1 ? 0 sh\n 901 900 900 -1 ? 0 sh', 0, 1],
  ])('is not known with %s', (_what, text, index, count) => {
    expect(readForeground(text, index, count)).toEqual({ kind: 'unknown' });
  });
});

describe('a link in a terminal', () => {
  it('is a web address without the punctuation around it', () => {
    expect(findLinks('see (https://etcd.io/docs), or http://10.0.0.1:8008/patroni.')).toEqual([
      { address: 'https://etcd.io/docs', from: 5, to: 25 },
      { address: 'http://10.0.0.1:8008/patroni', from: 31, to: 59 },
    ]);
    expect(findLinks('javascript:alert(1) file:///etc/passwd data:text/html,x')).toEqual([]);
  });

  it('that hides its host behind a login is none', () => {
    expect(isWebAddress('https://www.postgresql.org@evil.example/')).toBe(false);
    expect(findLinks('https://www.postgresql.org@evil.example/')).toEqual([]);
    expect(isWebAddress('javascript:alert(1)')).toBe(false);
  });

  it('is known only as plain documentation', () => {
    expect(isKnownAddress('https://www.postgresql.org/docs/17/')).toBe(true);
    expect(isKnownAddress('https://www.postgresql.org/docs/?q=secret')).toBe(false);
    expect(isKnownAddress('http://www.postgresql.org/')).toBe(false);
    expect(isKnownAddress('https://evil.example/')).toBe(false);
  });
});

describe('the command for a terminal', () => {
  const server = { host: '10.0.0.11', port: 22, user: 'admin' };
  const run = { kind: 'shell', postgresPort: null, configPath: '/etc/patroni/config.yml' } as const;

  it('is what a person would type, through the same jump hosts', () => {
    expect(terminalCommandWords(server, [], run)).toBe('ssh admin@10.0.0.11');
    const jumps = [
      { host: 'gate', port: 22, user: 'me' },
      { host: 'fd00::1', port: 2200, user: 'me' },
    ];
    expect(terminalCommandWords({ ...server, port: 2222 }, jumps, { ...run, kind: 'psql', postgresPort: 5433 })).toBe(
      "ssh -t -p 2222 -J 'me@gate,me@[fd00::1]:2200' admin@10.0.0.11 'sudo -u postgres psql -p 5433'",
    );
  });

  it('keeps a hostile path one word on both sides', () => {
    const command = terminalCommandWords(server, [], { ...run, kind: 'patronictl', configPath: '/a b;reboot' });
    expect(command).toBe(String.raw`ssh -t admin@10.0.0.11 'sudo -u postgres patronictl -c '\''/a b;reboot'\'' list'`);
  });
});
