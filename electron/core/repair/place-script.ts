/** The first line of the script that looks at a place; who answers in a server's place knows it by this. */
export const PLACE_SCRIPT_FIRST_LINE = '# matriarch:repair-place v1';

/**
 * Looks at what a member has on its server, and changes nothing. Its argument is the data directory, or '' where none is known. It
 * prints lines of words, with free text in Base64 (`-` for none):
 *
 *     matriarch-place 1
 *     patroni <pid> <configuration>   a Patroni that runs, with the file or directory that it was started with
 *     boot yes|no                     whether a unit of Patroni is enabled; absent: not known
 *     program <name>                  one that works on the data directory now
 *     data none|files|cluster|closed <system identifier>
 *     end
 */
export const PLACE_SCRIPT_TEXT = `${PLACE_SCRIPT_FIRST_LINE}
${String.raw`
LC_ALL=C; export LC_ALL
data=$1
word() { x=$(printf '%s' "$1" | base64 | tr -d '\n'); printf '%s' "${'$'}{x:--}"; }
printf 'matriarch-place 1\n'
for dir in /proc/[0-9]*; do
  { read -r name < "$dir/comm"; } 2>/dev/null || continue
  case "$name" in patroni*|python*|pypy*) ;; *) continue ;; esac
  words=$(tr '\0' '\n' 2>/dev/null < "$dir/cmdline" | sed -n '1,12p')
  case "$words" in *patroni*) ;; *) continue ;; esac
  is=$(printf '%s\n' "$words" | awk '
    { base = $0; sub(/.*\//, "", base); program = base ~ /^patroni(\.py|\.bin)?$/ }
    NR == 1 && !program && base !~ /^(python|pypy)/ { exit }
    found && !/^-/ { print "file " $0; exit }
    !found && NR <= 5 && program { found = 1; print "patroni" }')
  case "$is" in patroni*) ;; *) continue ;; esac
  path=$(printf '%s\n' "$is" | sed -n 's/^file //p')
  case "$path" in ''|/*) ;; *) path="$(readlink "$dir/cwd")/$path" ;; esac
  printf 'patroni %s %s\n' "$(basename "$dir")" "$(word "$path")"
done
if command -v systemctl >/dev/null 2>&1; then
  if systemctl list-unit-files --no-legend --no-pager 'patroni*.service' 2>/dev/null |
    awk '$2 ~ /^enabled/ { found = 1 } END { exit !found }' \
    || systemctl list-units --all --plain --no-legend --no-pager 'patroni@*.service' 2>/dev/null | awk '{ print $1 }' \
      | xargs -r systemctl is-enabled 2>/dev/null | grep -q '^enabled'
  then printf 'boot yes\n'; else printf 'boot no\n'; fi
fi
if [ -n "$data" ]; then
  for dir in /proc/[0-9]*; do
    { read -r name < "$dir/comm"; } 2>/dev/null || continue
    case "$name" in postgres|initdb|pg_ctl|pg_basebackup|pg_rewind|pgbackrest|wal-g|barman*) ;; *) continue ;; esac
    tr '\0' '\n' 2>/dev/null < "$dir/cmdline" | grep -qF -e "$data" || continue
    printf 'program %s\n' "$(word "$name")"
  done | sort -u
  if [ -e "$data/global/pg_control" ]; then
    id=$(od -An -t u8 -N 8 -- "$data/global/pg_control" 2>/dev/null | tr -d ' ')
    printf 'data cluster %s\n' "$(word "$id")"
  elif [ ! -e "$data" ]; then
    parent=$(dirname -- "$data")
    while [ ! -e "$parent" ]; do parent=$(dirname -- "$parent"); done
    if [ -x "$parent" ]; then printf 'data none -\n'; else printf 'data closed -\n'; fi
  elif [ ! -d "$data" ] || [ ! -r "$data" ] || [ ! -x "$data" ]; then printf 'data closed -\n'
  elif [ -z "$(ls -A -- "$data" | grep -v '^lost+found$')" ]; then printf 'data none -\n'
  else printf 'data files -\n'; fi
fi
printf 'end\n'
`}`;

/** What the script printed. */
export interface PlaceAnswer {
  readonly patronis: readonly { readonly pid: string; readonly path: string }[];
  /** null: not known. */
  readonly startsAtBoot: boolean | null;
  readonly programs: readonly string[];
  /** null: no data directory was asked for. */
  readonly data: {
    readonly kind: 'none' | 'files' | 'cluster' | 'closed';
    readonly systemIdentifier: string | null;
  } | null;
}

const DATA_KINDS = ['none', 'files', 'cluster', 'closed'] as const;

function textOf(word: string | undefined): string {
  return word === undefined || word === '-' ? '' : Buffer.from(word, 'base64').toString('utf8');
}

/** Reads the answer; null when it is not whole. */
export function readPlaceAnswer(output: string): PlaceAnswer | null {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const first = lines.indexOf('matriarch-place 1');
  if (first < 0 || lines.at(-1) !== 'end') return null;
  const words = lines.slice(first + 1).map((line) => line.split(' '));
  const all = (keyword: string): string[][] => words.filter(([one]) => one === keyword).map((one) => one.slice(1));
  const [boot] = all('boot');
  const [data] = all('data');
  const kind = DATA_KINDS.find((one) => one === data?.[0]);
  return {
    patronis: all('patroni').map(([pid = '', path]) => ({ pid, path: textOf(path) })),
    startsAtBoot: boot === undefined ? null : boot[0] === 'yes',
    programs: all('program').map(([name]) => textOf(name)),
    data: kind === undefined ? null : { kind, systemIdentifier: /^\d+$/.exec(textOf(data?.[1]))?.[0] ?? null },
  };
}
