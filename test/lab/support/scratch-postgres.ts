import { z } from 'zod';
import type { ConnectingClient } from '../../../shared/rules/configure/hba/match-hba';

/** What a scratch PostgreSQL is asked; see scripts/postgres/scratch.py. */
export interface ScratchQuestions {
  /** Lines of pg_hba.conf that are only read. */
  readonly rules: readonly string[];
  /** Files of pg_hba.conf, each with clients that ask to be let in. */
  readonly sets: readonly HbaSet[];
  /** Values of parameters, which ALTER SYSTEM takes or refuses. */
  readonly values: readonly (readonly [name: string, text: string])[];
  /** Values that a session sets, for how pg_settings shows them. */
  readonly local: readonly (readonly [name: string, text: string])[];
}

/** A file of pg_hba.conf and who asks. */
export interface HbaSet {
  readonly lines: readonly string[];
  readonly clients: readonly Omit<ConnectingClient, 'roles'>[];
}

const words = z.array(z.string()).nullable();
const text = z.string().nullable();
/** What it answers, each in the order of the questions. */
export const scratchAnswers = z.object({
  version: z.number(),
  definitions: z.array(z.tuple([z.string(), z.string(), text, z.string(), text, text, words, text])),
  values: z.array(text),
  local: z.array(text),
  /** Index, type, databases, users, address, mask, method and what is wrong; a line without a rule has none. */
  rules: z.array(z.tuple([z.number(), text, words, words, text, text, text, text])),
  sets: z.array(z.array(z.string())),
});
/** These answers. */
export type ScratchAnswers = z.infer<typeof scratchAnswers>;
