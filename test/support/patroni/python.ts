import { execFileSync, spawnSync } from 'node:child_process';

/** Debian's own Python, which has the packages python3-yaml and patroni; another Python in PATH may not. */
const PYTHON = '/usr/bin/python3';

/** Why there is no Python with these modules to compare with, or null when there is one. */
export function pythonMissing(modules: readonly string[]): string | null {
  const tried = spawnSync(PYTHON, ['-c', `import ${modules.join(', ')}`], { encoding: 'utf8', timeout: 30_000 });
  return tried.status === 0 ? null : `${PYTHON} has no module ${modules.join(' or ')} (packages python3-yaml, patroni)`;
}

/** Runs a Python program with JSON on its standard input and reads the JSON that it prints. */
export function askPython(program: string, input: unknown): unknown {
  const output = execFileSync(PYTHON, ['-c', program], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' },
  });
  return JSON.parse(output);
}
