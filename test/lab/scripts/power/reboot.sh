#!/bin/bash
# reboot.sh NODE... - restart as an administrator would, and wait until SSH answers again.
set -e; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
[ $# -gt 0 ] || die "reboot needs nodes."
check_nodes "$@"
declare -A before
for n; do
  before[$n]=$(nspawn_pid "$n") || die "$n is not running."
  kill -s INT "$(init_pid "$n")"      # SIGINT asks systemd for a reboot
done
for n; do
  for i in $(seq 600); do p=$(nspawn_pid "$n") && [ "$p" != "${before[$n]}" ] && break; sleep 0.1; done
  [ "$(nspawn_pid "$n")" != "${before[$n]}" ] || die "$n did not go down for the reboot in 60 s."
done
"$SCRIPTS/power/up.sh" "$@"
