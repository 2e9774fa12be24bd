import { describe, expect, it } from 'vitest';
import { createAccess, ownHost, ownOrigin } from '../../../electron/headless/access';
import { readArguments } from '../../../electron/headless/arguments';
import { browserCommand } from '../../../electron/headless/open-browser';

describe('who may come in', () => {
  it('a link works once', () => {
    const access = createAccess(8800);
    const token = access.newToken();
    const cookie = access.exchange(token) ?? '';
    expect(cookie).toMatch(/^matriarch_8800=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(access.exchange(token)).toBeNull();
    expect(access.holdsCookie({ cookie: cookie.split(';')[0] })).toBe(true);
  });

  it.each([undefined, '', 'matriarch_8800=', 'matriarch_8800=guess', 'other=1; matriarch_8801=x'])(
    'the cookie header %j lets nobody in',
    (cookie) => {
      expect(createAccess(8800).holdsCookie(cookie === undefined ? {} : { cookie })).toBe(false);
    },
  );

  it('the cookie is found among others', () => {
    const access = createAccess(8800);
    const cookie = (access.exchange(access.newToken()) ?? '').split(';')[0] ?? '';
    expect(access.holdsCookie({ cookie: `a=b; ${cookie}; c=d` })).toBe(true);
  });

  it('unused links do not pile up', () => {
    const access = createAccess(8800);
    const first = access.newToken();
    for (let count = 0; count < 40; count += 1) access.newToken();
    expect(access.exchange(first)).toBeNull();
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
    expect(readArguments([])).toEqual({ port: 0, bind: '127.0.0.1', demo: false, open: false });
    expect(readArguments(['--port', '8800', '--host', '::1', '--demo'])).toEqual({
      port: 8800,
      bind: '::1',
      demo: true,
      open: false,
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
    ['linux', 'xdg-open'],
    ['darwin', 'open'],
    ['win32', 'explorer.exe'],
  ])('on %s links are opened with %s', (platform, program) => {
    expect(browserCommand(platform, 'http://127.0.0.1:1/?token=x')).toEqual([program, ['http://127.0.0.1:1/?token=x']]);
  });
});
