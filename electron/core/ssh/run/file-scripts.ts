/** The last line of every script that is sent: without it, the connection broke off while the script was being sent. */
export const SCRIPT_END = '#script-end';

/**
 * Reads a script of the given length from standard input and runs it, so that its text is in no list of
 * processes and what follows on standard input is the script's own. Half a script is never run.
 */
export const SCRIPT_READER = `script=$(head -c "$1"); shift
case $script in *'${SCRIPT_END}') eval "$script" ;; *) echo 'the script did not arrive whole and was not run' >&2; exit 97 ;; esac`;

/** Exit codes by which the scripts below say what they found. */
export const FILE_EXIT = { missing: 44, unreadable: 45, incomplete: 46, isDirectory: 47 } as const;

/**
 * Puts standard input in place as a file: into a private directory beside the target (so that the last step is
 * an atomic rename), with owner, group and mode by install(1), and removed again on every failure.
 * Arguments: path, size in bytes, octal mode, owner or '', group or ''.
 */
export const PLACE_FILE = `
set -eu
umask 077
target=$1 size=$2 mode=$3 owner=$4 group=$5
[ ! -d "$target" ] || { echo "$target is a directory" >&2; exit ${FILE_EXIT.isDirectory}; }
work=$(mktemp -d "$(dirname -- "$target")/.matriarch-XXXXXXXX")
trap 'rm -rf -- "$work"' EXIT
trap 'exit 129' HUP INT TERM
cat > "$work/upload"
[ "$(wc -c < "$work/upload")" -eq "$size" ] || { echo "the upload is incomplete" >&2; exit ${FILE_EXIT.incomplete}; }
install -m "$mode" \${owner:+-o "$owner"} \${group:+-g "$group"} -- "$work/upload" "$work/ready"
mv -f -- "$work/ready" "$target"
if command -v restorecon >/dev/null 2>&1; then restorecon -- "$target" 2>/dev/null || true; fi
`;

/** Prints a file, at most the given bytes. Arguments: path, limit. */
export const READ_FILE = `
if ! [ -e "$1" ]; then
  if ls -d -- "$1" 2>&1 | grep -q 'No such file'; then exit ${FILE_EXIT.missing}; fi
  exit ${FILE_EXIT.unreadable}
fi
[ ! -d "$1" ] || exit ${FILE_EXIT.isDirectory}
[ -r "$1" ] || exit ${FILE_EXIT.unreadable}
exec head -c "$2" -- "$1"
`;
