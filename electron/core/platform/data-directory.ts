import { homedir } from 'node:os';
import { join } from 'node:path';

/** The parts of the system that decide where data is kept. */
export interface Place {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** This computer. */
export function thisPlace(): Place {
  return { platform: process.platform, env: process.env, home: homedir() };
}

/** Where the app keeps its files: `$MATRIARCH_HOME`, or what the system's own rules say. */
export function dataDirectory(place: Place): string {
  const own = place.env['MATRIARCH_HOME'];
  if (own !== undefined && own !== '') return own;
  if (place.platform === 'darwin') return join(place.home, 'Library', 'Application Support', 'Matriarch');
  if (place.platform === 'win32')
    return join(place.env['APPDATA'] ?? join(place.home, 'AppData', 'Roaming'), 'Matriarch');
  const xdg = place.env['XDG_CONFIG_HOME'];
  return join(xdg !== undefined && xdg.startsWith('/') ? xdg : join(place.home, '.config'), 'matriarch');
}
