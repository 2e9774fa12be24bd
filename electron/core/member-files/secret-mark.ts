import { createHmac, randomBytes } from 'node:crypto';

/** Known to this process alone, so that a mark says nothing about a secret to whoever sees it. */
const KEY = randomBytes(32);

/**
 * What stands behind the mask of a secret: eight hexadecimal digits that are the same for the same secret and for no other. The mark
 * of a secret that has left a file is therefore unknown there, and cannot be taken for another one. A new start has new marks.
 */
export function secretMark(secret: string): string {
  return createHmac('sha256', KEY).update(secret, 'utf8').digest('hex').slice(0, 8);
}
