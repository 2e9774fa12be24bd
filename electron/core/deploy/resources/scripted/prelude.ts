import { quoteWord } from '../../../ssh/run/quote';

/**
 * Shell functions that every script of a deployment starts with. A step says when it begins and how it ended,
 * on lines of their own (`@@begin ID`, `@@done ID`, `@@failed ID CODE`), so that each is journalled although
 * many go in one script. The first failed step ends the script. A unit that does not start says why in its own log,
 * not in systemctl's words: that log follows, so that the cause can be recognised.
 */
export function prelude(stateDirectory: string): string {
  return `STATE=${quoteWord(stateDirectory)}\n${functions}`;
}

const functions = String.raw`
umask 022
LC_ALL=C.UTF-8; DEBIAN_FRONTEND=noninteractive; export LC_ALL DEBIAN_FRONTEND
# Without it, systemctl tells update-rc.d of each unit that has a script for another init, and systemd reads all units twice more.
SYSTEMCTL_SKIP_SYSV=1; export SYSTEMCTL_SKIP_SYSV
read -r B < /proc/sys/kernel/random/boot_id; B=\${B%%-*}
# What a script left half written that did not come to its end: it is of another boot, or of a process that is gone.
for n in "$STATE"/.matriarch-*; do
  [ -f "$n" ] || continue
  p=\${n##*/.matriarch-}
  case $p in "$B"-*) p=\${p#*-}; [ ! -d "/proc/\${p%%-*}" ] || continue ;; esac
  rm -f -- "$n"
done
put() {
  k=\${6-}
  if [ -n "$5" ] && [ -e "$1" ] && [ ! -e "$5" ]; then cp -p -- "$1" "$5"; fi
  d=\${1%/*}; [ -d "$d" ] || mkdir -p -- "$d"; [ -d "$STATE" ] || mkdir -p -m 0755 -- "$STATE"
  # The directory may belong to a service: what root writes comes into being where only root does, and moves in one step.
  t=$STATE; set -- "$1" "$2" "$3" "$4" $(stat -c %d -- "$STATE" "$d"); [ "$5" = "$6" ] || t=$d
  n=$(mktemp -- "$t/.matriarch-$B-$$-XXXXXXXXXX")
  base64 -d > "$n"
  [ -z "$k" ] || said=$($k "$n" 2>&1) || { c=$?; printf '%s\n' "$said" >&2; rm -f -- "$n"; return $c; }
  chown "$2:$3" -- "$n"; chmod "$4" -- "$n"; sync -d -- "$n"
  mv -fT -- "$n" "$1"
}
# Whoever owns the file wrote the number in it: the signal is sent with that user's rights, and reaches no process of another.
hup_own() {
  [ -f "$1" ] || return 0
  o=$(stat -c %U -- "$1"); p=$(head -n 1 -- "$1")
  case $p in *[!0-9]* | '' | 0 | 1) return 0 ;; esac
  runuser -u "$o" -- kill -HUP "$p" 2>/dev/null || true
}
parents() {
  d=$(dirname -- "$1")
  [ -d "$d" ] || { parents "$d" "$2" "$3"; d=$(dirname -- "$1"); mkdir -- "$d"; chown "$2:$3" -- "$d"; }
}
directory() {
  [ -d "$1" ] || [ "$5" != data ] || parents "$1" "$2" "$3"
  [ -d "$1" ] || mkdir -p -- "$1"
  chown "$2:$3" -- "$1"; chmod "$4" -- "$1"
}
note_etc() {
  mkdir -p -m 0755 -- "$STATE"
  [ -f "$STATE/etc.before" ] || { find /etc -xdev | sort > "$STATE/etc.new"; mv -- "$STATE/etc.new" "$STATE/etc.before"; }
}
stamp() {
  u=$1; shift
  mkdir -p -- "$STATE"
  if [ $# -eq 0 ]; then : > "$STATE/$u.sha256"; else sha256sum -- "$@" > "$STATE/$u.sha256"; fi
}
fresh() { [ -s "$STATE/$1.sha256" ] && sha256sum -c --status "$STATE/$1.sha256" 2>/dev/null; }
begun() {
  "$@" || { c=$?; journalctl -u "$u" -n 30 -o cat --no-pager >&2 2>/dev/null || true; return $c; }
}
# What systemd knows of a unit: f its file, a whether it is active, n whether it is to be read anew.
unit_state() {
  f=; a=; n=
  while IFS== read -r k v; do
    case $k in UnitFileState) f=$v ;; ActiveState) a=$v ;; NeedDaemonReload) n=$v ;; esac
  done << END_OF_STATE
$(systemctl show -p UnitFileState -p ActiveState -p NeedDaemonReload "$1")
END_OF_STATE
}
unit_on() {
  u=$1; how=$2; block=$3; shift 3
  unit_state "$u"
  if [ "$f" = masked ]; then systemctl --no-reload unmask -q "$u"; fi
  case $f in
    enabled* | static | alias | indirect | generated) [ "$n" = no ] || systemctl daemon-reload ;;
    disabled) systemctl --no-reload enable -q "$u"; [ "$n" = no ] || systemctl daemon-reload ;;
    *) systemctl is-enabled -q "$u" 2>/dev/null || systemctl --no-reload enable -q "$u"; systemctl daemon-reload ;;
  esac
  [ "$a" = inactive ] || systemctl reset-failed -q "$u" 2>/dev/null || true
  case $a in
    active) fresh "$u" || begun systemctl $how $block "$u" ;;
    activating) fresh "$u" || systemctl restart --no-block "$u" ;;
    *) begun systemctl start $block "$u" ;;
  esac
  stamp "$u" "$@"
}
unit_off() {
  u=$1
  unit_state "$u"
  if [ "$f" = masked ]; then systemctl --no-reload unmask -q "$u"; fi
  if [ "$(systemctl is-enabled "$u" 2>/dev/null)" != disabled ]; then
    systemctl --no-reload disable -q "$u" 2>/dev/null || true
    systemctl daemon-reload
  fi
  if [ "$a" = active ]; then systemctl stop "$u"; fi
}
step() {
  printf '@@begin %s\n' "$1"
  ( set -e; "$2" ); c=$?
  if [ $c = 0 ]; then printf '@@done %s\n' "$1"; else printf '@@failed %s %s\n' "$1" $c; exit $c; fi
}
`.replaceAll('\\$', '$');
