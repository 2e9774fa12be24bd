/** The first lines of the scripts; who answers in a server's place knows them by these. */
const ETCD_SCRIPTS = {
  look: '# matriarch:repair-etcd v1',
  keep: '# matriarch:repair-etcd-keep v1',
  force: '# matriarch:repair-etcd-force v1',
  restore: '# matriarch:repair-etcd-restore v1',
} as const;

/** Exit codes by which the second script says why it copied nothing. */
export const KEEP_EXIT = { nothing: 71, exists: 72, runs: 73 } as const;

/**
 * Looks at how etcd is started on a server, and changes nothing. It prints `unit NAME`, `active STATE`, `directory BASE64`, `name BASE64`,
 * `peer BASE64`, `user NAME`, `tool PATH`, `configfile`, `data`, `size BYTES` and `free BYTES`, as far as they are known, between
 * `matriarch-etcd 1` and `end`.
 */
export const ETCD_LOOK_SCRIPT = `${ETCD_SCRIPTS.look}
${String.raw`
LC_ALL=C; export LC_ALL
word() { x=$(printf '%s' "$1" | base64 | tr -d '\n'); printf '%s' "${'$'}{x:--}"; }
printf 'matriarch-etcd 1\n'
unit=''
for name in etcd.service $(systemctl list-units --all --plain --no-legend --no-pager 'etcd@*.service' 2>/dev/null | awk '{ print $1 }'); do
  [ "$(systemctl show -p LoadState --value "$name" 2>/dev/null)" = loaded ] || continue
  unit=$name
  break
done
if [ -n "$unit" ]; then
  printf 'unit %s\n' "$unit"
  printf 'active %s\n' "$(systemctl show -p ActiveState --value "$unit" 2>/dev/null)"
  printf 'user %s\n' "$(systemctl show -p User --value "$unit" 2>/dev/null)"
fi
for program in etcdutl etcdctl; do
  tool=$(PATH=$PATH:/usr/local/bin:/opt/etcd command -v "$program") || continue
  printf 'tool %s\n' "$tool"
  break
done
pid=$(systemctl show -p MainPID --value "$unit" 2>/dev/null)
if [ -n "$pid" ] && [ "$pid" != 0 ]; then
  settings=$(tr '\0' '\n' 2>/dev/null < "/proc/$pid/environ" | sed -n '/^ETCD_/p')
  words=$(tr '\0' '\n' 2>/dev/null < "/proc/$pid/cmdline")
  cwd=$(readlink "/proc/$pid/cwd")
else
  settings=$(systemctl show -p EnvironmentFiles --value "$unit" 2>/dev/null | sed 's/ (ignore_errors=.*//' | while IFS= read -r file; do
    [ -r "$file" ] && sed -n "s/^[ \t]*\(ETCD_[A-Z_]*\)=[\"']\{0,1\}\([^\"']*\)[\"']\{0,1\}[ \t]*$/\1=\2/p" "$file"
  done)
  words=$(systemctl show -p ExecStart --value "$unit" 2>/dev/null | sed -n 's/.*argv\[\]=\(.*\) ; ignore_errors=.*/\1/p' | tr ' ' '\n')
  cwd=$(systemctl show -p WorkingDirectory --value "$unit" 2>/dev/null)
fi
setting() { printf '%s\n' "$settings" | sed -n "s/^$1=//p" | tail -n 1; }
argument() {
  printf '%s\n' "$words" |
    awk -v name="$1" '$0 == name { getline; print; exit }
      index($0, name "=") == 1 { print substr($0, length(name) + 2); exit }'
}
if [ -n "$(argument --config-file)" ] || [ -n "$(setting ETCD_CONFIG_FILE)" ]; then printf 'configfile\n'; fi
peer=$(argument --initial-advertise-peer-urls)
[ -n "$peer" ] || peer=$(setting ETCD_INITIAL_ADVERTISE_PEER_URLS)
own=$(argument --name)
[ -n "$own" ] || own=$(setting ETCD_NAME)
printf 'peer %s\n' "$(word "$peer")"
printf 'name %s\n' "$(word "${'$'}{own:-default}")"
directory=$(argument --data-dir)
[ -n "$directory" ] || directory=$(setting ETCD_DATA_DIR)
if [ -z "$directory" ] && [ -n "$unit" ]; then
  name=$(argument --name)
  [ -n "$name" ] || name=$(setting ETCD_NAME)
  directory="${'$'}{name:-default}.etcd"
fi
case "$directory" in ''|/*) ;; *) directory="${'$'}{cwd:-/}/$directory" ;; esac
if [ -n "$directory" ]; then
  printf 'directory %s\n' "$(word "$directory")"
  if [ -e "$directory/member/wal" ] || [ -e "$directory/member/snap/db" ]; then
    printf 'data\n'
    printf 'size %s\n' "$(du -sxB1 -- "$directory" 2>/dev/null | awk 'NR == 1 { print $1 }')"
  fi
  parent=$directory
  while [ ! -e "$parent" ]; do parent=$(dirname -- "$parent"); done
  printf 'free %s\n' "$(df -PB1 -- "$parent" 2>/dev/null | awk 'NR == 2 { print $4 }')"
fi
printf 'end\n'
`}`;

/**
 * Copies etcd's data directory under another name beside it: whole, or not at all. Its arguments are the directory, the new name and the
 * unit, which must not run. Prints the new name.
 */
