import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);
const iterations = 4096;

/**
 * The SCRAM-SHA-256 verifier of a password, in the form PostgreSQL keeps in pg_authid.rolpassword (RFC 5803).
 * Given to CREATE ROLE in place of the password, it keeps the password out of every log of the server.
 */
export async function scramVerifier(
  password: string,
  salt: Buffer = randomBytes(16),
  rounds: number = iterations,
): Promise<string> {
  const salted = await derive(password.normalize('NFKC'), salt, rounds, 32, 'sha256');
  const hmac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${stored}:${hmac('Server Key').toString('base64')}`;
}

/** Whether a password is the one behind a verifier; false for any other form of stored password. */
export async function matchesVerifier(password: string, verifier: string): Promise<boolean> {
  const match = /^SCRAM-SHA-256\$(\d{1,7}):([A-Za-z0-9+/=]+)\$/.exec(verifier);
  if (match === null) return false;
  const made = Buffer.from(await scramVerifier(password, Buffer.from(match[2] ?? '', 'base64'), Number(match[1])));
  const held = Buffer.from(verifier);
  return made.length === held.length && timingSafeEqual(made, held);
}
