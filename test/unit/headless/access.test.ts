import { describe, expect, it } from 'vitest';
import { ENTRANCE } from '../../../shared/model/app/transport';
import { createAccess, ownHost, ownOrigin } from '../../../electron/headless/access';
import { readArguments } from '../../../electron/headless/arguments';
import { browserCommand } from '../../../electron/headless/open-browser';

const shown = (...protocols: string[]) => ({ 'sec-websocket-protocol': protocols.join(', ') });

describe('who may come in', () => {
  it('a link works once, and its key as long as the host runs', () => {
    const access = createAccess();
    const token = { [ENTRANCE.tokenHeader]: access.newToken() };
    const key = access.exchange(token) ?? '';
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(access.exchange(token)).toBeNull();
    expect(access.exchange({ [ENTRANCE.keyHeader]: key })).toBe(key);
    expect(access.showsKey(shown(ENTRANCE.protocol, `${ENTRANCE.keyProtocol}${key}`))).toBe(true);
    expect(createAccess().showsKey(shown(`${ENTRANCE.keyProtocol}${key}`))).toBe(false);
  });

  it.each(['', 'matriarch', 'matriarch.key.', 'matriarch.key.guess', 'guess'])(
    'the subprotocols %j let nobody in',
    (protocols) => {
      expect(createAccess().showsKey(shown(protocols))).toBe(false);
      expect(createAccess().showsKey({})).toBe(false);
    },
  );

  it('unused links do not pile up', () => {
    const access = createAccess();
    const first = access.newToken();
    for (let count = 0; count < 40; count += 1) access.newToken();
    expect(access.exchange({ [ENTRANCE.tokenHeader]: first })).toBeNull();
  });

  it.each([
    ['127.0.0.1:8800', true],
    ['localhost:8800', true],
    ['[::1]:8800', true],
    ['rebound.example:8800', false],
    ['127.0.0.1:8801', false],
    ['127.0.0.1', false],
    ['127.0.0.1:8800.example', false],
    [undefined, false],
  ])('Host %s is our own: %s', (host, own) => {
    expect(ownHost(host === undefined ? {} : { host }, 8800)).toBe(own);
  });

  it.each([
    ['http://127.0.0.1:8800', true],
    ['https://127.0.0.1:8800', false],
    ['http://localhost:8800', false],
    ['http://127.0.0.1:8801', false],
    ['http://evil.example', false],
    ['null', false],
    [undefined, false],
  ])('Origin %s with Host 127.0.0.1:8800 is our own: %s', (origin, own) => {
    expect(ownOrigin({ host: '127.0.0.1:8800', ...(origin === undefined ? {} : { origin }) }, 8800)).toBe(own);
  });
});

describe('the command line of the headless host', () => {
  it('takes a free port of the loopback unless told otherwise', () => {
    expect(readArguments([])).toEqual({ port: 0, bind: '127.0.0.1', demo: false, open: false, files: [] });
    expect(readArguments(['--port', '8800', '--host', '::1', '--demo', '--files', '/srv/files'])).toEqual({
      port: 8800,
      bind: '::1',
      demo: true,
      open: false,
      files: ['/srv/files'],
    });
  });

  it.each([
    ['--host', '0.0.0.0'],
    ['--host', '192.0.2.1'],
    ['--host', '::'],
    ['--port', '70000'],
    ['--port', 'x'],
    ['--port', '-1'],
    ['--unknown'],
  ])('%s %s is refused with what to do', (...argv) => {
    expect(() => readArguments(argv.filter((word) => word !== undefined))).toThrow(
      expect.objectContaining({
        data: expect.objectContaining({ code: 'app.bad_arguments', hint: expect.any(String) }),
      }),
    );
  });

  it.each([
    ['linux', 'xdg-open', 'file:///data/open.html'],
    ['darwin', 'open', '/data/open.html'],
    ['win32', 'explorer.exe', '/data/open.html'],
  ])('on %s files are opened with %s', (platform, program, argument) => {
    expect(browserCommand(platform, '/data/open.html')).toEqual([program, [argument]]);
  });
});
