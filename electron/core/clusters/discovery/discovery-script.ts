/**
 * The script that searches a server for Patroni. It runs in one channel, as root where the server's
 * sudo mode allows it (Patroni's files are usually 0600), needs only a POSIX shell, `base64`, `sed` and
 * `awk`, and changes nothing.
 *
 * Whoever answers in a server's place (the demo) recognises it by its first line, `# matriarch:discover v1`,
 * and prints the same answer: lines of words separated by single spaces, every value in Base64 on one line
 * (`-` stands for an empty value), in any order between the first and the last:
 *
 *     matriarch-discover 1                       always the first line
 *     config <source> <path> <content>           a Patroni configuration; source is `debian` (/etc/patroni/VERSION-CLUSTER.yml),
 *                                                `etc-patroni` (any other /etc/patroni/*.yml), `systemd-unit` or `process`
 *     template <path>                            /etc/patroni/config.yml.in, Debian's template
 *     env <path> <NAME=VALUE lines>              PATRONI_* of the running process that uses this configuration
 *     pem <path> <content>                       a CA, certificate or key that a configuration names
 *     denied <path>                              a file that exists but may not be read
 *     etcd <path> <content>                      etcd's own configuration on this server
 *     version <text>                             what `patroni --version` says
 *     hostname <text>
 *     end                                        always the last line: without it the answer is incomplete
 *
 * `path` and `content` are Base64 each. Unknown words are ignored by the reader.
 */
export const DISCOVERY_SCRIPT_FIRST_LINE = '# matriarch:discover v1';

/** The script itself; it takes no arguments. */
export const DISCOVERY_SCRIPT = String.raw`# matriarch:discover v1
LC_ALL=C; export LC_ALL
b64() { x=$(base64 | tr -d '\n'); printf '%s' "${'$'}{x:--}"; }
word() { printf '%s' "$1" | b64; }
seen=' '
is_seen() { case "$seen" in *" $1 "*) return 0 ;; esac; seen="$seen$1 "; return 1; }

content() { head -c 1048576 "$1" | b64; }

pems() {
  awk -F: '/^[ \t]*(cacert|cert|key|cafile|certfile|keyfile)[ \t]*:/ {
    v = $0; sub(/^[^:]*:[ \t]*/, "", v); sub(/[ \t]+#.*$/, "", v)
    gsub(/["\047\r]/, "", v); sub(/[ \t]+$/, "", v); if (v ~ /^\//) print v
  }' "$1" |
  while IFS= read -r pem; do
    [ -f "$pem" ] || continue
    if [ -r "$pem" ]; then printf 'pem %s %s\n' "$(word "$pem")" "$(content "$pem")"
    else printf 'denied %s\n' "$(word "$pem")"; fi
  done
}

config() {
  [ -f "$2" ] || return 0
  is_seen "$2" && return 0
  if [ -r "$2" ]; then
    printf 'config %s %s %s\n' "$1" "$(word "$2")" "$(content "$2")"
    pems "$2"
  else printf 'denied %s\n' "$(word "$2")"; fi
}

config_arg() {
  source_word=$1
  shift
  for arg in "$@"; do
    case "$arg" in
      /*.yml|/*.yaml) config "$source_word" "$arg" ;;
      /*) if [ -d "$arg" ]; then for part in "$arg"/*.yml; do config "$source_word" "$part"; done; fi ;;
    esac
  done
}

processes() {
  for dir in /proc/[0-9]*; do
    [ -r "$dir/cmdline" ] || continue
    line=$(tr '\0' '\n' < "$dir/cmdline" 2>/dev/null | sed -n '1,4p')
    case "$line" in *patroni*) ;; *) continue ;; esac
    path=$(printf '%s\n' "$line" | sed -n '/^\/.*\.ya\{0,1\}ml$/p' | sed -n '1p')
    [ -n "$path" ] || continue
    config process "$path"
    vars=$(tr '\0' '\n' < "$dir/environ" 2>/dev/null | sed -n '/^PATRONI_/p')
    [ -n "$vars" ] && printf 'env %s %s\n' "$(word "$path")" "$(word "$vars")"
  done
}

units() {
  command -v systemctl >/dev/null 2>&1 || return 0
  names=$(systemctl list-units --all --plain --no-legend --no-pager 'patroni*.service' 2>/dev/null | awk '{print $1}')
  for name in patroni.service $names; do
    text=$(systemctl cat "$name" 2>/dev/null) || continue
    instance=$(printf '%s' "$name" | sed -n 's/^[^@]*@\(.*\)\.service$/\1/p')
    for arg in $(printf '%s\n' "$text" |
      sed -n 's/^ExecStart=//p; s/^Environment="\{0,1\}PATRONI_CONFIG_LOCATION=\([^" ]*\).*/\1/p' |
      sed "s|%[iI]|$instance|g"); do
      config_arg systemd-unit "$arg"
    done
  done
}

printf 'matriarch-discover 1\n'
printf 'hostname %s\n' "$(hostname 2>/dev/null | tr -d '\n' | b64)"
for file in /etc/patroni/[0-9]*-*.yml; do config debian "$file"; done
for file in /etc/patroni/config.yml /etc/patroni/patroni.yml /etc/patroni/*.yml /etc/patroni/*.yaml /etc/patroni.yml; do
  config etc-patroni "$file"
done
if [ -d /etc/patroni ] && [ ! -r /etc/patroni ]; then printf 'denied %s\n' "$(word /etc/patroni)"; fi
[ -f /etc/patroni/config.yml.in ] && printf 'template %s\n' "$(word /etc/patroni/config.yml.in)"
units
processes
for file in /etc/default/etcd /etc/etcd/etcd.conf /etc/etcd/etcd.conf.yml /etc/etcd/etcd.yml /etc/etcd.conf; do
  if [ -f "$file" ] && [ -r "$file" ]; then printf 'etcd %s %s\n' "$(word "$file")" "$(content "$file")"; fi
done
version=$(patroni --version 2>/dev/null </dev/null | sed -n '1p')
[ -n "$version" ] && printf 'version %s\n' "$(word "$version")"
printf 'end\n'
`;
