import { z } from 'zod';

/** Columns of the table of a cluster's members that may be hidden. */
const memberColumns = ['timeline', 'receive', 'replay', 'upstream', 'version', 'contact'] as const;
/** One of them. */
export type MemberColumn = (typeof memberColumns)[number];

/** Columns of the fleet that may be hidden. */
const fleetColumns = ['leader', 'timeline', 'members', 'lag', 'asOf'] as const;
/** One of them. */
export type FleetColumn = (typeof fleetColumns)[number];

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
  /** Columns that the user does not want to see; those that this version does not know are forgotten. */
  hiddenMemberColumns: z.array(z.enum(memberColumns)).catch([]).default([]),
  hiddenFleetColumns: z.array(z.enum(fleetColumns)).catch([]).default([]),
  firstRunDone: z.boolean().default(false),
  /** The user agreed to a keychain that only hides secrets (Electron's `basic_text` on Linux). */
  plainKeychainAllowed: z.boolean().default(false),
});
/** The settings, each with a value. */
export type Settings = z.infer<typeof settingsSchema>;
