import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mergeConfig } from '../../../electron/core/patroni/config/environment';
import { PATRONI_LOADER } from '../../../electron/core/patroni/config/loader';
import { CONFIG_CORPUS, type ConfigCase } from '../../support/patroni/config-corpus';
import { pythonMissing } from '../../support/patroni/python';
import { tempDirectory } from '../../support/temp';

/** What Patroni's own loader says when the service is started with this directory and environment. */
function askPatroni(path: string, env: Readonly<Record<string, string>>): unknown {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const asked = spawnSync('/usr/bin/python3', ['-c', PATRONI_LOADER, path], {
    input: variables.join('\0'),
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' },
  });
  if (asked.status !== 0) return { refused: true };
  const answer = JSON.parse(asked.stdout) as { value?: Readonly<Record<string, unknown>> };
  if (answer.value === undefined) return { refused: true };
  // Accounts to be made at the first start: the app reads nothing of them, and Patroni 4 has them no more.
  const { bootstrap: _bootstrap, ...value } = answer.value;
  return { value };
}

function toOurs(files: readonly { path: string; text: string }[], env: Readonly<Record<string, string>>): unknown {
  const ours = mergeConfig(files, env);
  return ours.kind === 'config' ? { value: ours.config } : { refused: true };
}

describe('a Patroni configuration', () => {
  const missing = pythonMissing(['yaml', 'patroni.config']);
  if (missing !== null) {
    it.skip(`(skipped: ${missing})`, () => undefined);
    return;
  }

  it.each<ConfigCase>(CONFIG_CORPUS)('with $about is merged as Patroni merges it', async ({ files, env }) => {
    const { path: directory, remove } = await tempDirectory();
    onTestFinished(remove);
    const path = Object.keys(files).length === 0 ? '' : join(directory, 'patroni');
    if (path !== '') await mkdir(path);
    for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
    const variables = Object.fromEntries(Object.entries(env).map(([name, value]) => [`PATRONI_${name}`, value]));
    const read = Object.entries(files)
      .filter(([name]) => /\.ya?ml$/.test(name))
      .map(([name, text]) => ({ path: join(path, name), text }));
    expect(toOurs(read, variables)).toEqual(askPatroni(path, variables));
  });
});
