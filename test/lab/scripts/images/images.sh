#!/bin/bash
# images.sh [SUITE...] - builds what labs share (default: both releases): the bare base and the image stack. Does nothing
# where they exist.
set -e; . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
[ $# -gt 0 ] || set -- bookworm trixie
for suite; do
  locked "base-$suite" "$SCRIPTS/images/base.sh" "$suite"; locked "stack-$suite" "$SCRIPTS/images/stack.sh" "$suite"
  echo "$suite: ready in $LAB_ROOT"
done
