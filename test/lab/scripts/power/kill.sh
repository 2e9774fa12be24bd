#!/bin/bash
# kill.sh NODE... - pull the power plug: every process dies at once, no FIN and no RST leaves the server. The disk stays.
set -u; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
[ $# -gt 0 ] || die "kill needs the nodes whose power is cut."
check_nodes "$@"
for n; do
  s=$(sup_pid "$n") && kill -9 "$s"
  ip link del "$(veth_of "$n")" 2>/dev/null             # the cable first: a dead server says nothing
  [ -d "$CG/$n" ] && echo 1 > "$CG/$n/cgroup.kill"      # killing nspawn alone would leave the node's systemd alive
done
for n; do
  for i in $(seq 1000); do cg_remove "$n" && break; sleep 0.02; done
  for i in $(seq 200); do ip link show "$(veth_of "$n")" >/dev/null 2>&1 || break; sleep 0.02; done
  rm -f "$LAB_DIR/nodes/$n"/*.pid
  [ ! -d "$CG/$n" ] || die "$n still has processes after 20 s."
done
