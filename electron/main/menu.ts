import { Menu, type MenuItemConstructorOptions } from 'electron';
import { openExternal } from './lockdown';

/** The addresses the help menu leads to. */
const HELP = 'https://patroni.readthedocs.io/';

/** The app's menu. `demo` and development tools are the page's business; this holds what a desktop expects. */
function menuTemplate(platform: string): MenuItemConstructorOptions[] {
  const first: MenuItemConstructorOptions[] =
    platform === 'darwin' ? [{ role: 'appMenu' }] : [{ label: '&File', submenu: [{ role: 'quit' }] }];
  return [
    ...first,
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        {
          label: 'Patroni documentation',
          click: () => {
            void openExternal(HELP);
          },
        },
      ],
    },
  ];
}

/** Puts the menu in place. */
export function setMenu(platform: string): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(platform)));
}
