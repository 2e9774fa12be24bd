# Two private CAs, one for etcd and one for the REST interface, and a key for each server and for the clients in $LAB_DIR/pki.
# Names and extensions are what Python 3.13 and OpenSSL 3 insist on.
make_ca() {
  local ca=$PKI/$1-ca
  [ -f "$ca.crt" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=lab $1 CA" \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' -keyout "$ca.key" -out "$ca.crt" 2>/dev/null
}
# make_cert CA NAME [NODE]: with a node, for its address too. Patroni talks to etcd's gateway, which refuses every request by a client
# certificate with a common name once etcd has users: the certificate of Patroni has none.
make_cert() {
  local ca=$PKI/$1-ca file=$PKI/$1-$2 san='' subject="/O=lab/CN=$2"
  [ ! -f "$file.crt" ] || return 0
  [ "$2" != patroni ] || subject="/O=lab/OU=patroni"
  [ -z "${3:-}" ] || san="subjectAltName=IP:$(ip_of "$3"),IP:127.0.0.1,DNS:$3,DNS:localhost"
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$subject" -keyout "$file.key" -out "$file.csr" 2>/dev/null
  openssl x509 -req -in "$file.csr" -CA "$ca.crt" -CAkey "$ca.key" -CAcreateserial -days 30 -out "$file.crt" 2>/dev/null -extfile <(
    printf '%s\n' 'basicConstraints=CA:FALSE' 'keyUsage=critical,digitalSignature' 'extendedKeyUsage=serverAuth,clientAuth' \
      'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid' "$san")
  rm -f "$file.csr"
}
make_pki() {
  local n
  mkdir -p "$PKI"; chmod 700 "$PKI"
  if [ "$ETCD_TLS" = yes ]; then
    make_ca etcd; make_cert etcd patroni; make_cert etcd client
    for n in "${ETCD_NODES[@]}"; do make_cert etcd "$n" "$n"; done
  fi
  if [ "$REST_TLS" = yes ]; then
    make_ca rest; make_cert rest client
    for n in "${NODES[@]}"; do make_cert rest "$n" "$n"; done
  fi
}
