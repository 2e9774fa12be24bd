import { createHash } from 'node:crypto';
import type { RoleAdviceFacts } from '../../../shared/model/advice/advice-facts';
import { matchesVerifier } from '../deploy/facts/scram';

/** Passwords of tutorials, images and documentation of PostgreSQL, Patroni and what stands around them. */
const KNOWN = [
  'postgres',
  'postgresql',
  'password',
  'passw0rd',
  'admin',
  'admin_password',
  'patroni',
  'replicator',
  'replication',
  'replicator_password',
  'postgres_password',
  'rep-pass',
  'zalando',
  'rewind',
  'rewind_password',
  'secret',
  'changeme',
  'change_me',
  'example',
  'test',
  '123456',
  '12345678',
  'qwerty',
  'root',
  'pgbouncer',
];

function candidatesFor(username: string): readonly string[] {
  return [
    ...new Set([
      username,
      ...KNOWN,
      `${username}_password`,
      `${username}-password`,
      `${username}123`,
      `${username}pass`,
    ]),
  ];
}

/** Why everybody may know a password; null where it is none of those that are compared. The password is in no answer. */
export function whyWeak(username: string, password: string): string | null {
  if (password === '') return 'the password is empty';
  if (password === username) return 'the password is the name of the user';
  return candidatesFor(username).includes(password) ? 'the password is one of documentation and images' : null;
}

/** How PostgreSQL keeps a password. */
export function formOfVerifier(verifier: string): RoleAdviceFacts['form'] {
  if (verifier === '') return 'none';
  if (verifier.startsWith('SCRAM-SHA-256$')) return 'scram';
  return /^md5[0-9a-f]{32}$/.test(verifier) ? 'md5' : 'other';
}

/** A verifier of more rounds takes too long to be compared with what is known; PostgreSQL's default is 4096. */
const MOST_ROUNDS = 50_000;

/** Why a verifier is not compared with what is known; null where it is. */
export function whyNotCompared(verifier: string): string | null {
  const rounds = Number(/^SCRAM-SHA-256\$(\d+):/.exec(verifier)?.[1] ?? 0);
  if (rounds > MOST_ROUNDS) return `Its verifier has ${rounds} rounds, which takes too long to compare.`;
  return formOfVerifier(verifier) === 'other' ? 'PostgreSQL keeps it in a form that this app does not know.' : null;
}

/**
 * Why everybody may know the password behind a verifier. It is compared here with what is known: nobody logs in, and no account can be
 * locked by it.
 */
export async function whyWeakVerifier(username: string, verifier: string): Promise<string | null> {
  const form = formOfVerifier(verifier);
  for (const password of candidatesFor(username)) {
    const isIt =
      form === 'md5'
        ? md5Of(username, password) === verifier
        : form === 'scram' && (await matchesVerifier(password, verifier));
    if (isIt) return whyWeak(username, password);
  }
  return null;
}

function md5Of(username: string, password: string): string {
  return `md5${createHash('md5').update(`${password}${username}`).digest('hex')}`;
}
