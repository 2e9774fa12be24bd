#!/bin/bash
# psql.sh NODE [ARGUMENT...] - psql as the superuser on that node's own PostgreSQL; SQL from the arguments or from input.
. "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
port=$(scope .port) || exit 1
console "$node" runuser -u postgres -- env PGCONNECT_TIMEOUT=5 psql -X -h /var/run/postgresql -p "$port" "$@"
