import { PATRONI_LOADER } from '../../patroni/config/loader';
import { quoteWord } from '../../ssh/run/quote';

/**
 * The script that searches a server for Patroni. It runs in one channel, as root where the server's
 * sudo mode allows it (Patroni's files are usually 0600), needs only a POSIX shell, `base64`, `sed` and
 * `awk`, and changes nothing.
 *
 * What it reads for a service, it reads as the user of that service, and only for services of root, of postgres and of the users
 * that systemd starts Patroni as: nobody else can make it read a file. Where Patroni's Python is found, Patroni's own loader
 * reads the configuration, as that user and never as root.
 *
 * Whoever answers in a server's place (the demo) recognises it by its first line, `# matriarch:discover v1`,
 * and prints the same answer: lines of words separated by single spaces, every value in Base64 on one line
 * (`-` stands for an empty value), in any order between the first and the last:
 *
 *     matriarch-discover 1                       always the first line
 *     config <source> <path> <content> <user>    a Patroni configuration; source is `debian` (/etc/patroni/VERSION-CLUSTER.yml),
 *                                                `etc-patroni` (any other /etc/patroni/*.yml), `systemd-unit` or `process`; the
 *                                                content of a directory is empty, as is the path of a service without a file;
 *                                                user is whom the service runs as (absent: not known)
 *     part <directory> <path> <content>          one file of a configuration that is a directory
 *     loaded <path> <JSON>                       what Patroni's own loader makes of it, see PATRONI_LOADER
 *     template <path>                            /etc/patroni/config.yml.in, Debian's template
 *     env <path> <NAME=VALUE lines>              PATRONI_* of the service that uses this configuration; a line break within a
 *                                                value is the character 1
 *     denied <path>                              a file that exists but may not be read
 *     etcd <path> <content>                      etcd's own configuration on this server
 *     version <text>                             what `patroni --version` says
 *     hostname <text>
 *     end                                        always the last line: without it the answer is incomplete
 *
 * `path` and `content` are Base64 each. Unknown words are ignored by the reader.
 */
export const DISCOVERY_SCRIPT_FIRST_LINE = '# matriarch:discover v1';

/** Runs a command as the user of a service, where the script is root; otherwise as the user who logged in. */
const AS_USER = String.raw`
LC_ALL=C; export LC_ALL
me=$(id -u)
b64() { x=$(base64 | tr -d '\n'); printf '%s' "${'$'}{x:--}"; }
word() { printf '%s' "$1" | b64; }
as_user() {
  as=$1
  shift
  if [ "$me" != 0 ] || [ "$as" = root ] || ! id "$as" >/dev/null 2>&1; then "$@"
  elif command -v runuser >/dev/null 2>&1; then (cd / && runuser -u "$as" -- "$@")
  else (cd / && su -s /bin/sh -c 'exec "$@"' -- "$as" sh "$@"); fi
}
`;

/** The script itself; it takes no arguments. */
export const DISCOVERY_SCRIPT = `${DISCOVERY_SCRIPT_FIRST_LINE}
loader=${quoteWord(PATRONI_LOADER)}
${AS_USER}${String.raw`
seen=' '
is_seen() { case "$seen" in *" $1 "*) return 0 ;; esac; seen="$seen$1 "; return 1; }
content() { as_user "$2" head -c 1048576 -- "$1" 2>/dev/null | b64; }

source_of() {
  case "$2" in
    /etc/patroni/*/*) printf '%s' "$1" ;;
    /etc/patroni/[0-9]*-*.yml) printf debian ;;
    /etc/patroni/*.yml|/etc/patroni/*.yaml) printf etc-patroni ;;
    *) printf '%s' "$1" ;;
  esac
}

# The Python of a program: the one its first line names.
python_of() {
  line=$(head -c 200 -- "$1" 2>/dev/null | sed -n '1s/^#! *//p' | tr -d '\0')
  case "$line" in
    */env\ *python*) command -v "$(printf '%s' "$line" | sed 's/.* \([^ ]*python[^ ]*\).*/\1/')" ;;
    *python*) printf '%s' "$line" | sed 's/ .*//' ;;
  esac
}

