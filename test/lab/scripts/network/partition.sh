#!/bin/bash
# partition.sh cut NODE...      unreachable for everybody, the host included (packets vanish silently)
# partition.sh iso NODE...      cut from the other nodes only; the host's SSH still works
# partition.sh pair A B         A and B do not reach each other, all else works
# partition.sh oneway A B       what A sends to B vanishes, B to A works; A or B may be "host", the workstation
# partition.sh unplug NODE...   the cable is out: the node sees no carrier
# partition.sh heal             all of it undone
set -e; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
add()  { nft add element bridge "$TABLE" "$1" "{ $2 }"; }
port() { echo "\"$(veth_of "$1")\""; }
kind=${1:-}; shift || true
case $kind in
  cut|iso|unplug) [ $# -gt 0 ] || die "partition $kind needs nodes." ;;
  pair|oneway) [ $# = 2 ] || die "partition $kind needs two ends." ;;
  heal) ;;
  *) sed -n 's/^# partition.sh /partition /p' "$0" >&2; exit 2 ;;
esac
case $kind in oneway) for n; do [ "$n" = host ] || check_nodes "$n"; done ;; *) check_nodes "$@" ;; esac
case $kind in
  cut|iso) for n; do add $kind "$(port "$n")"; done ;;
  pair) add pair "$(port "$1") . $(port "$2"), $(port "$2") . $(port "$1")" ;;
  oneway)
    case "$1 $2" in
      "host host") die "oneway needs a node." ;;
      "host "*) add fromhost "$(port "$2")" ;;
      *" host") add tohost "$(port "$1")" ;;
      *) add pair "$(port "$1") . $(port "$2")" ;;
    esac ;;
  unplug) for n; do ip link set "$(veth_of "$n")" down; done ;;
  heal)
    for s in cut iso pair tohost fromhost; do nft flush set bridge "$TABLE" $s; done
    for n in $(running_nodes); do ip link set "$(veth_of "$n")" up 2>/dev/null || true; done ;;
esac
