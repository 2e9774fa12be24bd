#!/bin/bash
# stack.sh SUITE - once per host and release: the image stack-SUITE, a base with etcd, PostgreSQL, Patroni, HAProxy and PgBouncer
# from the distribution, nothing enabled, nothing started, no "main" cluster. Clusters come up in seconds from it.
set -eu; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"; umask 022
suite=$1; version=$(pg_version_of_suite "$suite")
base=$LAB_ROOT/base-$suite; image=$LAB_ROOT/images/stack-$suite; new=$image.new
[ ! -f "$image.lower" ] || exit 0
# A mount namespace of its own: whatever happens, no mount stays behind.
[ "${STACK_INSIDE:-}" = yes ] || STACK_INSIDE=yes exec unshare -m --propagation private bash "$0" "$suite"
start=$(now)
rm -rf "$new"; mkdir -p "$new"/{upper,work,root}
root=$new/root
mount -t overlay overlay -o "lowerdir=$base,upperdir=$new/upper,workdir=$new/work" "$root"
mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"; mount -t tmpfs tmpfs "$root/run"
install -m644 "$(readlink -f /etc/resolv.conf)" "$root/etc/resolv.conf"
mkdir -p "$root/etc/postgresql-common/createcluster.d"
echo 'create_main_cluster = false' > "$root/etc/postgresql-common/createcluster.d/lab.conf"
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"; chmod 755 "$root/usr/sbin/policy-rc.d"
chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  bash -e >"$image.build.txt" 2>&1 <<X || die "the packages did not install, see $image.build.txt"
apt-get update -q
apt-get install -y -q --no-install-recommends postgresql-$version etcd-server etcd-client patroni python3-etcd haproxy pgbouncer
for unit in etcd patroni haproxy pgbouncer postgresql; do systemctl disable \$unit 2>/dev/null; done
apt-get clean
X
( cd "$root"
  rm -rf usr/sbin/policy-rc.d etc/postgresql-common/createcluster.d/lab.conf var/log/apt/* var/lib/etcd/default etc/resolv.conf )
umount -R "$root/dev" "$root/proc" "$root/run"; umount "$root"
rm -rf "$image"; mv "$new/upper" "$image"; rm -rf "$new" "$image.build.txt"
echo "$image:$base" > "$image.lower"
echo "stack-$suite: $(du -sh "$image" | cut -f1) in $(since "$start") s"
