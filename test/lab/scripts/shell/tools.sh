# What psql.sh, etcdctl.sh and patronictl.sh share: they run on a node, by its console, with what cluster.json knows. LAB_SCOPE chooses
# among several scopes.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
node=${1:-}; shift || true
check_nodes "$node"
[ -f "$LAB_DIR/cluster.json" ] || die "this lab has no cluster yet: lab cluster."
etcd()  { jq -r "$1" "$LAB_DIR/cluster.json"; }
# The scope asked for, or the first that this node is a member of, or the first at all.
scope() {
  jq -r --arg scope "${LAB_SCOPE:-}" --arg node "$node" "(
    .clusters as \$all
    | if \$scope != \"\" then [\$all[] | select(.scope == \$scope)]
      else [\$all[] | select(any(.members[]; .name == \$node))] + \$all end
    | first // error(\"there is no such scope in this lab\")) | $1" "$LAB_DIR/cluster.json"
}
