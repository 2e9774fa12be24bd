import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shaOf } from '../../../electron/core/member-files/read-member-file';
import {
  CHECK_SCRIPT,
  LOOK_SCRIPT,
  MEMBER_FILE_EXIT,
  PLACE_SCRIPT,
  RELOAD_SCRIPT,
} from '../../../electron/core/member-files/member-file-scripts';

/** In the place of Patroni: complains of every line with "bad", and of a port that is in use where it is not told to ignore it. */
const PATRONI = (knowsIgnore: boolean) => `#!/bin/sh
[ "$1" = --validate-config ] || exit 2
shift
if [ "$1" = -i ]; then
  ${knowsIgnore ? 'shift' : 'echo "patroni: error: unrecognized arguments: -i"; exit 2'}
else
  used='restapi.listen 127.0.0.1:8008 is already in use.'
fi
if [ -d "$1" ]; then said=$(cat "$1"/*.yml | grep bad); else said=$(grep bad "$1"); fi
[ -z "$used$said" ] && exit 0
[ -z "$used" ] || printf '%s\\n' "$used"
[ -z "$said" ] || printf '%s\\n' "$said $PATRONI_NOTE"
exit 1
`;

describe("the scripts that change a member's own file on its server", () => {
  let place: string;
  let file: string;

  const run = (script: string, args: readonly string[], input = '') =>
    spawnSync('/bin/sh', ['-c', script, 'sh', ...args], {
      input,
      encoding: 'utf8',
      env: { PATH: `${place}/bin:${process.env['PATH'] ?? ''}` },
    });
  const check = (text: string, variables = '', started = file) =>
    run(CHECK_SCRIPT, [file, started, userInfo().username, String(Buffer.byteLength(text))], `${text}${variables}`);
  const put = (text: string, before: string, size = Buffer.byteLength(text)) =>
    run(PLACE_SCRIPT, [file, String(size), shaOf(before)], text);
  const usePatroni = (knowsIgnore: boolean) => {
    writeFileSync(join(place, 'bin/patroni'), PATRONI(knowsIgnore));
    chmodSync(join(place, 'bin/patroni'), 0o755);
  };

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'member-file-'));
    spawnSync('mkdir', [join(place, 'bin')]);
    file = join(place, 'own file.yml');
    writeFileSync(file, 'name: db1\n');
    chmodSync(file, 0o640);
    usePatroni(true);
  });
  afterEach(() => rmSync(place, { recursive: true }));

  const leftOvers = () => readdirSync(place).filter((name) => name.startsWith('.matriarch'));

  it('a text is put in place whole, with its mode, and what was there lies beside it', () => {
    expect(put('name: db1 # ü\n', 'name: db1\n').stdout.trim()).toBe(shaOf('name: db1 # ü\n'));
    expect(readFileSync(file, 'utf8')).toBe('name: db1 # ü\n');
    expect(readFileSync(`${file}.matriarch-backup`, 'utf8')).toBe('name: db1\n');
    expect([file, `${file}.matriarch-backup`].map((one) => statSync(one).mode & 0o777)).toEqual([0o640, 0o640]);
    expect(leftOvers()).toEqual([]);
  });

  it('a file that somebody changed meanwhile is left alone', () => {
    writeFileSync(file, 'name: db1\n# theirs\n');
    expect(put('name: db1\n# mine\n', 'name: db1\n').status).toBe(MEMBER_FILE_EXIT.changed);
    expect(readFileSync(file, 'utf8')).toBe('name: db1\n# theirs\n');
    expect(existsSync(`${file}.matriarch-backup`)).toBe(false);
  });

  it('half a text is never put in place', () => {
    expect(put('name: d', 'name: db1\n', 100).status).toBe(MEMBER_FILE_EXIT.incomplete);
    expect(readFileSync(file, 'utf8')).toBe('name: db1\n');
    expect(leftOvers()).toEqual([]);
  });

  /** A program that is found before the real one of its name. */
  const useProgram = (name: string, body: string) => {
    writeFileSync(join(place, 'bin', name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(place, 'bin', name), 0o755);
  };

  it.each([
    ['by themselves', 'true', 1],
    ['with everything else where sync(1) takes no files', '[ $# = 0 ]', 2],
  ])('both texts are on the disk before either is put in place, %s', (_what, outcome, syncs) => {
    const seen = join(place, 'seen');
    useProgram('sync', `echo sync "$@" >> "${seen}"\n${outcome}`);
    useProgram('mv', `echo mv >> "${seen}"\nexec /bin/mv "$@"`);
    expect(put('name: db2\n', 'name: db1\n').status).toBe(0);
    const lines = readFileSync(seen, 'utf8').trim().split('\n');
    expect(lines[0]).toMatch(/^sync .*\/ready .*\/backup$/);
    expect(lines.slice(1)).toEqual([...Array.from({ length: syncs - 1 }, () => 'sync'), 'mv', 'mv']);
  });

  it.each([
    ['owner', '%u'],
    ['group', '%g'],
    ['mode', '%a'],
  ])('without root a file whose %s could not be kept is left alone', (_what, asked) => {
    useProgram('id', 'echo 1000');
    useProgram('stat', `case "$*" in *${asked}*/ready) echo other ;; *) echo same ;; esac`);
    expect(put('name: db2\n', 'name: db1\n').status).toBe(MEMBER_FILE_EXIT.otherOwner);
    expect(readFileSync(file, 'utf8')).toBe('name: db1\n');
    expect(existsSync(`${file}.matriarch-backup`)).toBe(false);
    expect(leftOvers()).toEqual([]);
  });

  it('nothing is put in place long after the text was sent', () => {
    const clock = join(place, 'clock');
    writeFileSync(clock, '0\n');
    useProgram('date', `cat "${clock}"`);
    useProgram('sync', `echo 21 > "${clock}"`);
    expect(put('name: db2\n', 'name: db1\n').status).toBe(MEMBER_FILE_EXIT.late);
    expect(readFileSync(file, 'utf8')).toBe('name: db1\n');
    expect(existsSync(`${file}.matriarch-backup`)).toBe(false);
  });

  it('a link is followed to the file', () => {
    const link = join(place, 'link.yml');
    spawnSync('ln', ['-s', file, link]);
    expect(run(PLACE_SCRIPT, [link, '2', shaOf('name: db1\n')], 'a\n').status).toBe(0);
    expect([readFileSync(file, 'utf8'), statSync(link).isFile()]).toEqual(['a\n', true]);
    expect(run(LOOK_SCRIPT, [link]).stdout).toMatch(/ 640 yes\n$/);
  });

  it.each([
    ['that knows how to ignore its own port', true],
    ['that does not know that yet', false],
  ])('a Patroni %s says what is wrong with the text, and nothing changes', (_what, knowsIgnore) => {
    usePatroni(knowsIgnore);
    const answer = check('name: db1\nbad: 1\n', 'PATRONI_NOTE=of the\u0001service\n');
    expect(answer.stdout).toBe('after bad: 1 of the\nafter service\nend\n');
    expect(check('name: db1\ngood: 1\n').stdout).toBe('end\n');
    expect(readFileSync(file, 'utf8')).toBe('name: db1\n');
    expect(leftOvers()).toEqual([]);
  });

  it('what Patroni says of the present file is told apart', () => {
    writeFileSync(file, 'bad: old\n');
    expect(check('bad: old\nbad: new\n').stdout).toBe('before bad: old \nafter bad: old\nafter bad: new \nend\n');
  });

  it('one file of a directory is validated together with the others', () => {
    writeFileSync(join(place, 'z.yml'), 'bad: beside\n');
    expect(check('name: db1\n', '', place).stdout).toBe('before bad: beside \nafter bad: beside \nend\n');
  });

  it('the Patroni that was started with the file, by this user, is asked to reload, and no other', async () => {
    const reload = (path: string, user = userInfo().username) => run(RELOAD_SCRIPT, [path, user]).status;
    writeFileSync(
      join(place, 'bin/patroni'),
      `#!/bin/sh\ntrap 'touch "${place}/reloaded"' HUP\ntouch "${place}/started"\nwhile :; do sleep 0.1; done\n`,
    );
    const patroni = spawn(join(place, 'bin/patroni'), [file], { stdio: 'ignore' });
    try {
      await vi.waitFor(() => expect(existsSync(join(place, 'started'))).toBe(true), { timeout: 10_000 });
      expect(reload(join(place, 'other.yml'))).toBe(MEMBER_FILE_EXIT.notFound);
      expect(reload(file, 'nobody')).toBe(MEMBER_FILE_EXIT.notFound);
      expect(existsSync(join(place, 'reloaded'))).toBe(false);
      expect(reload(file)).toBe(0);
      await vi.waitFor(() => expect(existsSync(join(place, 'reloaded'))).toBe(true), { timeout: 10_000 });
    } finally {
      patroni.kill('SIGKILL');
    }
  });

  it('without a program nothing is called right', () => {
    rmSync(join(place, 'bin/patroni'));
    const answer = spawnSync('/bin/sh', ['-c', CHECK_SCRIPT, 'sh', file, file, 'nobody', '2'], {
      input: 'a\n',
      encoding: 'utf8',
      env: { PATH: `${place}/bin` },
    });
    expect(answer.stdout).not.toContain('end');
  });
});
