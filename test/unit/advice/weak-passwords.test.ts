import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { formOfVerifier, whyNotCompared, whyWeak, whyWeakVerifier } from '../../../electron/core/advice/weak-passwords';
import { scramVerifier } from '../../../electron/core/deploy/facts/scram';

const md5 = (username: string, password: string): string =>
  `md5${createHash('md5').update(`${password}${username}`).digest('hex')}`;

describe('a password that everybody may know', () => {
  it.each([
    ['replicator', ''],
    ['app', 'app'],
    ['postgres', 'postgres_password'],
    ['replicator', 'rep-pass'],
  ])('of %s is known from the file: "%s"', (username, password) => {
    expect(whyWeak(username, password)).toMatch(/^the password is /);
  });

  it('is found behind what PostgreSQL keeps, without logging in', async () => {
    expect(await whyWeakVerifier('app', await scramVerifier('app'))).toBe('the password is the name of the user');
    expect(await whyWeakVerifier('app', md5('app', 'changeme'))).toBe(
      'the password is one of documentation and images',
    );
  });

  it('is never in the answer', () => {
    expect(whyWeak('x', 'rep-pass')).not.toContain('rep-pass');
  });
});

it('calls nothing weak that it does not know', async () => {
  expect(whyWeak('app', 'Zq7-unlikely')).toBeNull();
  expect(await whyWeakVerifier('app', await scramVerifier('Zq7-unlikely'))).toBeNull();
  expect(await whyWeakVerifier('app', '')).toBeNull();
  expect(await whyWeakVerifier('app', 'SCRAM-SHA-256$x')).toBeNull();
});

it('compares no verifier that would keep the computer busy, and says so', () => {
  expect(whyNotCompared('SCRAM-SHA-256$4096:a$b:c')).toBeNull();
  expect(whyNotCompared('SCRAM-SHA-256$9999999:a$b:c')).toMatch(/9999999 rounds/);
  expect(whyNotCompared('plain')).toMatch(/does not know/);
});

it.each([
  ['', 'none'],
  ['SCRAM-SHA-256$4096:a$b:c', 'scram'],
  [md5('a', 'b'), 'md5'],
  ['plain', 'other'],
])('tells how PostgreSQL keeps "%s"', (verifier, form) => {
  expect(formOfVerifier(verifier)).toBe(form);
});
