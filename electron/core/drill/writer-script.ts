import { randomBytes } from 'node:crypto';
import { appError } from '../../../shared/model/app-error';
import type { DrillWay, DrillWayKind } from '../../../shared/model/drill/drill';
import type { DrillWrite } from '../../../shared/rules/drill/measure-gaps';
import { FIND_PSQL } from '../postgres/ask-psql';
import type { Remote } from '../ssh/remote';

/** The first words of the scripts; who answers in a server's place knows them by these. */
export const DRILL_WRITER = '# matriarch:drill-writer';

/** Between two writes, ms. */
export const WRITE_EVERY_MS = 100;
/** While a way is interrupted another connection is tried so often, also while earlier ones wait, ms. */
export const TRY_EVERY_MS = 400;
/** So many tries of a way may wait at once: each is a process on the server. */
export const MOST_TRIES = 2;
/** A write that was not acknowledged for so long is given up, and so is its connection, ms. */
export const WRITE_GIVES_UP_MS = 2000;

/**
 * Writes by each way ten times a second and notes when each write was sent, and when and how it ended, by this server's clock. Each
 * way has one psql that stays connected. When it refuses or does not answer, another one is tried every 0.4 s, whatever becomes of the ones
 * before, until one is let in. Bash, which can wait for less than a second. It ends by itself after its limit, removes its
 * password then, and all of itself an hour later.
 * Arguments: limit in seconds, seconds that a write may take. Files beside it: `ways` (a way and its connection, by a tab), `pass`.
 */
const WRITER = `${DRILL_WRITER} loop v1
LC_ALL=C; export LC_ALL
limit=$1 patience=$2 here=$(pwd)
${FIND_PSQL}
buffered=; command -v stdbuf >/dev/null 2>&1 && buffered='stdbuf -oL -eL'
now() { if [ -n "\${EPOCHREALTIME:-}" ]; then t=\${EPOCHREALTIME/[.,]/}; else t=$(date +%s%N); t=\${t%???}; fi; }
statement() { printf "INSERT INTO public.written VALUES ('server', '%s', %d) RETURNING n;\\n" "$way" "$1"; }
note() { said=\${4//[^[:print:]]/ }; printf '%s %s %s %s %s\\n' "$1" "$2" "$t" "$3" "\${said:0:200}" >> "$way.log"; }
pause() { printf -v span '0.%06d' "$1"; read -r -t "$span" -u 9; }
try() {
  answer=$(statement "$1" | PGPASSFILE=$here/pass timeout "$longest" psql -X -q -At -d "$connection" 2>&1)
  now
  if [ "$answer" = "$1" ]; then : > "$way.back"; note "$1" "$2" yes ''; else note "$1" "$2" no "\${answer:-no answer}"; fi
}
open() {
  rm -f "$way.back" "$way.in" "$way.out"; mkfifo "$way.in" "$way.out"
  PGPASSFILE=$here/pass $buffered psql -X -q -At -d "$connection" <"$way.in" >"$way.out" 2>&1 9<&- &
  psql=$!; exec 3>"$way.in" 4<"$way.out"; up=yes wait=$longest
}
ask() {
  acknowledged=no answer=
  statement "$1" 2>/dev/null >&3
  while IFS= read -r -t "$wait" -u 4 line; do
    if [ "$line" = "$1" ]; then acknowledged=yes; break; fi
    answer=\${answer:-$line}
    case $line in *ERROR:*|*FATAL:*) break ;; esac
  done
  now; wait=$patience
  note "$1" "$2" "$acknowledged" "$answer"
  [ "$acknowledged" = yes ] || { exec 3>&- 4<&-; kill -KILL "$psql" 2>/dev/null; wait "$psql" 2>/dev/null; up=; }
}
write() {
  way=$1 connection=$2 n=0 up= hosts=\${2%% port=*}; hosts=\${hosts//[^,]/}
  longest=$((patience * (1 + \${#hosts}) + 1))
  mkfifo "$way.rest"; exec 9<>"$way.rest"
  trap '' PIPE
  while [ ! -e stop ] && [ $SECONDS -lt "$limit" ]; do
    [ -n "$up" ] || [ ! -e "$way.back" ] || open
    n=$((n+1)); now; began=$t
    if [ -n "$up" ]; then
      ask "$n" "$began"
      rest=$((100000 - (t - began)))
      [ $rest -le 0 ] || pause "$rest"
    else
      try "$n" "$began" &
      pause ${TRY_EVERY_MS * 1000}
      while [ "$(jobs -rp | wc -l)" -ge ${MOST_TRIES} ]; do pause ${TRY_EVERY_MS * 1000}; done
    fi
  done
  [ -z "$up" ] || { exec 3>&- 4<&-; kill "$psql" 2>/dev/null; }
  wait
}
SECONDS=0
while IFS="$(printf '\\t')" read -r way connection; do write "$way" "$connection" & done < ways
wait
rm -f pass
: > ended
for turn in {1..360}; do [ -d "$here" ] || exit 0; sleep 10; done
cd / && rm -rf "$here"
`;

