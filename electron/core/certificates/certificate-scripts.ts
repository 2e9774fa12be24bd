/** The first lines of the scripts; who answers in a server's place knows them by these. */
export const CERTIFICATE_SCRIPTS = {
  settings: '# matriarch:certificate-settings v1',
  files: '# matriarch:certificate-files v1',
} as const;

const WORDS = `LC_ALL=C; export LC_ALL
b64() { base64 | tr -d '\\n'; }
part() { printf '%s ' "$1"; b64; printf '\\n'; }
`;

/**
 * Prints what concerns TLS in the settings of the services that run on a server, each part as a name and base64: of HAProxy the lines
 * that say where it listens and whom it trusts, of PgBouncer its TLS and listen_ settings, of vip-manager the files by which it asks etcd,
 * of etcd the variables and arguments of its process and its configuration file; where etcd does not run, those of its unit. No password
 * is among them. It changes nothing. As root; what another user may not read is left out.
 */
export const CERTIFICATE_SETTINGS_SCRIPT = `${CERTIFICATE_SCRIPTS.settings}
${WORDS}
file=$(ps -C haproxy -o args= 2>/dev/null | sed -n 's/.* -f  *\\([^ ]*\\).*/\\1/p' | head -n 1)
[ -n "$file" ] || ! pgrep -x haproxy >/dev/null 2>&1 || file=/etc/haproxy/haproxy.cfg
if [ -n "$file" ]; then
  if [ -d "$file" ]; then cat "$file"/*.cfg; else cat "$file"; fi 2>/dev/null | head -c 1000000 |
    grep -E '^[[:space:]]*(global|defaults|listen|frontend|backend|bind|crt-base|ca-base|server|default-server)([[:space:]]|$)' |
    part haproxy
fi
line=$(ps -C pgbouncer -o args= 2>/dev/null | head -n 1)
if [ -n "$line" ]; then
  ini=$(printf '%s\\n' "$line" | tr ' ' '\\n' | grep '\\.ini$' | tail -n 1)
  head -c 1000000 "\${ini:-/etc/pgbouncer/pgbouncer.ini}" 2>/dev/null |
    grep -E '^[[:space:]]*(listen_addr|listen_port|client_tls_sslmode|(client|server)_tls_(cert|key|ca)_file)[[:space:]]*=' | part pgbouncer
fi
for file in /etc/default/vip-manager.yml /etc/vip-manager.yml; do
  [ -f "$file" ] || continue
  head -c 1000000 "$file" 2>/dev/null | grep -E '^etcd-(ca|cert|key)-file:' | part vip-manager
  break
done
pid=$(pgrep -x etcd 2>/dev/null | head -n 1)
if [ -n "$pid" ]; then
  { tr '\\000' '\\n' < "/proc/$pid/environ"; } 2>/dev/null |
    grep -E '^ETCD_(CONFIG_FILE|[A-Z_]*URLS|[A-Z_]*(CERT|KEY|TRUSTED_CA)_FILE)=' | part etcd-variables
  { tr '\\000' '\\n' < "/proc/$pid/cmdline"; } 2>/dev/null | part etcd-args
  config=$({ tr '\\000' '\\n' < "/proc/$pid/cmdline"; } 2>/dev/null |
    sed -n -e 's/^--*config-file=//p' -e '/^--*config-file$/{n;p;}' | head -n 1)
  [ -n "$config" ] ||
    config=$({ tr '\\000' '\\n' < "/proc/$pid/environ"; } 2>/dev/null | sed -n 's/^ETCD_CONFIG_FILE=//p' | head -n 1)
  [ -z "$config" ] || head -c 1000000 "$config" 2>/dev/null | part etcd-file
else
  # What is not enabled is not meant to run: nothing of it is looked at.
  unit=$(systemctl is-enabled -q etcd.service 2>/dev/null && echo etcd.service)
  if [ -n "$unit" ]; then
    {
      systemctl show -p Environment --value "$unit" 2>/dev/null | tr ' ' '\\n'
      systemctl show -p EnvironmentFiles --value "$unit" 2>/dev/null | sed 's/ (ignore_errors=.*//' |
        while IFS= read -r file; do [ ! -r "$file" ] || head -c 1000000 "$file"; done
    } | sed -n "s/^[[:space:]]*\\(ETCD_[A-Z_]*\\)=[\\"']\\{0,1\\}\\([^\\"']*\\)[\\"']\\{0,1\\}[[:space:]]*$/\\1=\\2/p" |
      grep -E '^ETCD_(CONFIG_FILE|[A-Z_]*URLS|[A-Z_]*(CERT|KEY|TRUSTED_CA)_FILE)=' | part etcd-variables
    words=$(systemctl show -p ExecStart --value "$unit" 2>/dev/null | sed -n 's/.*argv\\[\\]=\\(.*\\) ; ignore_errors=.*/\\1/p' |
      tr ' ' '\\n')
    printf '%s\\n' "$words" | part etcd-args
    config=$(printf '%s\\n' "$words" | sed -n -e 's/^--*config-file=//p' -e '/^--*config-file$/{n;p;}' | head -n 1)
    [ -z "$config" ] || head -c 1000000 "$config" 2>/dev/null | part etcd-file
  fi
fi
printf 'end\\n'
`;

/**
 * Prints the certificates in files: its arguments are their paths. Of a directory each file of it is read. A line for each file, the path
 * and what was found in base64: \`file PATH TEXT\`, \`in DIRECTORY PATH TEXT\`, \`denied PATH\` or \`missing PATH\`. Only certificates are
 * printed: a key that lies in the same file never leaves its server. As root; what another user may not read is denied.
 */
export const CERTIFICATE_FILES_SCRIPT = `${CERTIFICATE_SCRIPTS.files}
${WORDS}
word() { printf '%s' "$1" | b64; }
certificates() {
  head -c 1048576 -- "$1" 2>/dev/null | sed -n '/-----BEGIN CERTIFICATE-----/,/-----END CERTIFICATE-----/p' | b64
}
for path in "$@"; do
  if [ -d "$path" ]; then
    if [ ! -r "$path" ] || [ ! -x "$path" ]; then printf 'denied %s\\n' "$(word "$path")"; continue; fi
    count=0
    for one in "$path"/*; do
      [ -f "$one" ] && [ "$count" -lt 100 ] || continue
      text=$(certificates "$one")
      [ -z "$text" ] || { printf 'in %s %s %s\\n' "$(word "$path")" "$(word "$one")" "$text"; count=$((count + 1)); }
    done
  elif [ -f "$path" ]; then
    if [ -r "$path" ]; then printf 'file %s %s\\n' "$(word "$path")" "$(certificates "$path")"
    else printf 'denied %s\\n' "$(word "$path")"; fi
  else
    # Without the right to look into its directory nobody can tell whether a file is there.
    dir=$(dirname -- "$path")
    if [ -d "$dir" ] && [ -x "$dir" ]; then printf 'missing %s\\n' "$(word "$path")"
    else printf 'denied %s\\n' "$(word "$path")"; fi
  fi
done
printf 'end\\n'
`;
