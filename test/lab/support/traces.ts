import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab, NodeName } from './lab';

const SEEN = '/root/seen-processes';

/** Notes the arguments and the environment of every process of these servers, five times a second, until it is told to end. */
export async function watchProcesses(lab: Lab, nodes: readonly NodeName[]): Promise<() => Promise<void>> {
  for (const name of nodes)
    await lab.node(name).console(`rm -f ${SEEN} ${SEEN}.end
nohup bash -c 'while [ ! -e ${SEEN}.end ]; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ >> ${SEEN}; sleep 0.2; done' \
  >/dev/null 2>&1 </dev/null &`);
  return async () => {
    for (const name of nodes) await lab.node(name).console(`touch ${SEEN}.end`);
  };
}

/**
 * Where one of these texts stands on a server: among the processes that were noted, in the journal, in the logs. The texts reach it by
 * standard input alone.
 */
export async function tracesOn(lab: Lab, name: NodeName, texts: readonly string[]): Promise<readonly string[]> {
  const output = await lab.node(name).console(
    `words=$(mktemp); cat > "$words" <<'END_OF_WORDS'
${texts.join('\n')}
END_OF_WORDS
test -s ${SEEN}
! grep -aqF -f "$words" ${SEEN} || echo processes
journalctl --no-pager -o short | grep -aF -f "$words" | head -n 3 | cut -c 1-400 | sed 's/^/journal: /'
grep -alrF -f "$words" /var/log --exclude-dir=journal || true
for data in /var/lib/postgresql/*/*; do
  [ ! -d "$data/log" ] || grep -alrF -f "$words" "$data/log" || true
done
rm -f "$words"`,
    { timeoutMs: 120_000 },
  );
  return output.split('\n').filter((line) => line !== '');
}

/** The files below a directory of this machine that have one of these texts in them. */
export async function filesWith(directory: string, texts: readonly string[]): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const text = await readFile(path, 'latin1');
        return texts.some((one) => text.includes(one)) ? [path] : [];
      }),
  );
  return found.flat();
}