/** Begins to write. Arguments: limit and patience in seconds, how many ways. Input: the line of the password file, the ways, the writer. */
const START_WRITER = `${DRILL_WRITER} start v1
umask 077
command -v bash >/dev/null 2>&1 || { echo 'bash is not installed there' >&2; exit 41; }
${FIND_PSQL}
command -v psql >/dev/null 2>&1 || { echo 'psql is not installed there' >&2; exit 42; }
dir=$(mktemp -d "\${TMPDIR:-/tmp}/matriarch-drill-XXXXXXXX") || exit 43
cd "$dir" || exit 43
IFS= read -r line; printf '%s\\n' "$line" > pass
count=$3; while [ "$count" -gt 0 ]; do IFS= read -r line; printf '%s\\n' "$line" >> ways; count=$((count - 1)); done
cat > writer
setsid bash writer "$1" "$2" >/dev/null 2>&1 </dev/null &
printf '%s\\n' "$dir"
`;

/** Prints the clock in microseconds and, for each way, how many writes are noted and acknowledged. Argument: the directory. */
const COUNT_WRITES = `${DRILL_WRITER} count v1
cd "$1" 2>/dev/null || exit 44
echo "clock $(date +%s%N)"
for log in *.log; do [ -e "$log" ] && echo "$log $(wc -l < "$log") $(grep -c '^[0-9]* [0-9]* [0-9]* yes' "$log")"; done
exit 0
`;

/** Ends the writer and prints all that it noted. Arguments: the directory, seconds to wait for its end. */
const END_WRITER = `${DRILL_WRITER} end v1
cd "$1" 2>/dev/null || exit 44
: > stop
left=$2; while [ ! -e ended ] && [ "$left" -gt 0 ]; do sleep 1; left=$((left - 1)); done
for log in *.log; do [ -e "$log" ] && { echo "way \${log%.log}"; cat "$log"; }; done
echo end
`;

/** Removes the writer with all that it noted. Argument: the directory. */
const REMOVE_WRITER = `${DRILL_WRITER} remove v1
case $1 in */matriarch-drill-????????) ;; *) exit 45 ;; esac
[ -d "$1" ] || exit 0
: > "$1/stop"; sleep 1; rm -rf -- "$1"
`;

const SCRIPT_MS = 20_000;
const MOST_BYTES = 32 * 1024 * 1024;

/** A writer on a server. */
export interface ServerWriter {
  readonly remote: Remote;
  readonly directory: string;
}

/** How a writer logs in, and for how long it writes. */
export interface WriterOrder {
  readonly ways: readonly DrillWay[];
  readonly name: string;
  readonly password: string;
  readonly limitSeconds: number;
}

/** A value of a connection string of libpq. */
function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** The connection string of a way: the same that an application would have, with limits of time. */
function connectionOf({ kind, targets }: DrillWay, name: string): string {
  const values: Readonly<Record<string, string>> = {
    host: targets.map(({ host }) => host).join(','),
    port: targets.map(({ port }) => String(port)).join(','),
    dbname: name,
    user: name,
    application_name: 'matriarch_drill',
    connect_timeout: '2',
    ...(kind === 'direct' ? { target_session_attrs: 'read-write' } : {}),
  };
  return Object.entries(values)
    .map(([key, value]) => `${key}=${quoted(value)}`)
    .join(' ');
}

