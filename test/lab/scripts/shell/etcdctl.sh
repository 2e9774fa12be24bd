#!/bin/bash
# etcdctl.sh NODE [ARGUMENT...] - etcdctl on an etcd member, as root where etcd has users. Its endpoints are all members, or
# with ETCD_ENDPOINTS=local this member alone.
. "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
address=$(ip_of "$node")
endpoints=$(etcd '.etcd | .scheme as $s | [.members[] | "\($s)://\(.ip):2379"] | join(",")')
[ "${ETCD_ENDPOINTS:-}" != local ] || endpoints=$(etcd .etcd.scheme)://$address:2379
options=(--endpoints "$endpoints")
[ "$(etcd .etcd.tls)" = null ] || options+=(--cacert /etc/etcd/pki/ca.crt --cert /etc/etcd/pki/server.crt --key /etc/etcd/pki/server.key)
[ "$(etcd .etcd.auth)" = null ] || options+=(--user "$(etcd '.etcd.auth.root | "\(.username):\(.password)"')")
console "$node" env ETCDCTL_API=3 etcdctl "${options[@]}" "$@"