# path user python variables
load() {
  runs=$2
  [ "$me" = 0 ] || runs=$(id -un)
  [ -n "$3" ] && [ "$runs" != root ] || return 0
  id "$runs" >/dev/null 2>&1 || return 0
  case "$(stat -L -c %U -- "$3" 2>/dev/null)" in root|"$runs") ;; *) return 0 ;; esac
  limit=''
  command -v timeout >/dev/null 2>&1 && limit='timeout 10'
  answer=$(printf '%s\n' "$4" | tr '\n\001' '\0\n' | as_user "$runs" $limit "$3" -c "$loader" "$1" 2>/dev/null | tail -n 1)
  [ -n "$answer" ] && printf 'loaded %s %s\n' "$(word "$1")" "$(word "$answer")"
}

# source path user python variables
config() {
  is_seen "$2" && return 0
  if [ -z "$2" ]; then :
  elif ! as_user "$3" test -r "$2"; then
    if [ -e "$2" ]; then printf 'denied %s\n' "$(word "$2")"; fi
    return 0
  elif [ -d "$2" ]; then
    for part in "$2"/*.yml "$2"/*.yaml; do
      [ -f "$part" ] || continue
      is_seen "$part"
      if as_user "$3" test -r "$part"; then printf 'part %s %s %s\n' "$(word "$2")" "$(word "$part")" "$(content "$part" "$3")"
      else printf 'denied %s\n' "$(word "$part")"; fi
    done
  elif [ ! -f "$2" ]; then return 0
  fi
  text='-'
  [ -f "$2" ] && text=$(content "$2" "$3")
  printf 'config %s %s %s %s\n' "$(source_of "$1" "$2")" "$(word "$2")" "$text" "$(word "$3")"
  if [ -n "$5" ]; then printf 'env %s %s\n' "$(word "$2")" "$(word "$5")"; fi
  load "$2" "$3" "$4" "$5"
}

is_trusted() {
  [ "$me" = 0 ] || return 0
  case " root postgres $unit_users " in *" $1 "*) return 0 ;; esac
  return 1
}

processes() {
  for dir in /proc/[0-9]*; do
    [ -r "$dir/cmdline" ] || continue
    words=$(tr '\0' '\n' < "$dir/cmdline" 2>/dev/null | sed -n '1,12p')
    case "$words" in *patroni*) ;; *) continue ;; esac
    is=$(printf '%s\n' "$words" | awk '
      { base = $0; sub(/.*\//, "", base); program = base ~ /^patroni(\.py|\.bin)?$/ }
      NR == 1 && !program && base !~ /^(python|pypy)/ { exit }
      found && !/^-/ { print "file " $0; exit }
      !found && NR <= 5 && program { found = 1; print "patroni" }')
    case "$is" in patroni*) ;; *) continue ;; esac
    path=$(printf '%s\n' "$is" | sed -n 's/^file //p')
    case "$path" in ''|/*) ;; *) path="$(readlink "$dir/cwd")/$path" ;; esac
    user=$(id -un "$(awk '/^Uid:/ { print $2; exit }' "$dir/status" 2>/dev/null)" 2>/dev/null)
    is_trusted "$user" || continue
    first=$(printf '%s\n' "$words" | sed -n 1p)
    case "$first" in /*python*) python=$first ;; /*) python=$(python_of "$first") ;; *) python=$default_python ;; esac
    variables=$(tr '\n\0' '\001\n' < "$dir/environ" 2>/dev/null | sed -n '/^PATRONI_/p')
    [ -n "$path$variables" ] && config process "$path" "$user" "$python" "$variables"
  done
}

property() { printf '%s\n' "$properties" | sed -n "s/^$1=//p"; }

# systemd prints variables in one line, quoted where they must be.
unit_variables() {
  property Environment | awk '{
    out = ""; quoted = 0
    for (i = 1; i <= length($0); i++) {
      c = substr($0, i, 1)
      if (c == "\\") { i++; out = out substr($0, i, 1) }
      else if (c == "\"") quoted = !quoted
      else if (c == " " && !quoted) { print out; out = "" }
      else out = out c
    }
    print out
  }'
  property EnvironmentFiles | sed 's/ (ignore_errors=.*//' | while IFS= read -r file; do
    [ -f "$file" ] && [ -r "$file" ] && awk '
      /^[ \t]*[#;]/ || !/=/ { next }
      {
        name = $0; sub(/=.*/, "", name); gsub(/[ \t]/, "", name)
        value = $0; sub(/^[^=]*=[ \t]*/, "", value); sub(/[ \t\r]+$/, "", value)
        if (value ~ /^".*"$/ || value ~ /^\047.*\047$/) value = substr(value, 2, length(value) - 2)
        print name "=" value
      }' "$file"
  done
}

units() {
  command -v systemctl >/dev/null 2>&1 || return 0
  names=$(systemctl list-units --all --plain --no-legend --no-pager 'patroni*.service' 2>/dev/null | awk '{print $1}')
  for name in patroni.service $names; do
    is_seen "unit:$name" && continue
    properties=$(systemctl show --no-pager -p LoadState -p User -p Environment -p EnvironmentFiles -p ExecStart \
      -p WorkingDirectory "$name" 2>/dev/null)
    [ "$(property LoadState)" = loaded ] || continue
    user=$(property User)
    unit_users="$unit_users $user"
    "$1"
  done
}

unit_config() {
  argv=$(property ExecStart | sed -n 's/.*argv\[\]=\(.*\) ; ignore_errors=.*/\1/p' | sed -n 1p)
  variables=$(unit_variables)
  path=''
  for arg in $argv; do
    case "$arg" in
      '$'*)
        key=$(printf '%s' "$arg" | tr -d '{}$')
        arg=$(printf '%s\n' "$variables" | sed -n "s/^$key=//p" | tail -n 1) ;;
    esac
    case "$arg" in
      /*.yml|/*.yaml) path=$arg ;;
      /*) [ -d "$arg" ] && path=$arg ;;
      *.yml|*.yaml) path="$(property WorkingDirectory)/$arg" ;;
    esac
  done
  variables=$(printf '%s\n' "$variables" | sed -n '/^PATRONI_/p')
  program=''
  for arg in $argv; do case "$arg" in */patroni|*/patroni.py|*python*) program=$arg; break ;; esac; done
  case "$program" in *python*) python=$program ;; *) python=$(python_of "$program") ;; esac
  if [ -n "$path" ] || printf '%s\n' "$variables" | grep -q '^PATRONI_SCOPE='; then
    config systemd-unit "$path" "$(printf '%s' "${'$'}{user:-root}")" "$python" "$variables"
  fi
}

