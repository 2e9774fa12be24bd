#!/bin/bash
# snapshot.sh NODE NAME - shut the node down and freeze its disk as the image NAME of this lab; IMAGE=NAME starts fresh disks from it.
set -e; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
n=${1:-}; name=${2:-}
check_nodes "$n"; [[ $name =~ ^[a-z0-9][a-z0-9-]*$ ]] || die "an image's name is lower-case letters, digits and dashes."
d=$LAB_DIR/nodes/$n; image=$LAB_DIR/images/$name
[ "$name" != bare ] && [ "$name" != stack ] || die "bare and stack are the lab's own images."
[ -d "$d/upper" ] || die "$n has no disk."
"$SCRIPTS/power/off.sh" "$n"
rm -rf "$image"; mkdir -p "$image"; cp -a "$d/upper/." "$image/"
# What makes a server this one and no other does not go into an image.
( cd "$image"
  rm -rf etc/hostname etc/hosts etc/ssh/ssh_host_* etc/network/interfaces.d/host0 var/log/journal/* \
    var/lib/etcd/default var/lib/systemd/random-seed root/.bash_history
  : > etc/machine-id )
echo "$image:$(cat "$d/lower")" > "$image.lower"; cp "$d/suite" "$image.suite"
echo "image $name: $(du -sh "$image" | cut -f1)"
