#!/bin/bash
# base.sh SUITE - once per host and release: the root file system of a bare Debian server (about 1 min, 300 MB), shared by all labs.
set -eu; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"; umask 022
suite=$1; base=$LAB_ROOT/base-$suite; new=$base.new
pg_version_of_suite "$suite" >/dev/null
[ ! -d "$base/usr" ] || exit 0
need_packages debootstrap systemd-container nftables iproute2 openssh-client openssl jq curl
start=$(now)

# The mirror this host itself uses.
mirror=${LAB_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1)}
mirror=${mirror%/}; [ -n "$mirror" ] || die "this host's apt names no Debian mirror: set LAB_MIRROR."
proxy=$(apt-config dump Acquire::http::Proxy | sed -n 's/^Acquire::http::Proxy "\(.*\)";$/\1/p')
packages=systemd,systemd-sysv,dbus,libpam-systemd,openssh-server,sudo,python3-minimal,iproute2,ca-certificates,procps
packages=$packages,iputils-ping,less,nano,netbase,ifupdown,curl,gnupg,kmod,login,passwd

rm -rf "$new"; mkdir -p "$LAB_ROOT"
debootstrap --variant=minbase --include="$packages" "$suite" "$new" "$mirror" >"$base.build.txt" 2>&1 ||
  die "debootstrap failed, see $base.build.txt"
printf 'deb %s %s main\ndeb %s %s-updates main\ndeb %s-security %s-security main\n' \
  "$mirror" "$suite" "$mirror" "$suite" "$mirror" "$suite" > "$new/etc/apt/sources.list"
[ -z "$proxy" ] || printf 'Acquire::http::Proxy "%s";\n' "$proxy" > "$new/etc/apt/apt.conf.d/80proxy"
# Up to date, as a server is kept: installing a package must not upgrade what was there before (as locales does with libc6).
cp -L /etc/resolv.conf "$new/etc/resolv.conf"
chroot "$new" sh -ec 'export DEBIAN_FRONTEND=noninteractive; apt-get -q update; apt-get -q -y upgrade' \
  >>"$base.build.txt" 2>&1 || die "the upgrade failed, see $base.build.txt"
rm -f "$new"/etc/ssh/ssh_host_* "$new"/var/cache/apt/archives/*.deb "$new"/etc/{hostname,hosts,resolv.conf}
: > "$new/etc/machine-id"; ln -sf /etc/machine-id "$new/var/lib/dbus/machine-id"    # else all servers share one machine-id

# Who can log in: root and admin by key, dba by key or password; only dba must type a password for sudo.
chroot "$new" usermod -p '*' root
chroot "$new" useradd -m -s /bin/bash -p '*' admin
chroot "$new" useradd -m -s /bin/bash -G sudo dba
echo "dba:$LAB_PASSWORD" | chroot "$new" chpasswd
echo 'admin ALL=(ALL) NOPASSWD:ALL' > "$new/etc/sudoers.d/admin"; chmod 440 "$new/etc/sudoers.d/admin"
mv "$new" "$base"; rm -f "$base.build.txt"
echo "base-$suite: $(du -sh "$base" | cut -f1) in $(since "$start") s"
