#!/bin/bash
# status.sh - the nodes of this lab, and which of them run.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
echo "lab $LAB_NAME   $LAB_NET.0/24   $LAB_DIR"
for n in $(all_nodes); do
  echo "$n $(ip_of "$n") $(suite_of "$n") $(cat "$LAB_DIR/nodes/$n/image") $(running "$n" && echo on || echo off)"
done
[ ! -f "$LAB_DIR/jump-only" ] || echo "jump-only: this host reaches j1 only"
echo "ssh -i $KEY root@$LAB_NET.11   (also admin@; dba@ with the password $LAB_PASSWORD)"
