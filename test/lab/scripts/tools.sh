# What psql.sh, etcdctl.sh and patronictl.sh share: they run on a node, by its console, with what cluster.json knows. LAB_SCOPE chooses
# among several scopes; the first is the default.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
node=${1:-}; shift || true
check_nodes "$node"
[ -f "$LAB_DIR/cluster.json" ] || die "this lab has no cluster yet: lab cluster."
etcd()  { jq -r "$1" "$LAB_DIR/cluster.json"; }
scope() { jq -r --arg scope "${LAB_SCOPE:-}" "(.clusters | map(select(\$scope == \"\" or .scope == \$scope)) | first) | $1" "$LAB_DIR/cluster.json"; }
