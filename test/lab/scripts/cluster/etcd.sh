# An etcd cluster: environment file, all members started at once (a member alone blocks until there is quorum), then users.
etcd_tls_lines() {
  [ "$ETCD_TLS" = yes ] || return 0
  local kind
  for kind in '' PEER_; do
    printf '%s\n' "ETCD_${kind}CERT_FILE=/etc/etcd/pki/server.crt" "ETCD_${kind}KEY_FILE=/etc/etcd/pki/server.key" \
      "ETCD_${kind}TRUSTED_CA_FILE=/etc/etcd/pki/ca.crt" "ETCD_${kind}CLIENT_CERT_AUTH=true"
  done
}
write_etcd() {
  local n=$1 a m initial=''; a=$(ip_of "$n")
  for m in "${ETCD_NODES[@]}"; do initial=$initial,$m=$ETCD_SCHEME://$(ip_of "$m"):2380; done
  console "$n" bash -c 'systemctl stop etcd 2>/dev/null; rm -rf /var/lib/etcd/default'
  if [ "$ETCD_TLS" = yes ]; then
    put "$n" /etc/etcd/pki/ca.crt etcd 644 < "$PKI/etcd-ca.crt"
    put "$n" /etc/etcd/pki/server.crt etcd 644 < "$PKI/etcd-$n.crt"
    put "$n" /etc/etcd/pki/server.key etcd 600 < "$PKI/etcd-$n.key"
  fi
  { cat <<X; etcd_tls_lines; } | put "$n" /etc/default/etcd root 644
ETCD_NAME=$n
ETCD_DATA_DIR=/var/lib/etcd/default
ETCD_LISTEN_PEER_URLS=$ETCD_SCHEME://$a:2380
ETCD_LISTEN_CLIENT_URLS=$ETCD_SCHEME://$a:2379,$ETCD_SCHEME://127.0.0.1:2379
ETCD_INITIAL_ADVERTISE_PEER_URLS=$ETCD_SCHEME://$a:2380
ETCD_ADVERTISE_CLIENT_URLS=$ETCD_SCHEME://$a:2379
ETCD_INITIAL_CLUSTER=${initial#,}
ETCD_INITIAL_CLUSTER_STATE=new
ETCD_INITIAL_CLUSTER_TOKEN=$LAB_NAME
X
  on_node "$n" <<'X'
mkdir -p /etc/systemd/system/etcd.service.d
printf '[Service]\nRestart=always\nRestartSec=2\n' > /etc/systemd/system/etcd.service.d/restart.conf
systemctl daemon-reload; systemctl enable -q etcd; systemctl start --no-block etcd
X
}
# etcdctl on the first member, as root once there are users.
etcd_has_users=no
etcdctl_first() {
  local n=${ETCD_NODES[0]} options=()
  [ "$ETCD_TLS" = no ] || options+=(--cacert /etc/etcd/pki/ca.crt --cert /etc/etcd/pki/server.crt --key /etc/etcd/pki/server.key)
  [ $etcd_has_users = no ] || options+=(--user "root:$ETCD_ROOT_PASSWORD")
  console "$n" env ETCDCTL_API=3 etcdctl --endpoints "$ETCD_SCHEME://$(ip_of "$n"):2379" "${options[@]}" "$@"
}
grant_namespace() { etcdctl_first role grant-permission patroni --prefix=true readwrite "${NAMESPACE%/}"; }
enable_etcd_auth() {
  etcdctl_first user add "root:$ETCD_ROOT_PASSWORD"
  etcdctl_first role add root 2>/dev/null || true      # 3.5 makes it with the user
  etcdctl_first user grant-role root root
  etcdctl_first role add patroni
  grant_namespace
  etcdctl_first user add "patroni:$ETCD_PATRONI_PASSWORD"
  etcdctl_first user grant-role patroni patroni
  etcdctl_first auth enable
  etcd_has_users=yes
}
form_etcd() {
  if [ "$REUSE_ETCD" = yes ]; then
    [ "$ETCD_AUTH" = no ] || { etcd_has_users=yes; grant_namespace >/dev/null; }
    return
  fi
  in_parallel write_etcd "${ETCD_NODES[@]}"
  within 90 "healthy etcd" etcdctl_first endpoint health --cluster
  [ "$ETCD_AUTH" = no ] || enable_etcd_auth >/dev/null
  echo "etcd healthy after $(since "$start") s"
}
# The section of a Patroni configuration that says where etcd is.
etcd3_section() {
  printf 'etcd3:\n  hosts: %s\n' "$ETCD_HOSTS"
  [ "$ETCD_TLS" = no ] || printf '  %s\n' 'protocol: https' 'cacert: /etc/patroni/tls/etcd-ca.crt' \
    'cert: /etc/patroni/tls/etcd-client.crt' 'key: /etc/patroni/tls/etcd-client.key'
  [ "$ETCD_AUTH" = no ] || printf '  %s\n' 'username: patroni' "password: $ETCD_PATRONI_PASSWORD"
}
