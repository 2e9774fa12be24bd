/** The first line of the script; who answers in a server's place knows it by this. */
export const NOTE_READ_FIRST_LINE = '# matriarch:note-read v1';

/**
 * For a service that was told to read its configuration again in another way than by a step of a deployment: notes the present files where
 * the deployment notes what its units have read, so that a check does not take them for unread. Its arguments are the scope, the unit, and
 * the files that were read. It changes nothing where no deployment of this scope is noted, and notes no file that is not noted already.
 */
export const NOTE_READ_SCRIPT = `${NOTE_READ_FIRST_LINE}
case $1 in */* | . | .. | '') exit 0 ;; esac
note=/var/lib/matriarch/$1/$2.sha256
shift 2
[ -f "$note" ] || exit 0
umask 022
new=$(mktemp) || exit 1
trap 'rm -f -- "$new"' EXIT
for file; do
  sum=$(sha256sum < "$file" | sed 's/ .*//') || exit 1
  FILE=$file SUM=$sum awk '
    substr($0, 67) == ENVIRON["FILE"] { print ENVIRON["SUM"] "  " ENVIRON["FILE"]; next }
    { print }' "$note" > "$new" && cat -- "$new" > "$note" || exit 1
done
`;