printf 'matriarch-discover 1\n'
printf 'hostname %s\n' "$(hostname 2>/dev/null | tr -d '\n' | b64)"
default_python=$(python_of "$(command -v patroni 2>/dev/null)")
unit_users=''
units :
processes
seen=$(printf '%s' "$seen" | sed 's/unit:[^ ]* //g')
units unit_config
for file in /etc/patroni/[0-9]*-*.yml /etc/patroni/config.yml /etc/patroni/patroni.yml /etc/patroni/*.yml /etc/patroni/*.yaml \
  /etc/patroni.yml; do
  [ -f "$file" ] || continue
  user=postgres
  # A file that Patroni's user may not read yet is read all the same where root alone could have put it there.
  if ! as_user postgres test -r "$file" && [ "$(stat -L -c %U -- "$file" 2>/dev/null)" = root ]; then user=root; fi
  config etc-patroni "$file" "$user" "$default_python" ''
done
if [ -d /etc/patroni ] && [ ! -r /etc/patroni ]; then printf 'denied %s\n' "$(word /etc/patroni)"; fi
[ -f /etc/patroni/config.yml.in ] && printf 'template %s\n' "$(word /etc/patroni/config.yml.in)"
for file in /etc/default/etcd /etc/etcd/etcd.conf /etc/etcd/etcd.conf.yml /etc/etcd/etcd.yml /etc/etcd.conf; do
  if [ -f "$file" ] && [ -r "$file" ]; then printf 'etcd %s %s\n' "$(word "$file")" "$(content "$file" root)"; fi
done
version=$(patroni --version 2>/dev/null </dev/null | sed -n '1p')
[ -n "$version" ] && printf 'version %s\n' "$(word "$version")"
printf 'end\n'
`}`;

/**
 * The script that reads the PEM files which configurations name. Its arguments are, for each file, the user of the service and the
 * path. It prints `pem <path> <content>`, both in Base64, for each file that this user may read and that holds PEM; of other files
 * it prints nothing.
 */
export const PEM_SCRIPT = `# matriarch:read-pems v1
${AS_USER}${String.raw`
while [ $# -ge 2 ]; do
  if [ -f "$2" ]; then
    text=$(as_user "$1" head -c 1048576 -- "$2" 2>/dev/null | sed -n '/-----BEGIN /,/-----END /p' | b64)
    [ "$text" = - ] || printf 'pem %s %s\n' "$(word "$2")" "$text"
  fi
  shift 2
done
`}`;
