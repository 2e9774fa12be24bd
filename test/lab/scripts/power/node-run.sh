#!/bin/bash
# node-run.sh LAB/NODE - supervises one server. up.sh starts it in a mount namespace of its own, so that the overlay
# and the cgroup2 mount vanish with it.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
n=${1#*/}; d=$LAB_DIR/nodes/$n
echo $$ > "$d/sup.pid"
mkdir -p "$CG/$n"
group=matriarch-lab/$LAB_NAME/$n
mount -t cgroup2 cgroup2 /sys/fs/cgroup || exit 1       # private: nspawn sees a pure unified hierarchy
mount -t tmpfs -o mode=755 tmpfs /run || exit 1         # private: nspawn's own lock files
mount -t overlay overlay -o "lowerdir=$(cat "$d/lower"),upperdir=$d/upper,workdir=$d/work" "$d/root" || exit 1

# A fresh disk gets what an installer would have written.
if [ -f "$d/fresh" ]; then
  r=$d/root
  cp -p "$d"/hostkeys/etc/ssh/ssh_host_* "$r/etc/ssh/"
  echo "$n" > "$r/etc/hostname"
  tr -d - < /proc/sys/kernel/random/uuid > "$r/etc/machine-id"; chmod 444 "$r/etc/machine-id"
  printf '%b\n' '127.0.0.1\tlocalhost' "127.0.1.1\t$n" '::1\tlocalhost ip6-localhost ip6-loopback' \
    'ff02::1\tip6-allnodes' 'ff02::2\tip6-allrouters' > "$r/etc/hosts"
  { printf 'auto host0\niface host0 inet static\n  address %s/24\n' "$(ip_of "$n")"
    [ "$LAB_NAT" != yes ] || echo "  gateway $GW"; } > "$r/etc/network/interfaces.d/host0"
  cp "$d/resolv.conf" "$r/etc/resolv.conf"
  for user in root admin dba; do
    home=$(chroot "$r" getent passwd $user | cut -d: -f6)
    owner=$(chroot "$r" getent passwd $user | cut -d: -f3,4)
    mkdir -p -m700 "$r$home/.ssh"; install -m600 "$KEY.pub" "$r$home/.ssh/authorized_keys"; chown -R "$owner" "$r$home/.ssh"
  done
  [ "$n" != j1 ] || printf '%s\n' 'LogLevel VERBOSE' > "$r/etc/ssh/sshd_config.d/jump.conf"     # who came through, in the journal
  rm -f "$d/fresh"
fi

export SYSTEMD_NSPAWN_TMPFS_TMP=0                       # /tmp on disk as on a Debian server
while :; do
  ip link del "$(veth_of "$n")" 2>/dev/null             # a left-over makes nspawn fail with "File exists"
  ( echo $BASHPID > "/sys/fs/cgroup/$group/cgroup.procs"
    echo $BASHPID > "$d/nspawn.pid"
    exec systemd-nspawn --quiet --boot --machine="$TAG$n" --hostname="$n" --directory="$d/root" \
      --network-bridge="$BR" --register=no --keep-unit --console=pipe \
      --resolv-conf=off --timezone=off --link-journal=no --capability=CAP_IPC_LOCK --kill-signal=SIGRTMIN+3
  ) </dev/null
  rc=$?; echo "[$(date +%T)] nspawn rc=$rc"
  rm -f "$d/nspawn.pid"
  [ $rc = 133 ] || break                                # 133: the node asked for a reboot
done
rm -f "$d/sup.pid"
