import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { FakeContents, shell } from '../../support/electron-double';

vi.mock('electron', () => import('../../support/electron-double'));
const { isOwnPage, lockContents, lockSession, openExternal } = await import('../../../electron/main/lockdown');

describe('the window is locked down', () => {
  it.each([
    ['app://matriarch/index.html', true],
    ['app://matriarch', true],
    ['app://matriarch.example/index.html', false],
    ['app://other/index.html', false],
    ['https://matriarch/', false],
    ['file:///etc/passwd', false],
    ['javascript:alert(1)', false],
    ['', false],
  ])('%s is the app’s own page: %s', (url, own) => {
    expect(isOwnPage(url)).toBe(own);
  });

  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])(
    '%s to another place is stopped, to the own page is not',
    (name) => {
      const contents = new FakeContents();
      lockContents(contents as never);
      const stopped = (url: string): boolean => {
        let prevented = false;
        contents.emit(name, {
          url,
          preventDefault: () => {
            prevented = true;
          },
        });
        return prevented;
      };
      expect(stopped('https://example.org/')).toBe(true);
      expect(stopped('app://matriarch.example/')).toBe(true);
      expect(stopped('app://matriarch/index.html#/fleet')).toBe(false);
    },
  );

  it('no window opens; a link with https goes to the browser, others nowhere', async () => {
    const contents = new FakeContents();
    lockContents(contents as never);
    expect(contents.openHandler?.({ url: 'https://patroni.readthedocs.io/' })).toEqual({ action: 'deny' });
    expect(contents.openHandler?.({ url: 'file:///etc/passwd' })).toEqual({ action: 'deny' });
    expect(contents.openHandler?.({ url: 'smb://host/share' })).toEqual({ action: 'deny' });
    await Promise.resolve();
    expect(shell.openExternal.mock.calls).toEqual([['https://patroni.readthedocs.io/']]);
  });

  it.each([
    'http://patroni.readthedocs.io/',
    'https://evil.example/',
    'https://patroni.readthedocs.io.evil.example/',
    'https://patroni.readthedocs.io/?what=seen',
    'https://patroni.readthedocs.io/#seen',
    'file:///bin/sh',
    'https://user:pass@patroni.readthedocs.io/',
    'nonsense',
  ])('%s is not opened', async (url) => {
    expect(await openExternal(url)).toBe(false);
  });

  it('permissions, devices and foreign requests are denied', () => {
    const session = new FakeSession();
    lockSession(session as never);
    const asked = ['media', 'geolocation', 'notifications', 'clipboard-read', 'usb'].map((permission) =>
      session.request(permission),
    );
    expect(asked).toEqual([false, false, false, false, false]);
    expect(session.request('clipboard-sanitized-write')).toBe(true);
    expect(session.cancels('https://example.org/x.js')).toBe(true);
    expect(session.cancels('http://127.0.0.1:8008/')).toBe(true);
    expect(session.cancels('app://matriarch/assets/index.js')).toBe(false);
  });
});

type Decide = (answer: boolean) => void;
type Ask = (contents: null, permission: string, decide: Decide) => void;
type Before = (details: { url: string }, decide: (answer: { cancel: boolean }) => void) => void;

class FakeSession extends EventEmitter {
  #ask: Ask = () => undefined;
  #before: Before = () => undefined;
  readonly webRequest = {
    onBeforeRequest: (listener: Before): void => {
      this.#before = listener;
    },
  };
  setPermissionRequestHandler(handler: Ask): void {
    this.#ask = handler;
  }
  setPermissionCheckHandler(): void {
    return;
  }
  setDevicePermissionHandler(): void {
    return;
  }
  request(permission: string): boolean {
    let answer = true;
    this.#ask(null, permission, (given) => {
      answer = given;
    });
    return answer;
  }
  cancels(url: string): boolean {
    let answer = false;
    this.#before({ url }, ({ cancel }) => {
      answer = cancel;
    });
    return answer;
  }
}
