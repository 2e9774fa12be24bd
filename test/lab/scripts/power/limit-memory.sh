#!/bin/bash
# limit-memory.sh NODE MB|off - the PostgreSQL of a node, and what it starts from now on, gets so much memory: the kernel
# of this host kills a process of it that wants more. A node's journal has no line of the kernel, as in any container.
set -eu; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
[ $# = 2 ] || die "limit-memory needs a node, and megabytes or 'off'."
check_nodes "$1"
memory=/sys/fs/cgroup/memory group=/sys/fs/cgroup/memory/matriarch-lab-$TAG$1
[ -e "$memory/memory.limit_in_bytes" ] || die "this host has no memory controller beside cgroup2, which limit-memory needs."
if [ "$2" = off ]; then
  [ -d "$group" ] || exit 0
  for pid in $(cat "$group/cgroup.procs"); do echo "$pid" > "$memory/cgroup.procs" 2>/dev/null || true; done
  rmdir "$group"
  exit 0
fi
mkdir -p "$group"
echo "$(($2 * 1024 * 1024))" > "$group/memory.limit_in_bytes"
for pid in $(find "$CG/$1" -name cgroup.procs -exec cat {} + 2>/dev/null); do
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != postgres ] || echo "$pid" > "$group/cgroup.procs"
done
