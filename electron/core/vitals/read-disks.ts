import { appError } from '../../../shared/model/app-error';
import { asRootOrSelf } from '../member-files/read-member-file';
import type { Remote } from '../ssh/remote';
import { VITALS_SCRIPT } from './vitals-script';

/** A disk as a server shows it. Sizes in bytes. */
export interface ShownDisk {
  readonly mount: string;
  readonly uses: readonly string[];
  readonly size: number;
  readonly free: number;
}

const READ_MS = 15_000;

/** The disks of a server on which something of a cluster lies, each once. Rejects with `ssh.*` or `discover.incomplete`. */
export async function readDisks(remote: Remote, port: number, asRoot: boolean): Promise<readonly ShownDisk[]> {
  const { stdout } = await asRootOrSelf(asRoot, (sudo) =>
    remote.script(VITALS_SCRIPT, [String(port)], { timeoutMs: READ_MS, sudo }),
  );
  const lines = stdout.trimEnd().split('\n');
  if (lines.at(-1) !== 'end')
    throw appError('discover.incomplete', `${remote.name} did not tell its disks completely.`, { target: remote.name });
  const disks = new Map<string, ShownDisk>();
  for (const line of lines) {
    const [, use = '', mount = '', size = '', free = ''] = /^disk (\S+) (\S+) (\d+) (\d+)$/.exec(line) ?? [];
    if (size === '' || Number(size) <= 0) continue;
    const place = decode(mount);
    const known = disks.get(place);
    const uses = [...(known?.uses ?? []), decode(use)];
    disks.set(place, { mount: place, uses, size: Number(size), free: Number(free) });
  }
  return [...disks.values()];
}

function decode(word: string): string {
  return Buffer.from(word, 'base64').toString('utf8').slice(0, 300);
}
