import { spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { tempDirectory } from '../temp';

/** What a server needs to have logs: the programs that are asked for them, a journal, and a PostgreSQL that writes a file. */
export interface LogScene {
  /** To be first in the server's PATH. */
  readonly bin: string;
  /** The data directory of the PostgreSQL. */
  readonly data: string;
  /** The file that it writes. */
  readonly log: string;
  /** The journal, as `journalctl -o json` prints it. */
  readonly journal: string;
  close(): Promise<void>;
}

/** What is there from the beginning, and which shell `sh` is. */
export interface LogSceneStart {
  readonly log: string;
  readonly journal: string;
  readonly shell?: 'sh' | 'bash' | 'dash';
}

const commands: Readonly<Record<string, string>> = {
  systemctl: 'case $1 in show) printf "Id=patroni.service\\nLoadState=loaded\\n\\n" ;; esac',
  // What is asked for by a cursor is answered from the file; what is followed goes on with it.
  journalctl: `all="$*"
case " $all " in
  *" -f "*--after-cursor=*)
    cursor=\${all#*--after-cursor=}
    from=$(grep -n -m 1 "\"\${cursor%% *}\"" "$JOURNAL" | cut -d : -f 1)
    exec tail -n "+$((from + 1))" -F "$JOURNAL" ;;
  *" -f "*) exec tail -n 200 -F "$JOURNAL" ;;
  *--cursor=*) cursor=\${all#*--cursor=}; grep -m 1 "\"\${cursor%% *}\"" "$JOURNAL" ;;
  *" -r "*) tac "$JOURNAL" ;;
esac`,
};

/** Makes the files and starts a process with the name and the words of a postmaster. */
export async function makeLogScene({ shell = 'sh', ...first }: LogSceneStart): Promise<LogScene> {
  const temp = await tempDirectory();
  const [bin, data, journal] = [`${temp.path}/bin`, `${temp.path}/data`, `${temp.path}/journal`];
  const log = `${data}/log/postgresql-2026-11-27.log`;
  await mkdir(`${data}/log`, { recursive: true });
  await mkdir(bin);
  await writeFile(`${data}/current_logfiles`, 'stderr log/postgresql-2026-11-27.log\n');
  await writeFile(log, first.log);
  await writeFile(journal, first.journal);
  await copyFile('/bin/dash', `${bin}/postgres`);
  const postgres = spawn(`${bin}/postgres`, ['-c', 'sleep 600; :', '-D', data], { stdio: 'ignore', detached: true });
  const all = { ...commands, pgrep: `echo ${String(postgres.pid)}` };
  for (const [name, text] of Object.entries(all)) {
    await writeFile(`${bin}/${name}`, `#!/bin/sh\nJOURNAL=${journal}\n${text}\n`);
    await chmod(`${bin}/${name}`, 0o755);
  }
  if (shell !== 'sh') await symlink(`/bin/${shell}`, `${bin}/sh`);
  return {
    bin,
    data,
    log,
    journal,
    close: async () => {
      process.kill(-(postgres.pid ?? 0));
      await temp.remove();
    },
  };
}
