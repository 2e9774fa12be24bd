import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Remote } from '../../../electron/core/ssh/remote';
import { makePool, poolServer } from '../../support/ssh/ssh-pool';
import { sshdMissing, startRealSshd } from '../../support/ssh/real-sshd';
import { tempDirectory } from '../../support/temp';

const limit = { timeoutMs: 20_000 };
const FISH = '/usr/bin/fish';

/** What login shells do before they run a command, as what sshd is told to run instead of it. */
const SHELLS: readonly (readonly [about: string, command: string, missing: string | null])[] = [
  ['prints a greeting', `printf 'hi\\n'; sh -c "$SSH_ORIGINAL_COMMAND"`, null],
  ['prints a greeting without a final newline', `printf hi; sh -c "$SSH_ORIGINAL_COMMAND"`, null],
  ['prints to both outputs', `printf '0\\n0'; printf 'warning' >&2; sh -c "$SSH_ORIGINAL_COMMAND"`, null],
  ['prints very much', `head -c 300000 /dev/zero | tr '\\0' x; sh -c "$SSH_ORIGINAL_COMMAND"`, null],
  ['prints what looks like a mark', `printf '[begin-0123]\\n[ready-1-2]'; sh -c "$SSH_ORIGINAL_COMMAND"`, null],
  ['sets a umask of its own', `umask 077; sh -c "$SSH_ORIGINAL_COMMAND"`, null],
  ['is bash with aliases', `bash -c "$SSH_ORIGINAL_COMMAND"`, null],
  [
    'is fish',
    `printf hi; ${FISH} -c "$SSH_ORIGINAL_COMMAND"`,
    existsSync(FISH) ? null : `${FISH} is not installed (package fish)`,
  ],
];

async function connectWith(command: string): Promise<Remote> {
  const sshd = await startRealSshd([`ForceCommand ${command}`]);
  onTestFinished(() => sshd.close());
  const made = await makePool({
    servers: [poolServer(sshd.port, { user: sshd.user, auth: { kind: 'key', keyPath: sshd.keyPath } })],
  });
  onTestFinished(() => made.close());
  return made.pool.remote('db1');
}

describe.each(SHELLS)('a server whose login shell %s', (_about, command, ownMissing) => {
  const missing = sshdMissing ?? ownMissing;
  if (missing !== null) {
    it.skip(`(skipped: ${missing})`, () => undefined);
    return;
  }

  it('gives answers and files without a word of the shell, in a run, in a script and as they come', async () => {
    const remote = await connectWith(command);
    const { path, remove } = await tempDirectory();
    onTestFinished(remove);
    const awkward = `it's "a" \\ $HOME \`x\` \n ! %s *`;
    expect(await remote.run(['printf', '%s', awkward], limit)).toMatchObject({
      exitCode: 0,
      stdout: awkward,
      stderr: '',
    });
    const came: string[] = [];
    const onOutput = (chunk: string): void => void came.push(chunk);
    const script = await remote.script('printf "<%s>" "$1"; printf err >&2', [awkward], { ...limit, onOutput });
    expect(script).toMatchObject({ stdout: `<${awkward}>`, stderr: 'err' });
    expect(came.join('')).toContain(`<${awkward}>`);
    expect(came.join('').replace('err', '')).toBe(`<${awkward}>`);
    await remote.writeFile(join(path, 'f'), 'content\n', { mode: 0o644 });
    expect((await remote.readFile(join(path, 'f'), {}))?.toString()).toBe('content\n');
    expect((await remote.run(['true'], limit)).stdout).toBe('');
  });

  it('makes directories that others may enter, as with the usual umask', async () => {
    const remote = await connectWith(command);
    const { path, remove } = await tempDirectory();
    onTestFinished(remove);
    await remote.script('mkdir -p "$1"', [join(path, 'made')], limit);
    expect((await stat(join(path, 'made'))).mode & 0o777).toBe(0o755);
  });
});