/** Begins to write on a server; it goes on without the connection. Rejects with `drill.no_writer` and `ssh.*`. */
export async function startServerWriter(remote: Remote, order: WriterOrder): Promise<ServerWriter> {
  const { ways, name, password, limitSeconds } = order;
  const lines = [
    `*:*:${name}:${name}:${password}`,
    ...ways.map((way) => `${way.kind}\t${connectionOf(way, name)}`),
    WRITER,
  ];
  const args = [String(limitSeconds), String(WRITE_GIVES_UP_MS / 1000), String(ways.length)];
  const started = await remote.script(START_WRITER, args, { timeoutMs: SCRIPT_MS, stdin: lines.join('\n') });
  const directory = started.stdout.trim();
  if (started.exitCode === 0 && /^\/[^\s]*\/matriarch-drill-[A-Za-z0-9]{8}$/.test(directory))
    return { remote, directory };
  throw appError('drill.no_writer', `Nothing can be written from ${remote.name}: ${lastWords(started.stderr)}`, {
    target: remote.name,
    hint: 'Choose another server. No fault was made.',
  });
}

function lastWords(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}

/** What a writer has done so far. `clockMs` is the server's clock, ms since the epoch. */
export interface WriterCount {
  readonly clockMs: number;
  readonly ways: ReadonlyMap<DrillWayKind, { readonly written: number; readonly acknowledged: number }>;
}

/** Counts the writes so far. Rejects with `ssh.*` and `drill.writer_gone`. */
export async function countWrites({ remote, directory }: ServerWriter): Promise<WriterCount> {
  const { stdout, exitCode } = await remote.script(COUNT_WRITES, [directory], { timeoutMs: SCRIPT_MS });
  if (exitCode !== 0) throw writerGone(remote);
  const lines = stdout.trim().split('\n');
  const ways = lines.flatMap((line): [DrillWayKind, { written: number; acknowledged: number }][] => {
    const [, way, written, acknowledged] = /^(haproxy|pgbouncer|vip|direct)\.log +(\d+) +(\d+)$/.exec(line) ?? [];
    return isWay(way) ? [[way, { written: Number(written), acknowledged: Number(acknowledged) }]] : [];
  });
  const clock = /^clock (\d+)$/m.exec(stdout)?.[1];
  return { clockMs: clock === undefined ? Number.NaN : Number(clock) / 1e6, ways: new Map(ways) };
}

function isWay(text: string | undefined): text is DrillWayKind {
  return text === 'haproxy' || text === 'pgbouncer' || text === 'vip' || text === 'direct';
}

function writerGone(remote: Remote): Error {
  return appError('drill.writer_gone', `What was written from ${remote.name} is not there any more.`, {
    target: remote.name,
    hint: 'Look whether the server was restarted, or its temporary files were removed.',
  });
}

/** The writes of each way, by the server's clock. */
export type NotedWrites = ReadonlyMap<DrillWayKind, readonly DrillWrite[]>;

/** Ends the writer and reads what it noted. Rejects with `ssh.*` and `drill.writer_gone`. */
export async function endServerWriter({ remote, directory }: ServerWriter): Promise<NotedWrites> {
  const { stdout } = await remote.script(END_WRITER, [directory, '10'], {
    timeoutMs: 60_000,
    maxOutputBytes: MOST_BYTES,
  });
  if (!stdout.trimEnd().endsWith('\nend') && stdout.trim() !== 'end') throw writerGone(remote);
  return readNotes(stdout);
}

/** What a writer noted: `way NAME`, then a line a write: number, sent and ended in microseconds, `yes` or `no`, and what was said. */
function readNotes(text: string): NotedWrites {
  const noted = new Map<DrillWayKind, DrillWrite[]>();
  let writes: DrillWrite[] = [];
  for (const line of text.split('\n')) {
    const way = /^way (\w+)$/.exec(line)?.[1];
    if (isWay(way)) noted.set(way, (writes = []));
    const found = /^(\d+) (\d+) (\d+) (yes|no) ?(.*)$/.exec(line);
    if (found === null) continue;
    const acknowledged = found[4] === 'yes';
    writes.push({
      n: Number(found[1]),
      sentAt: Number(found[2]) / 1000,
      endedAt: Number(found[3]) / 1000,
      acknowledged,
      refusal: acknowledged ? null : (found[5] ?? '') || 'no answer',
    });
  }
  return noted;
}

/** Removes what a writer left on its server. Rejects with `ssh.*`. */
export async function removeServerWriter({ remote, directory }: ServerWriter): Promise<void> {
  await remote.script(REMOVE_WRITER, [directory], { timeoutMs: SCRIPT_MS });
}

/** A password that needs no quoting anywhere. */
export function scratchPassword(): string {
  return randomBytes(18).toString('hex');
}
