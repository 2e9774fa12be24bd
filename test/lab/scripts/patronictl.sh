#!/bin/bash
# patronictl.sh NODE [ARGUMENT...] - patronictl with the node's own configuration.
. "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
console "$node" patronictl -c "$(scope .config)" "$@"
