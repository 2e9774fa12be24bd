#!/bin/bash
# console.sh NODE COMMAND... - run a command as root on the node's console, without the network: works on a node that is cut off
# or whose sshd hangs. Input, output and exit code are the command's. Without a command: a shell reading from input.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
n=${1:-}; shift || true
check_nodes "$n"; [ $# -gt 0 ] || set -- bash -l
console "$n" "$@"
