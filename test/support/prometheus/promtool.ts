import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Where promtool is, of Debian's package `prometheus`; null where it is not installed. */
export function findPromtool(): string | null {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'promtool'));
  return places.find((path) => existsSync(path)) ?? null;
}

/** What promtool said, and whether it was content. The files lie in its directory under their names. */
export async function askPromtool(
  words: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<{ readonly ok: boolean; readonly said: string }> {
  const promtool = findPromtool();
  if (promtool === null) throw new Error('promtool is not installed: it is in the package prometheus of Debian.');
  const directory = await mkdtemp(join(tmpdir(), 'promtool-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    return await new Promise((resolve) => {
      execFile(promtool, words, { cwd: directory, timeout: 60_000 }, (error, stdout, stderr) =>
        resolve({ ok: error === null, said: `${stdout}${stderr}` }),
      );
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
