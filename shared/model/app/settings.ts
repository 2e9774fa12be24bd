import { z } from 'zod';

/** What the user can choose for the app; new fields bring a default, so that an older file still reads. */
export const settingsSchema = z.object({
  version: z.literal(1).default(1),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** ms between polls of a member's REST on a cluster that is on the screen. */
  pollVisibleMs: z.number().int().min(1000).max(60_000).default(2000),
  /** ms between polls otherwise. */
  pollHiddenMs: z.number().int().min(2000).max(600_000).default(10_000),
  density: z.enum(['compact', 'comfortable']).default('compact'),
  /** How many times faster than real time clusters of the demo live. */
  timeScale: z.number().min(1).max(5).default(3),
  /** Text of the terminals in pixels. */
  terminalFontSize: z.number().int().min(9).max(28).default(13),
  /** Terminals keep their text readable for a screen reader, which makes them slower. */
  terminalScreenReader: z.boolean().default(false),
  /** Nothing is changed on any server or cluster until it is switched off. */
  readOnly: z.boolean().default(false),
  firstRunDone: z.boolean().default(false),
  /** The user agreed to a keychain that only hides secrets (Electron's `basic_text` on Linux). */
  plainKeychainAllowed: z.boolean().default(false),
});
/** The settings, each with a value. */
export type Settings = z.infer<typeof settingsSchema>;
