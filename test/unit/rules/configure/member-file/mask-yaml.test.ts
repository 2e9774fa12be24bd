import { describe, expect, it } from 'vitest';
import { maskValues, maskYaml, unmaskYaml } from '../../../../../shared/rules/configure/member-file/mask-yaml';

/** A line of a patroni.yml, and what a page sees of it. */
const cases: readonly (readonly [string, string, string])[] = [
  ['a password', 'password: hunter2\n', 'password: ••••••1\n'],
  ['a quoted password', 'password: "hunter 2"\n', 'password: ••••••1\n'],
  ['a password that looks like a number', 'password: 0123\n', 'password: ••••••1\n'],
  ['the password of a key file', 'keyfile_password: hunter2\n', 'keyfile_password: ••••••1\n'],
  ['a token', 'consul:\n  token: abc\n', 'consul:\n  token: ••••••1\n'],
  ['what stands below a name of a secret', 'password: {a: hunter2}\n', 'password: {a: ••••••1}\n'],
  ['a password within an address', 'url: http://root:hunter2@db:2379\n', 'url: http://root:••••••1@db:2379\n'],
  ['a password of a connection string', 'a: "host=x password=hunter2"\n', 'a: "host=x password=••••••1"\n'],
  ['a remark with a password', '# password: hunter2\na: 1\n', '# password: ••••••1\na: 1\n'],
  ['a file with the path of passwords', 'pgpass: /tmp/pgpass\n', 'pgpass: /tmp/pgpass\n'],
  ['a setting of how passwords are kept', 'password_encryption: md5\n', 'password_encryption: md5\n'],
  ['an empty password', 'password:\n', 'password:\n'],
];

describe('secrets of a configuration', () => {
  it.each(cases)('%s is shown without it, and put back as it was written', (_what, text, shown) => {
    const masked = maskYaml(text);
    expect(masked?.text).toBe(shown);
    expect(unmaskYaml(shown, masked?.secrets ?? [])).toEqual({ kind: 'text', text });
  });

  it('keep their places when lines are moved, and may be written over', () => {
    const { secrets } = maskYaml('a:\n  password: one\nb:\n  password: two\n') ?? { secrets: [] };
    expect(unmaskYaml('b:\n  password: "••••••2"\na:\n  password: fresh\n', secrets)).toEqual({
      kind: 'text',
      text: 'b:\n  password: two\na:\n  password: fresh\n',
    });
  });

  it('a mask that stands for nothing is refused', () => {
    expect(unmaskYaml('password: ••••••7\n', ['one'])).toEqual({ kind: 'unknown_mask', mask: '••••••7' });
  });

  it('of a text that does not read nobody can tell them, so it is not shown', () => {
    expect(maskYaml('password: "hunter2\n a: [')).toBeNull();
  });

  it('are taken out of what Patroni reads, however deep they stand', () => {
    const shown = maskValues({ postgresql: { authentication: { superuser: { password: 'hunter2', username: 'p' } } } });
    expect(shown).toEqual({ postgresql: { authentication: { superuser: { password: '••••••', username: 'p' } } } });
  });
});
