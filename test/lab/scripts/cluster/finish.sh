# Starts the members, waits until the cluster is healthy, and describes it in cluster.json.
rest() {        # rest NODE PATH: the body, from the node itself
  local n=$1 pki=/etc/patroni/tls tls=()
  [ "$REST_TLS" = no ] || tls=(--cacert $pki/rest-ca.crt --cert $pki/rest.crt --key $pki/rest.key)
  console "$n" curl -sf -m2 "${tls[@]}" "$REST_SCHEME://$(ip_of "$n"):$REST_PORT$2"
}
start_member() { console "$1" systemctl enable -q "$UNIT"; console "$1" systemctl start "$UNIT"; }
# Checked by member name, since a base backup streams too; and each member reports it itself, on the leader's timeline and
# with less than 1 MB of lag.
all_streaming() {
  local names; names=$(printf '%s\n' "${NODES[@]:1}" | jq -R . | jq -sc 'map(select(. != ""))')
  rest "${NODES[0]}" /patroni | jq -e --argjson names "$names" '
    [.replication[]? | select(.state == "streaming") | .application_name] as $s | $names - $s == []' &&
  rest "${NODES[0]}" /cluster | jq -e --argjson names "$names" '(.members[] | select(.role == "leader") | .timeline) as $t
    | $names - [.members[]
      | select(.role != "leader" and (.state == "running" or .state == "streaming") and .timeline == $t)
      | select(.lag | type == "number" and . < 1048576) | .name] == []'
}
# The first member takes the key `initialize` and becomes the leader; the others are known to it before it runs, so that it makes their
# slots at once and not one loop later.
bootstrap_begun() { [ -n "$(etcdctl_first get --keys-only "$NAMESPACE$SCOPE/initialize")" ]; }
start_members() {
  start_member "${NODES[0]}"
  within 60 "bootstrap on ${NODES[0]}" bootstrap_begun
  [ ${#NODES[@]} = 1 ] || in_parallel start_member "${NODES[@]:1}"
  within 120 "primary on ${NODES[0]}" rest "${NODES[0]}" /primary
  echo "primary after $(since "$start") s"
  within 180 "streaming replicas" all_streaming
}

node_json() { jq -n --arg name "$1" --arg ip "$(ip_of "$1")" --arg suite "$(suite_of "$1")" '{name: $name, ip: $ip, suite: $suite}'; }
nodes_json() { local n; for n; do node_json "$n"; done | jq -s .; }
etcd_json() {
  jq -n --argjson members "$(nodes_json "${ETCD_NODES[@]}")" --arg scheme $ETCD_SCHEME --arg tls $ETCD_TLS \
    --arg ca "$PKI/etcd-ca.crt" --arg cert "$PKI/etcd-client.crt" --arg key "$PKI/etcd-client.key" --arg auth $ETCD_AUTH \
    --arg root "$ETCD_ROOT_PASSWORD" --arg patroni "$ETCD_PATRONI_PASSWORD" '{
      members: $members, scheme: $scheme, clientPort: 2379, peerPort: 2380,
      tls: (if $tls == "yes" then {ca: $ca, cert: $cert, key: $key} else null end),
      auth: (if $auth == "yes" then {
        root: {username: "root", password: $root},
        patroni: {username: "patroni", password: $patroni}
      } else null end)}'
}
cluster_json() {
  jq -n --argjson members "$(nodes_json "${NODES[@]}")" --arg scope "$SCOPE" --arg namespace "$NAMESPACE" \
    --arg layout $LAYOUT --arg pg "$PG_VERSION" --arg config "$CONFIG" --arg unit "$UNIT" --arg data "$DATA_DIR" \
    --argjson port "$PORT" --argjson restPort "$REST_PORT" --arg scheme $REST_SCHEME --arg tls $REST_TLS \
    --arg ca "$PKI/rest-ca.crt" --arg cert "$PKI/rest-client.crt" --arg key "$PKI/rest-client.key" \
    --arg verify $REST_CLIENT_CERTS --arg auth $REST_AUTH --arg proxy $PROXY --arg rest "$REST_PASSWORD" \
    --arg superuser "$SUPERUSER_PASSWORD" --arg replication "$REPLICATION_PASSWORD" --arg rewind "$REWIND_PASSWORD" '{
      scope: $scope, namespace: $namespace, layout: (if $layout == "debian" then "debian-layout" else $layout end),
      members: $members,
      config: $config, unit: $unit, dataDir: $data, pgVersion: ($pg | tonumber), port: $port,
      rest: {port: $restPort, scheme: $scheme, verifyClient: $verify,
        auth: (if $auth == "yes" then {username: "patroni", password: $rest} else null end),
        tls: (if $tls == "yes" then {ca: $ca, cert: $cert, key: $key} else null end)},
      users: {
        superuser: {username: "postgres", password: $superuser},
        replication: {username: "replicator", password: $replication},
        rewind: {username: "rewind", password: $rewind}
      },
      proxy: (if $proxy == "yes" then {primary: 5000, replicas: 5001, stats: 7000, pgbouncer: 6432} else null end)}'
}
# cluster.json: a scope that is made again replaces its former entry; another scope is added.
describe() {
  local file=$LAB_DIR/cluster.json old='[]'
  [ "$REUSE_ETCD" = no ] || old=$(jq --arg scope "$SCOPE" '[.clusters[] | select(.scope != $scope)]' "$file")
  jq -n --arg lab "$LAB_NAME" --arg net "$LAB_NET" --argjson etcd "$(etcd_json)" --argjson old "$old" --argjson new "$(cluster_json)" \
    '{lab: $lab, net: $net, etcd: $etcd, clusters: ($old + [$new])}' > "$file.new"
  chmod 600 "$file.new"; mv "$file.new" "$file"
}
