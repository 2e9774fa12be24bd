#!/bin/bash
# off.sh [NODE...] - shut down cleanly (default: all), as an administrator would; after 40 s the plug is pulled: a Patroni leader
# whose replicas are gone needs long. The disks stay.
set -u; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
[ $# -gt 0 ] || set -- $(running_nodes)
check_nodes "$@"
for n; do p=$(init_pid "$n") && kill -s RTMIN+4 "$p"; done           # SIGRTMIN+4 asks systemd for a power-off
for n; do
  for i in $(seq 400); do running "$n" || break; sleep 0.1; done
  ! running "$n" || echo "$n did not stop in 40 s: pulling the plug"
  "$SCRIPTS/power/kill.sh" "$n"
done