export const ETCD_KEEP_SCRIPT = `${ETCD_SCRIPTS.keep}
${String.raw`
set -eu
LC_ALL=C; export LC_ALL
data=$1 target=$2
[ -e "$data/member" ] || exit ${KEEP_EXIT.nothing}
[ ! -e "$target" ] || exit ${KEEP_EXIT.exists}
case "$(systemctl show -p ActiveState --value "$3")" in inactive|failed) ;; *) exit ${KEEP_EXIT.runs} ;; esac
rm -rf -- "$target.part"
trap 'rm -rf -- "$target.part"' EXIT
trap 'exit 129' HUP INT TERM
cp -a --reflink=auto -- "$data" "$target.part"
sync
mv -T -- "$target.part" "$target"
printf '%s\n' "$target"
`}`;

/**
 * Starts the unit of etcd once with ETCD_FORCE_NEW_CLUSTER, by a file that a boot removes and that is taken away again whatever happens.
 * Its arguments are the unit and that file.
 */
export const ETCD_FORCE_SCRIPT = `${ETCD_SCRIPTS.force}
${String.raw`
set -eu
LC_ALL=C; export LC_ALL
unit=$1 file=$2
undo() { rm -f -- "$file"; rmdir -- "$(dirname -- "$file")" 2>/dev/null || true; systemctl daemon-reload; }
trap undo EXIT
trap 'exit 129' HUP INT TERM
mkdir -p -- "$(dirname -- "$file")"
printf '[Service]\nEnvironment=ETCD_FORCE_NEW_CLUSTER=true\n' > "$file"
systemctl daemon-reload
systemctl reset-failed "$unit" 2>/dev/null || true
systemctl start "$unit"
`}`;

/** Exit codes by which the script below says why it restored nothing. */
export const ETCD_RESTORE_EXIT = { exists: 72, runs: 73, refused: 74 } as const;

/**
 * Restores a snapshot as the data of an etcd of one member. Its arguments are the snapshot, the data directory, the name under which data
 * that is there is kept, the unit, which must not run, the name and the peer address of the member, a token for the new cluster, and the
 * program. The snapshot is restored beside the data first: where that fails, nothing is changed.
 */
export const ETCD_RESTORE_SCRIPT = `${ETCD_SCRIPTS.restore}
${String.raw`
set -eu
LC_ALL=C ETCDCTL_API=3; export LC_ALL ETCDCTL_API
file=$1 data=$2 kept=$3 unit=$4 name=$5 peer=$6 token=$7 tool=$8
new=$data.matriarch-restored
case "$(systemctl show -p ActiveState --value "$unit")" in inactive|failed) ;; *) exit ${ETCD_RESTORE_EXIT.runs} ;; esac
[ ! -e "$kept" ] || exit ${ETCD_RESTORE_EXIT.exists}
rm -rf -- "$new"
trap 'rm -rf -- "$new"' EXIT
trap 'exit 129' HUP INT TERM
"$tool" snapshot restore "$file" --name "$name" --initial-cluster "$name=$peer" --initial-advertise-peer-urls "$peer" \
  --initial-cluster-token "$token" --data-dir "$new" >&2 || exit ${ETCD_RESTORE_EXIT.refused}
[ -e "$new/member/snap/db" ] || exit ${ETCD_RESTORE_EXIT.refused}
user=$(systemctl show -p User --value "$unit"); user=${'$'}{user:-root}
chown -R "$user:$(id -gn "$user")" -- "$new"
chmod 700 -- "$new"
if [ -e "$data" ]; then mv -T -- "$data" "$kept"; else mkdir -p -- "$(dirname -- "$data")"; fi
mv -T -- "$new" "$data"
sync
`}`;

/** What the first script printed. */
export interface EtcdLook {
  readonly unit: string | null;
  /** As systemd calls its state; null: not known. */
  readonly active: string | null;
  /** The member's name and its peer address; '': not known. */
  readonly name: string;
  readonly peer: string;
  /** The program that restores snapshots; null: none is installed. */
  readonly tool: string | null;
  readonly directory: string;
  readonly hasConfigFile: boolean;
  readonly hasData: boolean;
  readonly size: number | null;
  readonly free: number | null;
}

/** Reads it; null when it is not whole. */
export function readEtcdLook(output: string): EtcdLook | null {
  const lines = output.split('\n').map((line) => line.trim());
  if (!lines.includes('matriarch-etcd 1') || !lines.includes('end')) return null;
  const one = (keyword: string): string | null =>
    lines.find((line) => line.startsWith(`${keyword} `))?.slice(keyword.length + 1) ?? null;
  const figure = (keyword: string): number | null =>
    /^\d{1,15}$/.test(one(keyword) ?? '') ? Number(one(keyword)) : null;
  const text = (keyword: string): string => {
    const word = one(keyword) ?? '-';
    return word === '-' ? '' : Buffer.from(word, 'base64').toString('utf8');
  };
  return {
    unit: one('unit'),
    active: one('active'),
    name: text('name'),
    peer: text('peer'),
    tool: one('tool'),
    directory: text('directory'),
    hasConfigFile: lines.includes('configfile'),
    hasData: lines.includes('data'),
    size: figure('size'),
    free: figure('free'),
  };
}
