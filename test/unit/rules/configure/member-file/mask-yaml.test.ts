import { describe, expect, it } from 'vitest';
import {
  maskValues,
  maskYaml,
  unmaskYaml,
  type MarkOf,
} from '../../../../../shared/rules/configure/member-file/mask-yaml';

/** Marks secrets in the order in which they are first met. */
function marks(): MarkOf {
  const met: string[] = [];
  return (secret) => {
    if (!met.includes(secret)) met.push(secret);
    return `s${met.indexOf(secret) + 1}`;
  };
}

/** A line of a patroni.yml, and what a page sees of it. */
const cases: readonly (readonly [string, string, string])[] = [
  ['a password', 'password: hunter2\n', 'password: ••••••s1\n'],
  ['a quoted password', 'password: "hunter 2"\n', 'password: ••••••s1\n'],
  ['a password that looks like a number', 'password: 0123\n', 'password: ••••••s1\n'],
  ['the password of a key file', 'keyfile_password: hunter2\n', 'keyfile_password: ••••••s1\n'],
  ['a token', 'consul:\n  token: abc\n', 'consul:\n  token: ••••••s1\n'],
  ['what stands below a name of a secret', 'password: {a: hunter2}\n', 'password: {a: ••••••s1}\n'],
  ['a password within an address', 'url: http://root:hunter2@db:2379\n', 'url: http://root:••••••s1@db:2379\n'],
  ['a password of a connection string', 'a: "host=x password=hunter2"\n', 'a: "host=x password=••••••s1"\n'],
  ['a remark with a password', '# password: hunter2\na: 1\n', '# password: ••••••s1\na: 1\n'],
  ['a file with the path of passwords', 'pgpass: /tmp/pgpass\n', 'pgpass: /tmp/pgpass\n'],
  ['a setting of how passwords are kept', 'password_encryption: md5\n', 'password_encryption: md5\n'],
  ['an empty password', 'password:\n', 'password:\n'],
];

/** A line as PostgreSQL, a shell or libpq reads it, and what a page sees of it. */
const lines: readonly (readonly [string, string])[] = [
  ['host all all all ldap ldapbindpasswd="my secret" ldaptls=1', 'host all all all ldap ldapbindpasswd=M ldaptls=1'],
  ['host all all all radius radiussecrets="abc"', 'host all all all radius radiussecrets=M'],
  ['PGPASSWORD="x y" copy %p', 'PGPASSWORD=M copy %p'],
  ['AWS_SECRET_ACCESS_KEY="x" copy %p', 'AWS_SECRET_ACCESS_KEY=M copy %p'],
  ["host=x password='my secret' user=y", 'host=x password=M user=y'],
  ['host=x password=p"q user=y', 'host=x password=M user=y'],
];

/** The ways to write a line in YAML. */
const writings: readonly (readonly [string, (line: string) => string])[] = [
  ['as it is', (line) => `a: ${line}\n`],
  ['in double quotes', (line) => `a: ${JSON.stringify(line)}\n`],
  ['in single quotes', (line) => `a: '${line.replaceAll("'", "''")}'\n`],
  ['in a remark', (line) => `# ${line}\na: 1\n`],
];

describe('secrets of a configuration', () => {
  it.each(cases)('%s is shown without it, and put back as it was written', (_what, text, shown) => {
    const masked = maskYaml(text, marks());
    expect(masked?.text).toBe(shown);
    expect(unmaskYaml(shown, masked?.secrets ?? new Map())).toEqual({ kind: 'text', text });
  });

  describe.each(writings)('of a line that is written %s', (_how, write) => {
    it.each(lines)('%s is shown without them, and put back as it was written', (line, shown) => {
      const text = write(line);
      const masked = maskYaml(text, marks());
      expect(masked?.text).toBe(write(shown).replaceAll('=M', '=••••••s1'));
      expect(unmaskYaml(masked?.text ?? '', masked?.secrets ?? new Map())).toEqual({ kind: 'text', text });
    });
  });

  it('keep their places when lines are moved, and may be written over', () => {
    const { secrets } = maskYaml('a:\n  password: one\nb:\n  password: two\n', marks()) ?? { secrets: new Map() };
    expect(unmaskYaml('b:\n  password: "••••••s2"\na:\n  password: fresh\n', secrets)).toEqual({
      kind: 'text',
      text: 'b:\n  password: two\na:\n  password: fresh\n',
    });
  });

  it('a mask names its secret, not its place: one that was added above does not take it', () => {
    const markOf = marks();
    const draft = maskYaml('a:\n  password: one\nb:\n  password: two\n', markOf)?.text ?? '';
    const now = maskYaml('z:\n  password: added\na:\n  password: one\nb:\n  password: new\n', markOf);
    const secrets = now?.secrets ?? new Map();
    expect(unmaskYaml(draft.replace('b:\n  password: ••••••s2\n', ''), secrets)).toEqual({
      kind: 'text',
      text: 'a:\n  password: one\n',
    });
    expect(unmaskYaml(draft, secrets)).toEqual({ kind: 'unknown_mask', mask: '••••••s2' });
  });

  it('a mask that stands for nothing is refused', () => {
    expect(unmaskYaml('password: ••••••s7\n', new Map([['s1', 'one']]))).toEqual({
      kind: 'unknown_mask',
      mask: '••••••s7',
    });
  });

  it('of a text that does not read nobody can tell them, so it is not shown', () => {
    expect(maskYaml('password: "hunter2\n a: [', marks())).toBeNull();
  });

  it('are taken out of what Patroni reads, however deep they stand', () => {
    const shown = maskValues({ postgresql: { authentication: { superuser: { password: 'hunter2', username: 'p' } } } });
    expect(shown).toEqual({ postgresql: { authentication: { superuser: { password: '••••••', username: 'p' } } } });
  });
});
