import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prelude } from '../../electron/core/deploy/resources/scripted/prelude';
import { scriptPut } from '../../electron/core/deploy/resources/scripted/put-file';
import { scriptUnit } from '../../electron/core/deploy/resources/scripted/unit';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'matriarch-root-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const me = userInfo().username;
const group = spawnSync('id', ['-gn']).stdout.toString().trim();
const shell = (script: string): string => {
  const done = spawnSync('sh', ['-s'], { input: `${prelude(join(directory, 'state'))}\nset -e\n${script}\n` });
  if (done.status !== 0) throw new Error(done.stderr.toString());
  return done.stdout.toString();
};

describe('a file that root puts into the directory of a service', () => {
  it('is not led elsewhere by links that the service has laid', () => {
    const place = join(directory, 'service');
    const target = join(place, 'one.conf');
    const victim = join(directory, 'victim');
    mkdirSync(place);
    writeFileSync(victim, 'untouched');
    for (const name of ['one.conf.matriarch-new', 'one.conf.new', 'one.conf']) symlinkSync(victim, join(place, name));
    shell(scriptPut(target, me, group, 0o640, '', 'content'));
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
    expect(readFileSync(target, 'utf8')).toBe('content');
  });

  it('leaves nothing beside it, and is whole before it has its name', () => {
    const place = join(directory, 'service');
    shell(scriptPut(join(place, 'one.conf'), me, group, 0o640, '', 'content'));
    expect(readdirSync(place)).toEqual(['one.conf']);
    expect(readdirSync(join(directory, 'state'))).toEqual([]);
  });

  it('does not become a file inside a directory that took its name', () => {
    const target = join(directory, 'service', 'one.conf');
    mkdirSync(target, { recursive: true });
    expect(() => shell(scriptPut(target, me, group, 0o640, '', 'content'))).toThrow();
    expect(readdirSync(target)).toEqual([]);
  });
});

describe('a reload of PostgreSQL', () => {
  const reload = (pid: string): string => {
    const file = join(directory, 'postmaster.pid');
    writeFileSync(file, `${pid}\n/data\n`);
    const script = scriptUnit({
      kind: 'unit',
      unit: 'patroni.service',
      wanted: 'on',
      configuration: [],
      onChange: 'reload',
      noBlock: false,
      alsoReload: file,
    });
    return shell(`unit_on() { :; }\nkill() { echo "root: $@"; }\nrunuser() { echo "$@"; }\n${script}`).trim();
  };

  it("signals with the rights of the file's owner, so that a number written there reaches no process of another", () => {
    expect(reload('4711')).toBe(`-u ${me} -- kill -HUP 4711`);
  });

  it.each(['1', '0', '-1', '', '4711 1', 'x'])('signals nobody where the file says %j', (pid) => {
    expect(reload(pid)).toBe('');
  });
});
