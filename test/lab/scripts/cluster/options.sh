# Options of cluster.sh, what they default to, and small helpers for its parts.
usage() { sed -n 's/^# \{0,1\}//; s/^cluster.sh/cluster/; 2,19p' "$SCRIPTS/cluster/cluster.sh" >&2; exit 2; }

parse_options() {
  LAYOUT=${1:-}; shift || true
  case $LAYOUT in plain) ;; debian-layout) LAYOUT=debian ;; *) usage ;; esac
  NODES=(n1 n2 n3); ETCD_NODES=(); REUSE_ETCD=no; SCOPE=; NAMESPACE=; PORT=5432; POSTGRES=
  REST_AUTH=no; REST_TLS=no; REST_CLIENT_CERTS=none; ETCD_AUTH=no; ETCD_TLS=no; PROXY=no
  while [ $# -gt 0 ]; do
    case $1 in
      --nodes|--etcd|--scope|--namespace|--port|--postgres|--rest-client-certs) [ $# -ge 2 ] || die "$1 needs a value." ;;
    esac
    case $1 in
      --nodes) IFS=, read -ra NODES <<<"$2"; shift ;;
      --etcd) IFS=, read -ra ETCD_NODES <<<"$2"; shift ;;
      --scope) SCOPE=$2; shift ;;
      --namespace) NAMESPACE=/${2#/}; NAMESPACE=${NAMESPACE%/}/; shift ;;
      --port) PORT=$2; shift ;;
      --postgres) POSTGRES=$2; shift ;;
      --rest-client-certs) REST_TLS=yes; REST_CLIENT_CERTS=$2; shift ;;
      --reuse-etcd) REUSE_ETCD=yes ;;
      --rest-auth) REST_AUTH=yes ;;
      --rest-tls) REST_TLS=yes ;;
      --etcd-auth) ETCD_AUTH=yes ;;
      --etcd-tls) ETCD_TLS=yes ;;
      --proxy) PROXY=yes ;;
      *) echo "lab: unknown option '$1'" >&2; usage ;;
    esac
    shift
  done
  settle_options
}

settle_options() {
  [ ${#ETCD_NODES[@]} -gt 0 ] || ETCD_NODES=("${NODES[@]}")
  check_nodes "${NODES[@]}" "${ETCD_NODES[@]}"
  case $REST_CLIENT_CERTS in none|optional|required) ;; *) die "--rest-client-certs is optional or required." ;; esac
  if [ "$REUSE_ETCD" = yes ]; then
    [ -f "$LAB_DIR/cluster.json" ] || die "--reuse-etcd: this lab has no cluster yet."
    mapfile -t ETCD_NODES < <(jq -r '.etcd.members[].name' "$LAB_DIR/cluster.json")
    ETCD_TLS=$(jq -r 'if .etcd.tls then "yes" else "no" end' "$LAB_DIR/cluster.json")
    ETCD_AUTH=$(jq -r 'if .etcd.auth then "yes" else "no" end' "$LAB_DIR/cluster.json")
  fi
  REST_PORT=$((PORT + 2576))
  REST_SCHEME=http; [ "$REST_TLS" = no ] || REST_SCHEME=https
  ETCD_SCHEME=http; [ "$ETCD_TLS" = no ] || ETCD_SCHEME=https
  ETCD_HOSTS=$(for n in "${ETCD_NODES[@]}"; do printf '%s:2379,' "$(ip_of "$n")"; done); ETCD_HOSTS=${ETCD_HOSTS%,}
  PKI=$LAB_DIR/pki
  # For this lab only: they are no secret of anybody.
  SUPERUSER_PASSWORD=lab-superuser-password REPLICATION_PASSWORD=lab-replication-password REWIND_PASSWORD=lab-rewind-password
  REST_PASSWORD=lab-rest-password ETCD_ROOT_PASSWORD=lab-etcd-root-password ETCD_PATRONI_PASSWORD=lab-etcd-patroni-password
}

# Powers on what is off; names that depend on the release are known after it.
prepare_nodes() {
  local n need=()
  for n in $(printf '%s\n' "${NODES[@]}" "${ETCD_NODES[@]}" | sort -uV); do running "$n" || need+=("$n"); done
  [ ${#need[@]} = 0 ] || IMAGE=${IMAGE:-stack} "$SCRIPTS/power/up.sh" "${need[@]}"
  PG_VERSION=${POSTGRES:-$(pg_version_of_suite "$(suite_of "${NODES[0]}")")}
  if [ "$LAYOUT" = debian ]; then
    CLUSTER=${SCOPE:-main}; SCOPE=$PG_VERSION-$CLUSTER; NAMESPACE=${NAMESPACE:-/postgresql-common/}
    CONFIG=/etc/patroni/$SCOPE.yml UNIT=patroni@$SCOPE.service DATA_DIR=/var/lib/postgresql/$PG_VERSION/$CLUSTER
  else
    SCOPE=${SCOPE:-lab}; NAMESPACE=${NAMESPACE:-/service/}
    CONFIG=/etc/patroni/config.yml UNIT=patroni.service DATA_DIR=/var/lib/postgresql/$PG_VERSION/main
  fi
  for n in "${NODES[@]}"; do console "$n" test -e /usr/bin/patroni || die "$n has no Patroni: reset it with IMAGE=stack."; done
}

on_node() { local n=$1; shift; console "$n" bash -es "$@"; }      # a script on stdin, run on the node
put()     { local n=$1 to=$2 owner=$3 mode=$4; console "$n" install -D -o "$owner" -g "$owner" -m "$mode" /dev/stdin "$to"; }

# Runs `function NODE` for all nodes at once; fails if one fails.
in_parallel() {
  local what=$1 n pids=() p bad=0; shift
  for n; do "$what" "$n" & pids+=($!); done
  for p in "${pids[@]}"; do wait "$p" || bad=1; done
  [ $bad = 0 ] || die "$what failed on a node."
}
# Tries a command until it succeeds: `within SECONDS "what is awaited" command...`
within() {
  local end=$((SECONDS + $1)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || die "no $what in time."; sleep 0.2; done
}
