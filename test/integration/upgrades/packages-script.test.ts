import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PACKAGES_SCRIPT } from '../../../electron/core/upgrades/packages-script';
import { readPackages } from '../../../electron/core/upgrades/read-packages';
import { tempDirectory, type TempDirectory } from '../../support/temp';

/** dpkg-query as Debian's: a package that was removed but left its configuration has the state `rc`. */
const DPKG_QUERY = `printf 'ii \\tpatroni\\t4.0.6-1\\n'
printf 'hi \\tpostgresql-17\\t17.5-1.pgdg13+1\\n'
printf 'rc \\thaproxy\\t3.0.1-1\\n'
printf 'ii \\tpostgresql-17-postgis-3\\t3.5-1\\n'
echo 'dpkg-query: no packages found matching etcd' >&2
exit 1`;
const APT_CACHE = `[ "$1" = policy ] || exit 1
for name in patroni postgresql-17; do
  printf '%s:\\n  Installed: 1\\n  Candidate: 9-%s\\n  Version table:\\n *** 1 500\\n' "$name" 1
done`;

describe('the script that reads packages', () => {
  let temp: TempDirectory;
  beforeEach(async () => {
    temp = await tempDirectory();
  });
  afterEach(() => temp.remove());

  function run(programs: Readonly<Record<string, string>>, path = `:${process.env['PATH'] ?? ''}`): string {
    const bin = join(temp.path, 'bin');
    mkdirSync(bin);
    for (const [name, body] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    const { status, stdout } = spawnSync('/bin/sh', ['-s'], {
      input: PACKAGES_SCRIPT,
      encoding: 'utf8',
      env: { PATH: `${bin}${path}` },
    });
    expect(status).toBe(0);
    return stdout;
  }

  it('tells what is installed, what apt offers, what is held, and nothing of what was removed', () => {
    const { packages } = readPackages(
      'db1',
      run({ 'dpkg-query': DPKG_QUERY, 'apt-cache': APT_CACHE, 'apt-mark': 'echo postgresql-17' }),
    );
    expect(packages).toEqual([
      { part: 'patroni', name: 'patroni', installed: '4.0.6-1', offered: '9-1', held: false },
      { part: 'postgresql', name: 'postgresql-17', installed: '17.5-1.pgdg13+1', offered: '9-1', held: true },
    ]);
  });

  it('comes to its end on a server that has none of the programs', () => {
    const reading = readPackages('db1', run({ 'dpkg-query': 'exit 1', 'apt-cache': 'exit 1', 'apt-mark': 'exit 1' }));
    expect(reading.packages).toEqual([]);
  });

  it('says of a server without dpkg that it is none of Debian', () => {
    expect(() => readPackages('db1', run({}, ''))).toThrow(/no dpkg/);
  });
});
