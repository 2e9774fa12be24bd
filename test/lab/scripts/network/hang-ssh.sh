#!/bin/bash
# hang-ssh.sh stop|cont NODE... - stop: sshd and all its sessions freeze (the kernel still answers, SSH says nothing); cont: they go on.
set -e; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
what=${1:-}; shift || true
case $what in stop|cont) ;; *) die "hang-ssh stop NODE..., or hang-ssh cont NODE..." ;; esac
check_nodes "$@"
for n; do console "$n" bash -c "pkill --signal ${what^^} -x 'sshd|sshd-session|sshd-auth' || true"; done
