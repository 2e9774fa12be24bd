#!/bin/bash
# crash.sh [--undo] NODE... - kill -9 of Patroni and all of PostgreSQL at one moment; systemd does not start them again until --undo.
set -e; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
undo=no; [ "${1:-}" != --undo ] || { undo=yes; shift; }
[ $# -gt 0 ] || die "crash needs the nodes whose PostgreSQL dies."
check_nodes "$@"
for n; do console "$n" bash -es $undo <<'X'
units=$(systemctl list-units --all --plain --no-legend 'patroni.service' 'patroni@*.service' | awk '{print $1}')
for unit in $units; do
  dropin=/run/systemd/system/$unit.d
  if [ "$1" = yes ]; then rm -rf "$dropin"
  else mkdir -p "$dropin"; printf '[Service]\nRestart=no\n' > "$dropin/crash.conf"; fi
done
systemctl daemon-reload
for unit in $units; do
  if [ "$1" = yes ]; then ! systemctl is-enabled -q "$unit" || systemctl start "$unit"; else systemctl kill -s KILL "$unit" || true; fi
done
[ "$1" = yes ] || pkill -9 -u postgres -x postgres || true
X
done
