#!/bin/bash
# cluster.sh LAYOUT [OPTION...] - a reference cluster, set up by scripts that know nothing of Matriarch.
#   plain            /etc/patroni/config.yml and patroni.service
#   debian-layout    pg_createconfig_patroni, /etc/patroni/VERSION-CLUSTER.yml and patroni@VERSION-CLUSTER.service
# Options:
#   --nodes n1,n2,n3     members; those without a disk come up from the image stack (SUITE says the release)
#   --etcd n4,n5,n6      etcd on these instead of on the members
#   --reuse-etcd         a second scope in the etcd that this lab already has
#   --scope NAME         scope (plain: lab; debian-layout: the cluster's name, main, and the scope is VERSION-NAME)
#   --namespace PATH     /service/, Debian's is /postgresql-common/
#   --port N             PostgreSQL port, 5432; REST listens on N + 2576 as in Debian
#   --postgres N         another major version than the release's own, where it is installed
#   --rest-auth          user and password for unsafe REST requests
#   --rest-tls           REST over TLS from a private CA
#   --rest-client-certs optional|required    the REST asks clients for certificates (implies --rest-tls)
#   --etcd-auth          etcd users: root, and patroni which may only touch its namespace
#   --etcd-tls           etcd over TLS from a private CA, clients need a certificate
#   --proxy              HAProxy (5000, 5001, 7000) and PgBouncer (6432) on each member
# It returns when the leader runs and every other member streams. $LAB_DIR/cluster.json describes the cluster.
set -eu; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
for part in options pki etcd plain debian proxy finish; do . "$SCRIPTS/cluster/$part.sh"; done
start=$(now)
parse_options "$@"
prepare_nodes
make_pki
form_etcd
in_parallel "write_$LAYOUT" "${NODES[@]}"
start_members
[ "$PROXY" = no ] || in_parallel write_proxy "${NODES[@]}"
describe
console "${NODES[0]}" patronictl -c "$CONFIG" list
echo "cluster $SCOPE complete after $(since "$start") s"
