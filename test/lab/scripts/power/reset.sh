#!/bin/bash
# reset.sh [NODE...] - plug pulled, disk wiped, booted again (default: all nodes of the lab). Address, SSH host keys, release and
# image stay as they were, unless SUITE or IMAGE says otherwise.
set -e; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
[ $# -gt 0 ] || set -- $(all_nodes)
[ $# -gt 0 ] || die "this lab has no nodes yet: lab up."
check_nodes "$@"
"$SCRIPTS/power/kill.sh" "$@"
trash=$LAB_DIR/trash/$$; mkdir -p "$trash"
for n; do mkdir "$trash/$n"; mv "$LAB_DIR/nodes/$n"/{upper,work} "$trash/$n/" 2>/dev/null || true; done
rm -rf "$trash" &
"$SCRIPTS/power/up.sh" "$@"
wait
