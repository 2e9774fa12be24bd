import { expect, it } from 'vitest';
import { listedForm, listedPassword, withListedPassword } from '../../../../shared/rules/passwords/pooler-list';

const LIST = '; ours\n"app" "o""ld" ""\n"pgbouncer" "secret"\n"we""ird" "x"\n';

it('reads a user of the list with quotes as PgBouncer doubles them', () => {
  expect(listedPassword(LIST, 'app')).toBe('o"ld');
  expect(listedPassword(LIST, 'we"ird')).toBe('x');
  expect(listedPassword(LIST, 'nobody')).toBeNull();
});

it('changes one user of the list and leaves every other line as it is', () => {
  expect(withListedPassword(LIST, 'app', 'n"ew')).toBe(LIST.replace('o""ld', 'n""ew'));
  expect(withListedPassword(LIST, 'nobody', 'x')).toBe(LIST);
});

it('tells a plain password, an MD5 hash and a verifier apart', () => {
  expect([listedForm('secret'), listedForm(`md5${'a'.repeat(32)}`), listedForm('SCRAM-SHA-256$4096:x')]).toEqual([
    'plain',
    'md5',
    'scram',
  ]);
});
