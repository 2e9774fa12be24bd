import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeWindow } from '../../support/electron-double';
import { current, dialog, FakeApp, forked, ipcMain, notifications, windows } from '../../support/electron-double';
import { CHANNEL } from '../../../electron/main/messages';
import { tempDirectory } from '../../support/temp';

vi.mock('electron', () => import('../../support/electron-double'));
const { startShell } = await import('../../../electron/main/shell');

const temp = await tempDirectory();
const onWindow = (index: number): FakeWindow => {
  const window = windows[index];
  if (window === undefined) throw new Error(`window ${index} was not opened`);
  return window;
};
const opened = (count: number) => vi.waitFor(() => expect(windows).toHaveLength(count));
const settle = () => new Promise((resolve) => setTimeout(resolve, 30));
/** What the page of a window does when it can listen. */
const sayReady = (window: FakeWindow): void => {
  const { webContents } = window;
  ipcMain.emit(CHANNEL.ready, { sender: webContents, senderFrame: webContents.mainFrame });
};
const led = (window: FakeWindow): unknown[] =>
  window.webContents.sent.filter(({ channel }) => channel === CHANNEL.say).map(({ message }) => message);
const onPlatform = (platform: string): void => {
  vi.spyOn(process, 'platform', 'get').mockReturnValue(platform as NodeJS.Platform);
};

describe('the desktop shell', () => {
  beforeEach(() => {
    vi.restoreAllMocks();
    vi.stubEnv('MATRIARCH_HOME', temp.path);
    current.app = new FakeApp();
    windows.length = 0;
    forked.length = 0;
    notifications.length = 0;
    dialog.asked.length = 0;
    dialog.pressed = 1;
    ipcMain.removeAllListeners();
  });

  it('opens one window when macOS activates the app before its first window has loaded', async () => {
    onPlatform('darwin');
    void startShell();
    current.app.emit('activate');
    current.app.ready();
    current.app.emit('activate');
    await opened(1);
    current.app.emit('activate');
    onWindow(0).load();
    await settle();
    expect(windows).toHaveLength(1);
    expect(forked).toHaveLength(1);
  });

  it('leads to the cluster of a link that came before the app was ready, once the page listens', async () => {
    void startShell();
    current.app.emit('open-url', { preventDefault: () => undefined }, 'matriarch://cluster/c1');
    current.app.ready();
    await opened(1);
    current.app.emit('second-instance', {}, ['matriarch', 'matriarch://cluster/c2']);
    expect(led(onWindow(0))).toEqual([]);
    sayReady(onWindow(0));
    expect(led(onWindow(0))).toEqual([{ type: 'matriarch:open-cluster', clusterId: 'c2' }]);
  });

  it('leads to the cluster of a notification that is clicked', async () => {
    void startShell();
    current.app.ready();
    await opened(1);
    onWindow(0).load();
    sayReady(onWindow(0));
    await vi.waitFor(() => expect(forked).toHaveLength(1));
    forked[0]?.emit('message', { kind: 'notify', title: 'Shop: No leader', body: 'Nobody leads.', clusterId: 'c7' });
    await vi.waitFor(() => expect(notifications).toHaveLength(1));
    expect(notifications[0]?.options).toEqual({ title: 'Shop: No leader', body: 'Nobody leads.' });
    expect(led(onWindow(0))).toEqual([]);
    notifications[0]?.emit('click');
    await vi.waitFor(() => expect(led(onWindow(0))).toEqual([{ type: 'matriarch:open-cluster', clusterId: 'c7' }]));
  });

  it('brings its window to the front when it is started a second time', async () => {
    void startShell();
    current.app.ready();
    await opened(1);
    onWindow(0).load();
    await settle();
    current.app.emit('second-instance', {}, ['matriarch']);
    expect([windows.length, onWindow(0).shown]).toEqual([1, 1]);
  });

  it('keeps what Chromium writes, and the lock on a single instance, below the data directory of this start', () => {
    void startShell();
    expect(current.app.paths['userData']?.startsWith(temp.path)).toBe(true);
    expect(current.app.paths['userData']).not.toBe(temp.path);
  });

  it.each([
    [false, []],
    [true, ['matriarch']],
  ])('takes matriarch:// links for itself only when it is packaged (%s)', (isPackaged, protocols) => {
    current.app.isPackaged = isPackaged;
    void startShell();
    expect(current.app.protocols).toEqual(protocols);
  });

  it.each([
    ['darwin', 0],
    ['linux', 1],
    ['win32', 1],
  ])(
    'closing the last window on %s asks the app to quit %d times, and activating it opens a window again',
    async (platform, quits) => {
      onPlatform(platform);
      void startShell();
      current.app.ready();
      await opened(1);
      onWindow(0).load();
      await settle();
      onWindow(0).destroy();
      current.app.emit('window-all-closed');
      expect(current.app.quits).toBe(quits);
      current.app.emit('activate');
      await opened(2);
    },
  );

  it('says that a window could not be opened, and opens it again when asked', async () => {
    dialog.pressed = 0;
    void startShell();
    current.app.ready();
    await opened(1);
    onWindow(0).load('ERR_FAILED (-2)');
    await opened(2);
    expect(dialog.asked).toEqual(['The window could not be opened: ERR_FAILED (-2).']);
    expect(onWindow(0).destroyed).toBe(true);
  });

  it('loads the page again when its process ends, and says so when it ends again and again', async () => {
    void startShell();
    current.app.ready();
    await opened(1);
    const { webContents } = onWindow(0);
    onWindow(0).load();
    await settle();
    webContents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 });
    for (let end = 0; end < 3; end += 1)
      webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 11 });
    expect([webContents.reloads, dialog.asked]).toEqual([3, []]);
    webContents.emit('render-process-gone', {}, { reason: 'oom', exitCode: 1 });
    await settle();
    expect(dialog.asked).toEqual(['The page ended again and again (oom).']);
    expect(current.app.quits).toBe(1);
  });

  it.each(['close', 'quit'] as const)('asks before a terminal is hung up on by the %s of the app', async (way) => {
    onPlatform('darwin');
    void startShell();
    current.app.ready();
    await opened(1);
    const window = onWindow(0);
    window.load();
    await settle();
    const leave = (): void => {
      if (way === 'close') window.close();
      else current.app.emit('before-quit', { preventDefault: () => undefined });
    };
    window.asksToStay = true;
    leave();
    expect([dialog.asked, window.destroyed]).toEqual([['A terminal is still open.'], false]);
    expect(forked[0]?.got.map(({ message }) => message)).not.toContainEqual({ kind: 'close' });
    dialog.pressed = 0;
    leave();
    expect([window.destroyed, current.app.quits]).toEqual([true, way === 'quit' ? 1 : 0]);
  });

  it('does not quit when its window is closed after the user has chosen to stay', async () => {
    onPlatform('darwin');
    void startShell();
    current.app.ready();
    await opened(1);
    const window = onWindow(0);
    window.load();
    await settle();
    window.asksToStay = true;
    current.app.emit('before-quit', { preventDefault: () => undefined });
    window.asksToStay = false;
    window.close();
    expect([window.destroyed, current.app.quits]).toEqual([true, 0]);
  });

  it('leaves when another start has the data directory already', async () => {
    current.app.hasLock = false;
    await startShell();
    expect([current.app.quits, windows.length, forked.length]).toEqual([1, 0, 0]);
  });
});
