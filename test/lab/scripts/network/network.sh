# The lab's network on the host, sourced by up.sh and down.sh: a bridge, masquerading for outgoing traffic, and the rules for faults.
# Sets in the bridge table hold the faults; they are kept when nodes come and go, so that a cut stays cut across a power cycle.

# What leaves the bridge goes out by the host's own default route and nowhere else: never into another lab.
network_rules() {
  local wan nat='' out=drop
  wan=$(ip -4 route show default | awk '{for(i=1;i<NF;i++)if($i=="dev"){print $(i+1);exit}}')
  if [ "$LAB_NAT" = yes ] && [ -n "$wan" ]; then
    out=accept
    nat="chain post { type nat hook postrouting priority 100; ip saddr $LAB_NET.0/24 oifname \"$wan\" masquerade; }
      chain mss {
        type filter hook forward priority -10;
        ip saddr $LAB_NET.0/24 oifname \"$wan\" tcp flags syn tcp option maxseg size set rt mtu;
      }"
  fi
  cat <<N
table ip $TABLE {
  set jump_only { type ifname; }
  chain forwarded {
    type filter hook forward priority 0;
    iifname "$BR" oifname "$BR" accept
    iifname "$BR" oifname "${wan:-none}" $out
    iifname "${wan:-none}" oifname "$BR" accept
    iifname "$BR" drop
    oifname "$BR" drop
  }
  chain sent { type filter hook output priority 0; oifname @jump_only ip daddr != $LAB_NET.10 drop; }
  $nat
}
table bridge $TABLE {
  set cut  { type ifname; }
  set iso  { type ifname; }
  set pair { type ifname . ifname; }
  set tohost   { type ifname; }
  set fromhost { type ifname; }
  chain forwarded {
    type filter hook forward priority 0;
    iifname @cut drop; oifname @cut drop;
    iifname @iso drop; oifname @iso drop;
    iifname . oifname @pair drop;
  }
  chain received { type filter hook input priority 0; iifname @cut drop; iifname @tohost drop; }
  chain sent { type filter hook output priority 0; oifname @cut drop; oifname @fromhost drop; }
}
N
}
network_up() {
  local other
  other=$(grep -lsx "$LAB_NET" "$RUN_DIR"/nets/* 2>/dev/null | grep -v "/$LAB_NAME$" | head -n 1) || true
  [ -z "$other" ] || die "the lab '${other##*/}' already uses $LAB_NET: choose another LAB_NET."
  mkdir -p $RUN_DIR/nets; echo "$LAB_NET" > "$RUN_DIR/nets/$LAB_NAME"
  if ! ip link show "$BR" >/dev/null 2>&1; then ip link add "$BR" type bridge; ip addr add "$GW/24" dev "$BR"; ip link set "$BR" up; fi
  if [ "$LAB_NAT" = yes ]; then
    [ -f $RUN_DIR/ip_forward ] || cat /proc/sys/net/ipv4/ip_forward > $RUN_DIR/ip_forward
    echo 1 > /proc/sys/net/ipv4/ip_forward
  fi
  raise_inotify
  nft list table bridge "$TABLE" >/dev/null 2>&1 || network_rules | nft -f -
}

# The systemd of each server holds inotify instances of the host's root user; the usual 128 are used up after about twenty
# servers, and the next one does not boot.
raise_inotify() {
  local limit=/proc/sys/fs/inotify/max_user_instances
  [ "$(cat $limit)" -lt 1024 ] || return 0
  cat $limit > $RUN_DIR/inotify
  echo 1024 > $limit
}
network_down() {
  nft delete table ip "$TABLE" 2>/dev/null || true
  nft delete table bridge "$TABLE" 2>/dev/null || true
  ip link del "$BR" 2>/dev/null || true
  rm -f "$RUN_DIR/nets/$LAB_NAME"
  rmdir "$CG_MOUNT/matriarch-lab/$LAB_NAME" 2>/dev/null || true
  [ -z "$(ls $RUN_DIR/nets 2>/dev/null)" ] || return 0
  # The last lab is down.
  if [ -f $RUN_DIR/ip_forward ]; then cat $RUN_DIR/ip_forward > /proc/sys/net/ipv4/ip_forward; rm -f $RUN_DIR/ip_forward; fi
  if [ -f $RUN_DIR/inotify ]; then cat $RUN_DIR/inotify > /proc/sys/fs/inotify/max_user_instances; rm -f $RUN_DIR/inotify; fi
  rmdir "$CG_MOUNT/matriarch-lab" $RUN_DIR/nets 2>/dev/null || true
}
