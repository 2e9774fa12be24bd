import { Menu, type MenuItemConstructorOptions } from 'electron';
import { openExternal } from './lockdown';

/** The addresses the help menu leads to. */
const HELP = 'https://patroni.readthedocs.io/';

/** The app's menu: what a desktop expects, and the developer's own tools only in development. */
function menuTemplate(platform: string, withTools: boolean): MenuItemConstructorOptions[] {
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
        ...developerTools(withTools),
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

function developerTools(withTools: boolean): MenuItemConstructorOptions[] {
  return withTools ? [{ role: 'toggleDevTools' }] : [];
}

/** Puts the menu in place; `withTools` adds the developer tools. */
export function setMenu(platform: string, withTools: boolean): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(platform, withTools)));
}
