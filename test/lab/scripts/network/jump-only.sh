#!/bin/bash
# jump-only.sh on|off - on: nothing that this host sends reaches a node but j1, the jump host; j1 reaches them all.
set -e; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
case ${1:-} in
  on)  nft add element ip "$TABLE" jump_only "{ \"$BR\" }"; touch "$LAB_DIR/jump-only" ;;
  off) nft flush set ip "$TABLE" jump_only; rm -f "$LAB_DIR/jump-only" ;;
  *) die "jump-only on, or jump-only off." ;;
esac
