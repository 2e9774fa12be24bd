import { describe, expect, it } from 'vitest';
import { editPassword } from '../../../../shared/rules/passwords/edit-password';
import { readYaml } from '../../../../shared/rules/configure/yaml/read-yaml';
import { valueAt, isJsonObject } from '../../../../shared/rules/configure/config-patch';

const PATH = ['postgresql', 'authentication', 'superuser', 'password'];
const file = (written: string): string =>
  `# ours\npostgresql:\n  authentication:\n    superuser: {username: postgres, sslmode: prefer}\n`.replace(
    '{username: postgres, sslmode: prefer}',
    `# the boss\n      username: postgres\n      password: ${written} # since May`,
  );

describe('a password in a patroni.yml', () => {
  it.each([
    ['plain', 'old', 'NewSecret123', 'NewSecret123'],
    ['in single quotes', "'o''ld'", "it's new!", "'it''s new!'"],
    ['in double quotes', '"old"', 'a"b\\c 12', '"a\\"b\\\\c 12"'],
    ['a number', '123456', '987654321', '"987654321"'],
  ])('that is written %s is replaced, and comments and everything else stay', (_how, written, password, expected) => {
    const edited = editPassword(file(written), PATH, password);
    expect(edited).toEqual({ kind: 'text', text: file(expected) });
  });

  it.each([
    'yes',
    'null',
    '0x12345678',
    'a: b # c',
    '{braces}',
    '- dash',
    '*star12345',
    'ends with:',
    '1_000_000',
    '~',
  ])('reads back as Patroni reads it: %s', (password) => {
    const edited = editPassword(file('old'), PATH, password);
    const read = edited.kind === 'text' ? readYaml(edited.text) : null;
    expect(read?.kind === 'value' && isJsonObject(read.value) ? valueAt(read.value, PATH) : null).toBe(password);
  });

  it.each([
    'yes, please',
    'a: b # c',
    `Super: 'quoted' "twice" $HOME #1`,
    'x,y]z}12',
    '987654321',
    '*star12345',
    '- dash',
  ])('is written as it was once a change to %s is taken back', (password) => {
    for (const former of ['NewSecret123', 'o_l-d', 'plain text', '1234567', 'a: b', "it's"]) {
      const before = editPassword(file('old'), PATH, former);
      const changed = before.kind === 'text' ? editPassword(before.text, PATH, password) : before;
      const back = changed.kind === 'text' ? editPassword(changed.text, PATH, former) : changed;
      expect(back).toEqual(before);
    }
  });

  it('in a flow mapping keeps the mapping whole', () => {
    const text = 'restapi: {authentication: {username: patroni, password: old}, listen: a}\n';
    const path = ['restapi', 'authentication', 'password'];
    expect(editPassword(text, path, 'x,y]z}12')).toEqual({ kind: 'text', text: text.replace('old', '"x,y]z}12"') });
  });

  it.each([
    ['is not there', 'postgresql: {}\n', 'does not stand in the file'],
    ['is an alias', 'a: &p secret\npostgresql: {authentication: {superuser: {password: *p}}}\n', 'anchor or an alias'],
    ['has an anchor', 'postgresql: {authentication: {superuser: {password: &p secret}}}\n', 'anchor or an alias'],
    ['is a block', 'postgresql:\n  authentication:\n    superuser:\n      password: |\n        x\n', 'does not stand'],
  ])('that %s is refused with the reason', (_what, text, words) => {
    expect(editPassword(text, PATH, 'NewSecret123')).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining(words),
    });
  });
});
