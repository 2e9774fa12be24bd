#!/bin/bash
# down.sh - the end of this lab: power cut for all, disks, keys, network and rules removed. The shared base systems stay.
set -u; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"; . "$SCRIPTS/network/network.sh"
start=$(now); nodes=$(all_nodes)
[ -z "$nodes" ] || "$SCRIPTS/power/kill.sh" $nodes || exit 1
locked network network_down
rm -rf "$LAB_DIR"
echo "lab $LAB_NAME is gone after $(since "$start") s"
