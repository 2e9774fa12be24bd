import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prelude } from '../../../../../electron/core/deploy/resources/scripted/prelude';
import { scriptPut } from '../../../../../electron/core/deploy/resources/scripted/put-file';
import { tempDirectory, type TempDirectory } from '../../../../support/temp';

/** What systemctl says of a unit, by property. */
type UnitState = Readonly<Record<'UnitFileState' | 'ActiveState' | 'NeedDaemonReload', string>>;

describe('the shell functions of a deployment', () => {
  let temp: TempDirectory;
  beforeEach(async () => {
    temp = await tempDirectory();
  });
  afterEach(() => temp.remove());

  const state = (): string => join(temp.path, 'state');

  function shell(script: string): string {
    const input = `${prelude(state())}\nset -e\n${script}\n`;
    const { status, stdout, stderr } = spawnSync('sh', ['-s'], { input, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  }

  /** What systemctl is called with by a script, but for its questions. */
  function callsOf(script: string, unit: UnitState): readonly string[] {
    const said = Object.entries(unit).map(([key, value]) => `${key}=${value}`);
    return shell(`systemctl() {
  case $1 in show) printf '%s\\n' ${said.map((line) => `'${line}'`).join(' ')} ;; is-enabled) false ;;
    *) echo "$SYSTEMCTL_SKIP_SYSV $*" ;; esac
}
${script}`)
      .split('\n')
      .filter((line) => line !== '');
  }

  it('make systemd read its units once for a unit that was masked, and call no script of another init', () => {
    const masked = { UnitFileState: 'masked', ActiveState: 'inactive', NeedDaemonReload: 'no' };
    expect(callsOf("unit_on haproxy.service restart ''", masked)).toEqual([
      '1 --no-reload unmask -q haproxy.service',
      '1 --no-reload enable -q haproxy.service',
      '1 daemon-reload',
      '1 start haproxy.service',
    ]);
  });

  it('leave a unit alone that runs with what it was started with', () => {
    const file = join(temp.path, 'haproxy.cfg');
    writeFileSync(file, 'global\n');
    const runs = { UnitFileState: 'enabled', ActiveState: 'active', NeedDaemonReload: 'no' };
    const on = `unit_on haproxy.service restart '' ${file}`;
    expect(callsOf(on, runs)).toContain('1 restart haproxy.service');
    expect(callsOf(on, runs).filter((call) => !call.includes('reset-failed'))).toEqual([]);
    writeFileSync(file, 'global # changed\n');
    expect(callsOf(on, runs)).toContain('1 restart haproxy.service');
  });

  it('leave a file as it is where its program refuses the new text, and say what it said', () => {
    const file = join(temp.path, 'prometheus.yml');
    const checker = join(temp.path, 'check');
    const own = spawnSync('id', ['-un'], { encoding: 'utf8' }).stdout.trim();
    writeFileSync(
      checker,
      '#!/bin/sh\n[ "$1" = config ] || exit 9\ngrep -q good "$2" || { echo "no good at all"; exit 3; }\n',
      {
        mode: 0o755,
      },
    );
    const put = (text: string) =>
      spawnSync('sh', ['-s'], {
        input: `${prelude(state())}\nset -e\n${scriptPut(file, own, own, 0o644, '', text, `${checker} config`)}\n`,
        encoding: 'utf8',
      });
    expect(put('good: 1\n')).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(file, 'utf8')).toBe('good: 1\n');
    expect(put('bad: 2\n')).toMatchObject({ status: 3, stderr: 'no good at all\n' });
    expect(readFileSync(file, 'utf8')).toBe('good: 1\n');
    expect(readdirSync(temp.path).sort(), 'nothing is left half written').toEqual(['check', 'prometheus.yml', 'state']);
    expect(readdirSync(state()).filter((name) => name.startsWith('.matriarch'))).toEqual([]);
  });

  it('let a unit that was given up start again', () => {
    const failed = { UnitFileState: 'disabled', ActiveState: 'failed', NeedDaemonReload: 'yes' };
    expect(callsOf('unit_on etcd.service restart --no-block', failed)).toEqual([
      '1 --no-reload enable -q etcd.service',
      '1 daemon-reload',
      '1 reset-failed -q etcd.service',
      '1 start --no-block etcd.service',
    ]);
  });

  it('stop a unit that is to be off', () => {
    const runs = { UnitFileState: 'enabled', ActiveState: 'active', NeedDaemonReload: 'no' };
    expect(callsOf('unit_off postgresql.service', runs)).toEqual([
      '1 --no-reload disable -q postgresql.service',
      '1 daemon-reload',
      '1 stop postgresql.service',
    ]);
  });

  it('remove what a script left half written that was cut off, by a power cut or otherwise, and nothing of one that runs', () => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').split('-')[0] ?? '';
    mkdirSync(state());
    const running = `.matriarch-${boot}-${process.pid}-aB3dE6gH9j`;
    const left = [`.matriarch-00000000-${process.pid}-aB3dE6gH9j`, `.matriarch-${boot}-999999999-aB3dE6gH9j`];
    for (const name of [running, ...left, '.matriarch-DdBYq3Bcxb', 'etc.before'])
      writeFileSync(join(state(), name), 'half');
    shell('true');
    expect(readdirSync(state()).sort()).toEqual([running, 'etc.before'].sort());
  });

  it('put a file in place whole, with its directory, and keep what was there before', () => {
    const owner = spawnSync('id', ['-un'], { encoding: 'utf8' }).stdout.trim();
    const group = spawnSync('id', ['-gn'], { encoding: 'utf8' }).stdout.trim();
    const [path, backup] = [join(temp.path, 'etc/new/file'), join(temp.path, 'backup')];
    const put = (content: string): string => shell(scriptPut(path, owner, group, 0o640, backup, content));
    put("it's\n");
    expect(readFileSync(path, 'utf8')).toBe("it's\n");
    expect(statSync(path).mode & 0o777).toBe(0o640);
    put('second\n');
    expect([readFileSync(path, 'utf8'), readFileSync(backup, 'utf8')]).toEqual(['second\n', "it's\n"]);
    put('third\n');
    expect(readFileSync(backup, 'utf8')).toBe("it's\n");
  });
});
