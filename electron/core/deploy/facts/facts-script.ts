import { quoteWord } from '../../ssh/run/quote';

/** What the script is asked to look at beside what it always looks at. */
export interface FactsQuestion {
  readonly scope: string;
  readonly packages: readonly string[];
  readonly units: readonly string[];
  readonly paths: readonly string[];
  /** Paths whose content is read: configuration files, never data. */
  readonly contents: readonly string[];
  /** Whether apt is asked which repositories it is set to. */
  readonly sources: boolean;
}

/**
 * One POSIX shell script that looks at a server and changes nothing. It needs only what a minimal Debian has:
 * no Python, no curl. Every fact is one line with its fields apart by tabs.
 */
export function factsScript(question: FactsQuestion): string {
  const { scope, packages, units, paths, contents, sources } = question;
  return [
    `set -- ${paths.map(quoteWord).join(' ')}`,
    `SCOPE=${quoteWord(scope)}`,
    `PKGS=${quoteWord(packages.join(' '))}`,
    `UNITS=${quoteWord(units.join(' '))}`,
    `CONTENTS=${quoteWord(contents.join('\n'))}`,
    `SOURCES=${sources ? 'yes' : 'no'}`,
    body,
  ].join('\n');
}

const body = String.raw`
LC_ALL=C; export LC_ALL
T=$(printf '\t')
say() { printf '%s' "$1"; shift; for a; do printf '\t%s' "$a"; done; printf '\n'; }
say clock "$(date +%s%N)"
say root "$(id -u)"
H=$(hostname 2>/dev/null || cat /proc/sys/kernel/hostname); say host "$H"
getent ahosts "$H" 2>/dev/null | awk '!s[$1]++ { print "hostaddr\t" $1 }'
{ ip -o addr show 2>/dev/null || true; } | awk '{ split($4, a, "/"); sub(/@.*/, "", $2); print "addr\t" a[1] "\t" $2 "\t" a[2] }'
( . /etc/os-release 2>/dev/null; say os "$ID" "$VERSION_ID" "$VERSION_CODENAME" "$PRETTY_NAME" )
say arch "$(dpkg --print-architecture 2>/dev/null || uname -m)"
[ -d /run/systemd/system ] && say systemd yes || say systemd no
say cpus "$(grep -c '^processor' /proc/cpuinfo)"
awk '/^MemTotal:/ { print "memory\t" $2 }' /proc/meminfo
for d in / /var/lib /var/lib/postgresql /var/lib/etcd /var/cache/apt; do
  [ -d "$d" ] && df -Pk "$d" | awk -v p="$d" 'NR == 2 { print "disk\t" p "\t" $1 "\t" $2 "\t" $4 }'
done
{ ss -H -ltnp 2>/dev/null || true; } | awk '{ print "port\t" $4 "\t" $6 }'
getent passwd | awk -F: '{ print "user\t" $1 }'
getent group | awk -F: '{ print "group\t" $1 }'
[ -z "$PKGS" ] || dpkg-query -W -f '\${db:Status-Abbrev}\t\${Package}\t\${Version}\n' $PKGS 2>/dev/null |
  awk -F'\t' '$1 ~ /^ii/ { print "pkg\t" $2 "\t" $3 }'
[ -z "$PKGS" ] || apt-cache policy $PKGS 2>/dev/null |
  awk '
    /^[^ ]/ { sub(/:$/, ""); n = $0 }
    /^  Candidate:/ { c = $2; if (c == "(none)") c = ""; print "candidate\t" n "\t" c }'
[ -z "$UNITS" ] || systemctl show -p Id,LoadState,UnitFileState,ActiveState $UNITS 2>/dev/null | awk -F= '
  /^Id=/ { i = $2 } /^LoadState=/ { l = $2 } /^UnitFileState=/ { u = $2 } /^ActiveState=/ { a = $2 }
  /^$/ { if (i != "") print "unit\t" i "\t" l "\t" u "\t" a; i = "" } END { if (i != "") print "unit\t" i "\t" l "\t" u "\t" a }'
for s in /var/lib/matriarch/"$SCOPE"/*.sha256; do
  [ -f "$s" ] || continue
  u=$(basename "$s" .sha256); if sha256sum -c --status "$s" 2>/dev/null; then say stamp "$u" fresh; else say stamp "$u" stale; fi
done
for p; do
  [ -e "$p" ] || [ -L "$p" ] || continue
  e=; [ -d "$p" ] && [ -z "$(ls -A "$p" 2>/dev/null | head -n 1)" ] && e=empty
  stat -c "path$T%n$T%F$T%U$T%G$T%a$T$e" -- "$p" 2>/dev/null
done
printf '%s\n' "$CONTENTS" | while IFS= read -r p; do
  [ -f "$p" ] && [ "$(stat -c %s -- "$p")" -lt 262144 ] && say content "$p" "$(base64 -w 0 < "$p")"
done
locale -a 2>/dev/null | awk '{ print "locale\t" $1 }'
for l in /var/lib/dpkg/lock-frontend /var/lib/apt/lists/lock; do
  [ -e "$l" ] || continue
  i=$(stat -c %i "$l"); p=$(awk -v i=":$i" '$2 == "POSIX" && index($6 " ", i " ") { print $5; exit }' /proc/locks 2>/dev/null)
  [ -z "$p" ] || { say aptlock "$(cat /proc/$p/comm 2>/dev/null || echo process) ($p)"; break; }
done
[ -n "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ] || [ -n "$(dpkg --audit 2>/dev/null)" ] && say dpkg interrupted
ls /var/lib/apt/lists/*Packages* >/dev/null 2>&1 && say lists "$(( $(date +%s) - $(stat -c %Y /var/lib/apt/lists) ))"
cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
  awk '
    !/^[ \t]*#/ {
      for (i = 1; i <= NF; i++) if ($i ~ /^https?:\/\//) {
        h = $i; t = ($i ~ /^https/) ? 443 : 80
        sub(/^https?:\/\//, "", h); sub(/\/.*$/, "", h)
        if (h !~ /:[0-9]+$/) h = h ":" t
        if (!s[h]++) print "apthost\t" h
      }
    }'
[ $SOURCES = no ] || apt-get indextargets --format "aptsource$T"'$(REPO_URI)'"$T"'$(RELEASE)'"$T"'$(SOURCESENTRY)' 2>/dev/null | sort -u
for f in /var/lib/postgresql/*/*/PG_VERSION /var/lib/pgsql/*/data/PG_VERSION; do
  [ -f "$f" ] || continue
  d=$(dirname "$f"); r=stopped; [ -f "$d/postmaster.pid" ] && kill -0 "$(head -n 1 "$d/postmaster.pid")" 2>/dev/null && r=running
  say pgdata "$d" "$(cat "$f")" $r
done
for d in /var/lib/etcd /var/lib/etcd/*; do [ -d "$d/member" ] && say etcddata "$d"; done
command -v getenforce >/dev/null 2>&1 && say selinux "$(getenforce)"
[ -r /sys/module/apparmor/parameters/enabled ] && say apparmor "$(cat /sys/module/apparmor/parameters/enabled)"
[ -e /dev/watchdog ] && say watchdog yes
systemd-detect-virt -q -c 2>/dev/null || { modprobe -n -q softdog 2>/dev/null && say softdog yes; }
m=/etc/matriarch/manifest-$SCOPE.json; [ -f "$m" ] && say manifest "$(base64 -w 0 < "$m")"
for w in packages users groups; do
  f=/var/lib/matriarch/$SCOPE/$w.made; [ -f "$f" ] && awk -v w=$w '{ print "made\t" w "\t" $1 }' "$f"
done
p=; [ -d "/var/lib/matriarch/$SCOPE/before" ] && p=yes
for f in /var/lib/matriarch/"$SCOPE"/unpacking.*; do
  [ -e "$f" ] && [ "$(cat "$f")" != "$(cat /proc/sys/kernel/random/boot_id)" ] && p=yes
done
[ -n "$p" ] && say pending yes
say end 'of facts'
`.replaceAll('\\$', '$');
