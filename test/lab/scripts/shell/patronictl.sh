#!/bin/bash
# patronictl.sh NODE [ARGUMENT...] - patronictl with the node's own configuration.
. "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
config=$(scope .config) || exit 1
console "$node" patronictl -c "$config" "$@"
