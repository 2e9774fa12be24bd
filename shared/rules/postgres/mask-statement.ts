import { withLiterals } from './split-statements';

const TELLS_SECRET = /passw|secret|token|connection|identified/i;

/**
 * A statement as it may be shown and kept. Where its words speak of something secret, every literal is `'***'` and comments are left out:
 * which of them holds the secret cannot be told for sure, and a statement that was cut may end inside one.
 */
export function maskStatement(text: string): string {
  return TELLS_SECRET.test(text) ? withLiterals(text, "'***'") : text;
}
