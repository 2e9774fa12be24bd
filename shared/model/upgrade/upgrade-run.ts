import { z } from 'zod';
import type { OperationCheck } from '../operate/operation';
import { upgradeParts, type UpgradePart } from './upgrade';

/** What must hold before a server is stopped, and how long is waited. */
const upgradeBoundsSchema = z.object({
  /** How far a replica may be behind, bytes. */
  lagBytes: z
    .number()
    .int()
    .min(0)
    .max(2 ** 40),
  /** How old a transaction may be that is lost when a server stops, ms. */
  transactionMs: z.number().int().min(0).max(86_400_000),
  /** How long a server may take to be back, ms. */
  backMs: z.number().int().min(30_000).max(7_200_000),
  /** How long the clients of a drained server are waited for, ms. */
  drainMs: z.number().int().min(0).max(3_600_000),
});
/** What must hold before a server is stopped, and how long is waited. */
export type UpgradeBounds = z.infer<typeof upgradeBoundsSchema>;

/** What a user chooses for a rolling upgrade. */
export const upgradeChoiceSchema = z.object({
  parts: z.array(z.enum(upgradeParts)).max(upgradeParts.length),
  bounds: upgradeBoundsSchema,
  /** Whether a role and a database are made to count the writes that fail meanwhile. */
  countWrites: z.boolean(),
});
/** What a user chooses for a rolling upgrade. */
export type UpgradeChoice = z.infer<typeof upgradeChoiceSchema>;

/** A step as it is shown before it is confirmed: what it does, on which server, and the commands that do the same. */
export interface ShownUpgradeStep {
  readonly id: string;
  readonly title: string;
  readonly commands: readonly string[];
}

/** What a rolling upgrade would do now, and what is in its way. */
export interface UpgradePreview {
  readonly choice: UpgradeChoice;
  /** The parts that apt would replace anywhere, or that still run an older program. */
  readonly offered: readonly UpgradePart[];
  readonly steps: readonly ShownUpgradeStep[];
  readonly checks: readonly OperationCheck[];
  readonly consequences: readonly string[];
  readonly typeToConfirm: string | null;
  readonly fingerprint: string;
  readonly allowed: boolean;
  readonly asOf: number;
}

/** Commands that belong together, and what they are for. */
export interface UpgradeWay {
  readonly title: string;
  readonly commands: readonly string[];
}

/** A rolling upgrade that did not come to its end. */
export interface StoppedUpgrade {
  readonly startedAt: number;
  /** Why it stopped, or that the app ended meanwhile. */
  readonly sentence: string;
  /** What was done and what was not, by the titles of the steps. */
  readonly done: readonly string[];
  readonly left: readonly string[];
  /** How to go on, and how to go back. */
  readonly ways: readonly UpgradeWay[];
  /** What it left on servers, as sentences; it is put back by itself, or by cleaning up. */
  readonly leftovers: readonly string[];
}
