import type { Server } from '../../model/connect/server';
import type { TerminalKind } from '../../model/terminal/terminal';
import { shellWord } from '../words/shell-words';

/** The ssh command that a person would type for a terminal; `jumps` are the servers on the way, outermost first. */
export function terminalCommandWords(
  server: Pick<Server, 'host' | 'port' | 'user'>,
  jumps: readonly Pick<Server, 'host' | 'port' | 'user'>[],
  run: { readonly kind: TerminalKind; readonly postgresPort: number | null; readonly configPath: string },
): string {
  const port = server.port === 22 ? [] : ['-p', String(server.port)];
  const through = jumps.length === 0 ? [] : ['-J', jumps.map(hop).join(',')];
  const remote = remoteWords(run);
  const words = ['ssh', ...(remote === null ? [] : ['-t']), ...port, ...through, `${server.user}@${server.host}`];
  return [...words, ...(remote === null ? [] : [remote])].map(shellWord).join(' ');
}

function hop({ host, port, user }: Pick<Server, 'host' | 'port' | 'user'>): string {
  const address = host.includes(':') ? `[${host}]` : host;
  return `${user}@${address}${port === 22 ? '' : `:${port}`}`;
}

function remoteWords(run: {
  readonly kind: TerminalKind;
  readonly postgresPort: number | null;
  readonly configPath: string;
}): string | null {
  switch (run.kind) {
    case 'shell':
      return null;
    case 'psql':
      return `sudo -u postgres psql${run.postgresPort === null ? '' : ` -p ${run.postgresPort}`}`;
    case 'patronictl':
      return `sudo -u postgres patronictl -c ${shellWord(run.configPath)} list`;
  }
}
