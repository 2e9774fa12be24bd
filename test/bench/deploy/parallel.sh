#!/bin/bash
# parallel.sh KEY PGVERSION ADDRESS... - three bare servers to a cluster as somebody who knows them by heart would script it: one SSH
# connection per server kept open, packages on all at once, everything written while nothing waits, all members of etcd started at once.
# It ends when every replica streams and both ports of the applications answer. Passwords are for the measurement alone.
set -eu
key=$1 version=$2; shift 2
nodes=("$@"); first=$1; here=$(cd "$(dirname "$0")" && pwd); work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
reach() { local to=$1; shift; ssh -i "$key" -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ControlMaster=auto -o ControlPath="$work/%h" -o ControlPersist=60 "root@$to" "$@"; }
each()  { local what=$1 pids=() p bad=0 n; shift; for n; do "$what" "$n" & pids+=($!); done; for p in "${pids[@]}"; do wait "$p" || bad=1; done; [ $bad = 0 ] || { echo "$what failed" >&2; exit 1; }; }
within(){ local end=$((SECONDS + $1)); shift; until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || { echo "in vain: $*" >&2; exit 1; }; sleep 0.2; done; }

initial=; hosts=; members=
for n in "${nodes[@]}"; do initial=$initial,$n=http://$n:2380; hosts=$hosts,$n:2379; members="$members  server $n $n:5432 check port 8008"$'\n'; done
settle() { sed -e "s|@ADDRESS@|$1|g" -e "s|@INITIAL@|${initial#,}|g" -e "s|@HOSTS@|${hosts#,}|g" -e "s|@VERSION@|$version|g" -e "s|@NETWORK@|${first%.*}.0/24|g" "$here/templates/$2" | awk -v m="$members" '/^@MEMBERS@$/ { printf "%s", m; next } { print }'; }
send() {
  local n=$1 file
  for file in etcd patroni.yml haproxy.cfg pgbouncer.ini userlist.txt; do settle "$n" "$file" > "$work/$n.$file"; done
  tar -C "$work" -c "$n".etcd "$n".patroni.yml "$n".haproxy.cfg "$n".pgbouncer.ini "$n".userlist.txt | reach "$n" "tar -C /root -x --transform 's|^$n[.]|new.|'"
}
install() {
  reach "$1" "bash -es" <<X
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
mkdir -p /etc/postgresql-common/createcluster.d; echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/own.conf
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
apt-get -o DPkg::Lock::Timeout=300 update -q > /root/apt.log 2>&1
apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends postgresql-$version etcd-server etcd-client patroni python3-etcd haproxy pgbouncer >> /root/apt.log 2>&1
rm -f /usr/sbin/policy-rc.d; systemctl disable -q postgresql
X
}
settle_in() {
  reach "$1" "bash -es" <<X
cd /root
install -m 644 new.etcd /etc/default/etcd
install -m 600 -o postgres -g postgres new.patroni.yml /etc/patroni/config.yml
install -m 644 new.haproxy.cfg /etc/haproxy/haproxy.cfg
install -m 640 -o postgres -g postgres new.pgbouncer.ini /etc/pgbouncer/pgbouncer.ini
install -m 600 -o postgres -g postgres new.userlist.txt /etc/pgbouncer/userlist.txt
for u in etcd patroni; do mkdir -p /etc/systemd/system/\$u.service.d; printf '[Service]\nRestart=always\nRestartSec=2\n' > /etc/systemd/system/\$u.service.d/own.conf; done
install -d -o postgres -g postgres -m 755 /var/lib/postgresql/$version
rm -f new.*; systemctl daemon-reload; systemctl enable -q etcd patroni haproxy pgbouncer; systemctl start --no-block etcd
X
}
prepare() { install "$1"; send "$1"; settle_in "$1"; }
start()   { reach "$1" 'systemctl start patroni; systemctl restart haproxy pgbouncer'; }
streams() { [ "$(reach "$first" "runuser -u postgres -- psql -XAtc \"select count(*) from pg_stat_replication where state = 'streaming'\"")" = $((${#nodes[@]} - 1)) ]; }
answers() { reach "$1" 'export PGPASSWORD=bench-superuser; for port in 5000 6432; do psql -XAtqc "select 1" "host=127.0.0.1 port=$port user=postgres dbname=postgres" || exit 1; done'; }

each prepare "${nodes[@]}"
within 120 reach "$first" 'ETCDCTL_API=3 etcdctl endpoint health'
reach "$first" 'systemctl start patroni'
within 120 reach "$first" "curl -sf -m 1 http://$first:8008/primary"
each start "${nodes[@]}"
within 180 streams
reach "$first" "runuser -u postgres -- psql -Xqc \"create role app login password 'bench-app'\" -c 'create database appdb owner app'"
for n in "${nodes[@]}"; do within 60 answers "$n"; done
