import { z } from 'zod';
import { readPrivateFile, writePrivateFile } from '../core/platform/private-file';

/** Where the window was, in screen points. */
const windowStateSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(400).max(20_000),
  height: z.number().int().min(300).max(20_000),
  maximized: z.boolean(),
});
/** Where the window was and how large, in pixels of the screen. */
export type WindowState = z.infer<typeof windowStateSchema>;

/** A rectangle of the desktop, as Electron's screen reports it. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How a first window opens. */
export const DEFAULT_SIZE = { width: 1320, height: 860 } as const;

/** So much of the title bar must be reachable, points. */
const REACHABLE = 80;

/** The kept state, when it still lies on a screen that is there; null otherwise. */
export function usableState(kept: unknown, areas: readonly Area[]): WindowState | null {
  const parsed = windowStateSchema.safeParse(kept);
  if (!parsed.success) return null;
  const state = parsed.data;
  const reachable = areas.some((area) => {
    const across = Math.min(state.x + state.width, area.x + area.width) - Math.max(state.x, area.x);
    const below = area.y + area.height - state.y;
    return across >= REACHABLE && below >= REACHABLE && state.y >= area.y - 10;
  });
  return reachable ? state : null;
}

/** Reads what was kept; anything unreadable counts as nothing. */
export async function readWindowState(path: string, areas: readonly Area[]): Promise<WindowState | null> {
  try {
    return usableState(JSON.parse((await readPrivateFile(path)) ?? 'null'), areas);
  } catch {
    return null;
  }
}

/** Keeps the state. */
export async function writeWindowState(path: string, state: WindowState): Promise<void> {
  await writePrivateFile(path, JSON.stringify(state));
}
