import { TAB_MARKS } from '../../terminal/tab-commands';
import type { DemoShell, DemoShellStart } from '../shell/demo-shell';
import { readCommand } from './handle-exec';

/** A terminal with a command in it, and what says that the command runs. */
export interface DemoTab extends DemoShellStart {
  readonly announce: string;
}

/** Which ready-made terminal a command line is; null for any other command. */
export function tabOf(line: string): DemoTab | null {
  const { argv, user, begin } = readCommand(line);
  const script = argv[0] === 'sh' && argv[1] === '-c' ? (argv[2] ?? '') : '';
  const tab = { user: user ?? 'postgres', configPath: argv[4] ?? '', announce: begin };
  if (script.startsWith(TAB_MARKS.psql)) return { ...tab, kind: 'psql' };
  return script.startsWith(TAB_MARKS.patronictl) ? { ...tab, kind: 'patronictl' } : null;
}

/** The list of processes of a simulated server, as ps prints it: the connection's sshd, and the terminals on it. */
export function processesText(shells: readonly DemoShell[]): string {
  const row = (pid: number, parent: number, front: number, tty: string, name: string): string =>
    `${pid} ${parent} ${pid} ${front} ${tty} ${1_000 - pid} ${name}`;
  const terminals = shells.flatMap((shell, index) => {
    const pid = 300 + 2 * index;
    const tty = `pts/${index}`;
    if (shell.foreground === null) return [row(pid, 200, pid, tty, 'bash')];
    return [row(pid, 200, pid + 1, tty, 'bash'), row(pid + 1, pid, pid + 1, tty, shell.foreground)];
  });
  const asking = row(900, 200, -1, '?', 'sh');
  return ['900', row(200, 1, -1, '?', 'sshd'), ...terminals, asking, ''].join('\n');
}
