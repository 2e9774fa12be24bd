import { Menu, nativeImage, Tray } from 'electron';

/** A tray icon that brings the window back and quits. Null where the desktop has no tray or the icon cannot be read. */
export function createTray(
  iconPath: string,
  actions: { readonly show: () => void; readonly quit: () => void },
): Tray | null {
  const icon = nativeImage.createFromPath(iconPath);
  if (icon.isEmpty()) return null;
  const tray = new Tray(icon.resize({ width: 22, height: 22 }));
  tray.setToolTip('Matriarch');
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { label: 'Show Matriarch', click: actions.show },
      { type: 'separator' },
      { label: 'Quit', click: actions.quit },
    ]),
  );
  tray.on('click', actions.show);
  return tray;
}
