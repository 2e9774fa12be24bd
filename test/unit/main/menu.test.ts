import { describe, expect, it, vi } from 'vitest';
import { Menu } from '../../support/electron-double';

vi.mock('electron', () => import('../../support/electron-double'));
const { setMenu } = await import('../../../electron/main/menu');

function menuOf(platform: string, withTools: boolean): string {
  Menu.setApplicationMenu.mockClear();
  setMenu(platform, withTools);
  return JSON.stringify(Menu.setApplicationMenu.mock.calls[0]);
}

describe.each(['linux', 'darwin', 'win32'])('the menu on %s', (platform) => {
  it('has no developer tools in the packaged app', () => {
    expect(menuOf(platform, false)).toContain('reload');
    expect(menuOf(platform, false)).not.toContain('toggleDevTools');
  });

  it('has the developer tools while the app is developed', () => {
    expect(menuOf(platform, true)).toContain('toggleDevTools');
  });
});
