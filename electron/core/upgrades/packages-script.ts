/** The first line of the script that reads packages; who answers in a server's place knows it by this. */
export const PACKAGES_SCRIPT_FIRST_LINE = '# matriarch:packages v1';

/**
 * Prints what is installed of a cluster's programs, what apt would put in its place by the lists that the server has,
 * what is held, and whose process still runs a program file that has been replaced. It changes nothing; only the last
 * needs root. Fields are apart by tabs.
 */
export const PACKAGES_SCRIPT = `${PACKAGES_SCRIPT_FIRST_LINE}
LC_ALL=C; export LC_ALL
command -v dpkg-query >/dev/null 2>&1 || { printf 'none\\tdpkg\\n'; exit 0; }
names=$(dpkg-query -W -f '\${db:Status-Abbrev}\\t\${Package}\\t\${Version}\\n' \\
  'postgresql-[0-9]*' 'postgresql-client-[0-9]*' patroni etcd etcd-server etcd-client haproxy pgbouncer 2>/dev/null |
  awk -F '\\t' '$1 ~ /^.i/ { print "package\\t" $2 "\\t" $3 }')
[ -z "$names" ] || printf '%s\\n' "$names"
list=$(printf '%s\\n' "$names" | cut -f 2)
[ -z "$list" ] || apt-cache policy $list 2>/dev/null |
  awk '/^[^ ]/ { sub(/:$/, ""); name = $0 } /^  Candidate:/ && $2 != "(none)" { print "offered\\t" name "\\t" $2 }'
apt-mark showhold 2>/dev/null | awk '{ print "held\\t" $1 }'
newest=$(stat -c %Y /var/lib/apt/lists/*Packages* 2>/dev/null | sort -n | tail -n 1)
[ -z "$newest" ] || printf 'lists\\t%s\\n' "$(($(date +%s) - newest))"
for name in postgres etcd haproxy pgbouncer; do
  for pid in $(pgrep -x "$name" 2>/dev/null); do
    exe=$(readlink "/proc/$pid/exe" 2>/dev/null) || { printf 'process\\t%s\\tunknown\\n' "$name"; continue; }
    case $exe in *' (deleted)') printf 'process\\t%s\\told\\n' "$name" ;; *) printf 'process\\t%s\\tnew\\n' "$name" ;; esac
  done
done | sort -u
# Patroni is read into its interpreter: its process is older than what dpkg put in place.
placed=$(stat -c %Y /var/lib/dpkg/info/patroni.list 2>/dev/null)
for unit in patroni.service $(systemctl list-units --plain --no-legend 'patroni@*.service' 2>/dev/null | awk '{ print $1 }'); do
  pid=$(systemctl show -p MainPID --value "$unit" 2>/dev/null)
  case $pid in ''|0) continue ;; esac
  age=$(ps -o etimes= -p "$pid" 2>/dev/null | tr -d ' ')
  [ -n "$age" ] && [ -n "$placed" ] || continue
  if [ "$(($(date +%s) - age + 1))" -lt "$placed" ]; then printf 'process\\tpatroni\\told\\n'
  else printf 'process\\tpatroni\\tnew\\n'; fi
done
printf 'end\\tof packages\\n'
`;
