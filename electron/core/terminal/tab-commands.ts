import type { TerminalKind } from '../../../shared/model/terminal/terminal';
import type { ShellCommand } from '../ssh/remote';

/** What a ready-made terminal needs of its member. */
export interface TabMember {
  readonly member: string;
  /** Where its PostgreSQL listens; null where that is not known. */
  readonly postgresPort: number | null;
  readonly configPath: string;
}

/** The words that the scripts begin with; who answers in a server's place knows them by these. */
export const TAB_MARKS = { psql: ': matriarch-psql-v1;', patronictl: ': matriarch-patronictl-v1;' } as const;

/** The account that PostgreSQL and Patroni run as in every package. */
const POSTGRES = 'postgres';

/**
 * psql's prompt: the member, and whether its PostgreSQL is the primary at this moment. Patroni keeps standby.signal (before
 * PostgreSQL 12 recovery.conf) on every other member, so a look at a file is enough.
 */
const ROLE =
  'if [ -e "$MATRIARCH_DATA/standby.signal" ] || [ -e "$MATRIARCH_DATA/recovery.conf" ]; then echo replica; else echo primary; fi';
const WHO = '%`printf "%s" "$MATRIARCH_MEMBER"` (%`' + ROLE + '`)';
const PROMPT = `${WHO} %/%R%x%# `;

/**
 * Finds the PostgreSQL of the member among those that run there: the one on its port, else the only one. Its own psql, its
 * port and its socket are taken from it. On one line, since not every login shell takes a line break in quotes.
 */
const PSQL_SCRIPT = [
  TAB_MARKS.psql,
  'port=$1; MATRIARCH_MEMBER=$2; prompt=$3; found=; only=; count=0;',
  'for pid in $(pgrep -x "postgres|postmaster"); do',
  'data=$(readlink "/proc/$pid/cwd" 2>/dev/null) || continue;',
  '[ "$(sed -n 1p "$data/postmaster.pid" 2>/dev/null)" = "$pid" ] || continue;',
  'count=$((count + 1)); only=$pid;',
  '[ "$(sed -n 4p "$data/postmaster.pid")" != "$port" ] || found=$pid;',
  'done;',
  'if [ -z "$found" ] && [ "$count" = 1 ]; then found=$only; fi;',
  'if [ -z "$found" ]; then',
  'echo "PostgreSQL of $MATRIARCH_MEMBER does not run on this server${port:+ (port $port)}."; exit 1; fi;',
  'MATRIARCH_DATA=$(readlink "/proc/$found/cwd");',
  'port=$(sed -n 4p "$MATRIARCH_DATA/postmaster.pid"); socket=$(sed -n 5p "$MATRIARCH_DATA/postmaster.pid");',
  'psql=$(dirname "$(readlink "/proc/$found/exe")")/psql; [ -x "$psql" ] || psql=psql;',
  'unset PGOPTIONS PGSERVICE PGDATABASE PGUSER PGHOST PGPORT; export MATRIARCH_DATA MATRIARCH_MEMBER;',
  'exec "$psql" -h "${socket:-localhost}" -p "$port" -d postgres -v "PROMPT1=$prompt" -v "PROMPT2=$prompt";',
].join(' ');

/**
 * Where the configuration is not at its known path, or patronictl not in PATH, the running Patroni says where they are: one of root or of
 * the user that the terminal runs as, because anybody may give a process any name.
 */
const PATRONICTL_SCRIPT = [
  TAB_MARKS.patronictl,
  'set -f; config=$1;',
  'words=$(for pid in $(pgrep -u "0,$(id -u)"); do',
  'tr "\\000" "\\n" < "/proc/$pid/cmdline" 2>/dev/null; done | grep "^/.*patroni");',
  'if ! [ -r "$config" ]; then for word in $words; do',
  'case $word in *.yml|*.yaml) [ ! -r "$word" ] || config=$word;; esac; done; fi;',
  'if ! command -v patronictl >/dev/null 2>&1; then for word in $words; do',
  'case $word in */patroni) PATH=${word%/*}:$PATH; export PATH;; esac; done; fi;',
  'PATRONICTL_CONFIG_FILE=$config; export PATRONICTL_CONFIG_FILE;',
  'printf "$ patronictl -c %s list\\n" "$config"; patronictl -c "$config" list;',
  'printf "patronictl uses %s in this shell.\\n" "$config";',
  'if command -v bash >/dev/null 2>&1; then exec bash; fi; exec sh',
].join(' ');

/** What runs in a terminal of this kind; null for the login shell. Names are arguments, never part of a script. */
export function tabCommand(kind: TerminalKind, on: TabMember): ShellCommand | null {
  switch (kind) {
    case 'shell':
      return null;
    case 'psql': {
      const port = on.postgresPort === null ? '' : String(on.postgresPort);
      return { argv: ['sh', '-c', PSQL_SCRIPT, 'sh', port, oneLine(on.member), PROMPT], asUser: POSTGRES };
    }
    case 'patronictl':
      return { argv: ['sh', '-c', PATRONICTL_SCRIPT, 'sh', on.configPath], asUser: POSTGRES };
  }
}

/** A name as a prompt shows it: a control character in it would reach the terminal. */
function oneLine(name: string): string {
  return name.replace(/\p{Cc}/gu, '?');
}
