#!/bin/bash
# up.sh [NODE...] - power on (default n1 n2 n3) and wait until SSH answers. A node keeps its disk between runs; one without a
# disk starts from $SUITE (bookworm) and $IMAGE (bare, stack, or a name given to snapshot.sh).
set -e; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"; . "$SCRIPTS/network/network.sh"
start=$(now)
[ $# -gt 0 ] || set -- n1 n2 n3
check_nodes "$@"
need_packages systemd-container nftables iproute2 openssh-client openssl jq curl
mkdir -p "$LAB_DIR"; chmod 700 "$LAB_DIR"
if [ ! -f "$KEY" ]; then
  ssh-keygen -q -t ed25519 -N '' -C "$LAB_NAME-lab" -f "$KEY"
  cp "$KEY" "$LAB_DIR/id_encrypted"; cp "$KEY.pub" "$LAB_DIR/id_encrypted.pub"
  ssh-keygen -q -p -P '' -N "$LAB_PASSPHRASE" -f "$LAB_DIR/id_encrypted" >/dev/null
fi
locked network network_up

# Which file systems a fresh disk of this node stands on: "image:base" or "base".
lower_of() {
  local suite=$1 image=$2 f
  locked "base-$suite" "$SCRIPTS/images/base.sh" "$suite" >&2
  [ "$image" != bare ] || { echo "$LAB_ROOT/base-$suite"; return; }
  if [ "$image" = stack ]; then
    locked "stack-$suite" "$SCRIPTS/images/stack.sh" "$suite" >&2
    cat "$LAB_ROOT/images/stack-$suite.lower"
    return
  fi
  f=$LAB_DIR/images/$image.lower; [ -f "$f" ] || die "there is no image '$image' in this lab: bare, stack, or a name given to snapshot."
  cat "$f"
}
nameserver() {                                          # a resolver on loopback is of no use inside a node
  local f
  for f in /etc/resolv.conf /run/systemd/resolve/resolv.conf; do
    awk '/^nameserver/ && $2 !~ /^127\./ {print "nameserver " $2; exit}' "$f" 2>/dev/null
  done | head -n 1
}
boot() {
  local n=$1 d=$LAB_DIR/nodes/$1 suite image i
  running "$n" && return
  mkdir -p "$d"/{upper,work,root,hostkeys/etc/ssh}
  [ -f "$d/hostkeys/etc/ssh/ssh_host_ed25519_key" ] || ssh-keygen -A -f "$d/hostkeys" >/dev/null
  if [ ! -e "$d/upper/etc/hostname" ]; then
    suite=${SUITE:-$(cat "$d/suite" 2>/dev/null || echo bookworm)}; image=${IMAGE:-$(cat "$d/image" 2>/dev/null || echo bare)}
    lower_of "$suite" "$image" > "$d/lower"; echo "$suite" > "$d/suite"; echo "$image" > "$d/image"
    [ "$image" = bare ] || [ "$image" = stack ] || cat "$LAB_DIR/images/$image.suite" > "$d/suite"
    nameserver > "$d/resolv.conf"; touch "$d/fresh"
  fi
  rm -f "$d"/*.pid
  setsid unshare -m --propagation private \
    env LAB_NAME="$LAB_NAME" LAB_DIR="$LAB_DIR" LAB_ROOT="$LAB_ROOT" LAB_NET="$LAB_NET" LAB_NAT="$LAB_NAT" \
    bash "$SCRIPTS/power/node-run.sh" "$LAB_NAME/$n" </dev/null >>"$d/console.txt" 2>&1 &
  for i in $(seq 100); do running "$n" && break; sleep 0.02; done
}
faulty() { nft list table bridge "$TABLE" | grep -q "\"$(veth_of "$1")\""; }

for n; do boot "$n"; done
[ ! -f "$LAB_DIR/jump-only" ] || "$SCRIPTS/network/jump-only.sh" on
bad=0; SECONDS=0
for n; do
  ok=
  while [ $SECONDS -lt "${UP_TIMEOUT:-90}" ]; do
    if ssh_up "$(ip_of "$n")"; then ok=ssh; break; fi
    if [ -f "$LAB_DIR/jump-only" ] || faulty "$n"; then
      [ "$(console "$n" systemctl is-active ssh 2>/dev/null)" != active ] || { ok=sshd; break; }
    fi
    running "$n" || break; sleep 0.05
  done
  if [ -n "$ok" ]; then echo "$n $(ip_of "$n") $(suite_of "$n") $ok after $(since "$start") s"
  else echo "$n did not come up: $(tail -n 2 "$LAB_DIR/nodes/$n/console.txt" | tr '\n' ' ')" >&2; bad=1; fi
done
exit $bad
