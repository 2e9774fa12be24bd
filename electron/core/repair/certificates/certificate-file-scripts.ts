/** The first lines of the scripts; who answers in a server's place knows them by these. */
export const CERTIFICATE_REPAIR_SCRIPTS = {
  look: '# matriarch:repair-certificates v1',
  place: '# matriarch:repair-certificates-place v1',
  health: '# matriarch:repair-certificates-etcd v1',
  postmaster: '# matriarch:repair-certificates-postmaster v1',
  stamp: '# matriarch:repair-certificates-stamp v1',
} as const;

/** Exit codes by which the scripts say why they did nothing. */
export const CERTIFICATE_EXIT = { incomplete: 46, changed: 60, link: 65, noTool: 69 } as const;

const WORDS = String.raw`
LC_ALL=C; export LC_ALL
b64() { base64 | tr -d '\n'; }
word() { x=$(printf '%s' "$1" | b64); printf '%s' "${'$'}{x:--}"; }
`;

/**
 * Looks at files of certificates, keys and authorities: its arguments are their paths. A line for each, its words in base64 or \`-\`:
 * \`file PATH OWNER:GROUP MODE SHA256 LINK CERTIFICATES PUBLIC\`, where PUBLIC is the SHA-256 of the public key of the private key in it,
 * \`missing PATH\` or \`denied PATH\`, and \`end\`. A private key never leaves its server. It changes nothing.
 */
export const CERTIFICATE_LOOK_SCRIPT = `${CERTIFICATE_REPAIR_SCRIPTS.look}
${WORDS}${String.raw`
for path in "$@"; do
  if [ ! -e "$path" ] && [ ! -L "$path" ]; then printf 'missing %s\n' "$(word "$path")"; continue; fi
  if [ ! -f "$path" ] || [ ! -r "$path" ]; then printf 'denied %s\n' "$(word "$path")"; continue; fi
  link=''
  [ ! -L "$path" ] || link=$(readlink -f -- "$path")
  text=$(head -c 1048576 -- "$path" | sed -n '/-----BEGIN CERTIFICATE-----/,/-----END CERTIFICATE-----/p' | b64)
  public=''
  if grep -q -e '-----BEGIN .*PRIVATE KEY-----' -- "$path" && command -v openssl >/dev/null 2>&1; then
    public=$(openssl pkey -in "$path" -passin pass: -pubout -outform DER 2>/dev/null </dev/null | sha256sum | sed 's/ .*//')
    [ "$public" != e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 ] || public=''
  fi
  sum=$(sha256sum < "$path" | sed 's/ .*//')
  printf 'file %s %s %s %s %s %s %s\n' "$(word "$path")" "$(word "$(stat -c %U:%G -- "$path")")" "$(stat -c %a -- "$path")" \
    "$sum" "$(word "$link")" "${'$'}{text:--}" "${'$'}{public:--}"
done
printf 'end\n'
`}`;

/**
 * Puts files in place of others, all or none as far as a server can: each is written beside first, then what is there is kept under its
 * name with the suffix that is its first argument, then each takes its place in one step, with owner, group and mode of the file before.
 * What is not in place yet lies in a directory of root's below the second argument, /var/lib without one. Standard input has a line for
 * each, its words in base64 where they are texts: \`put|add PATH SHA256 CONTENT\`; \`add\` writes the content behind what is there. The
 * line \`end\` ends them: without it nothing is done. A file that is not what it was when it was looked at, or that is a link, ends the
 * script before anything is put in place.
 */
export const CERTIFICATE_PLACE_SCRIPT = `${CERTIFICATE_REPAIR_SCRIPTS.place}
${String.raw`
set -eu
LC_ALL=C; export LC_ALL
umask 077
suffix=$1
root=$(mktemp -d "${'$'}{2:-/var/lib}/.matriarch-XXXXXXXXXX")
near=''
clean() {
  rm -rf -- "$root"
  [ -z "$near" ] || printf '%s\n' "$near" | while IFS= read -r one; do [ -z "$one" ] || rm -f -- "$one"; done
}
trap clean EXIT
trap 'exit 129' HUP INT TERM
sum() { sha256sum < "$1" | sed 's/ .*//'; }
# A name for a new file where it can take its place in one step: among what only root may write, or beside the file itself.
fresh() {
  if [ "$(stat -c %d -- "$root")" = "$(stat -c %d -- "$(dirname -- "$1")")" ]; then mktemp -- "$root/XXXXXXXXXX"
  else mktemp -- "$(dirname -- "$1")/.matriarch-XXXXXXXXXX"; fi
}
cat > "$root/orders"
[ "$(tail -n 1 "$root/orders")" = end ] || exit ${CERTIFICATE_EXIT.incomplete}
: > "$root/ready"
while read -r how path before content; do
  [ "$how" != end ] || break
  path=$(printf '%s' "$path" | base64 -d)
  [ ! -L "$path" ] || exit ${CERTIFICATE_EXIT.link}
  [ -f "$path" ] && [ "$(sum "$path")" = "$before" ] || exit ${CERTIFICATE_EXIT.changed}
  new=$(fresh "$path")
  near="$near
$new"
  if [ "$how" = add ]; then { cat -- "$path"; printf '\n'; } > "$new"; fi
  printf '%s' "$content" | base64 -d >> "$new"
  chown "$(stat -c %u:%g -- "$path")" -- "$new"
  chmod "$(stat -c %a -- "$path")" -- "$new"
  sync -d -- "$new" 2>/dev/null || sync
  printf '%s\n%s\n' "$new" "$path" >> "$root/ready"
done < "$root/orders"
while read -r new && read -r path; do
  [ ! -e "$path$suffix" ] || continue
  kept=$(fresh "$path")
  near="$near
$kept"
  cp -p -- "$path" "$kept"
  mv -nT -- "$kept" "$path$suffix"
done < "$root/ready"
while read -r new && read -r path; do mv -fT -- "$new" "$path"; done < "$root/ready"
while read -r new && read -r path; do
  if command -v restorecon >/dev/null 2>&1; then restorecon -- "$path" "$path$suffix" 2>/dev/null || true; fi
done < "$root/ready"
sync
printf 'end\n'
`}`;

/**
 * Asks a member of etcd whether it serves, by etcdctl on its server: its arguments are the address, the authority, the certificate and
 * the key, each '' for none. Exit code 0: it does, with a majority.
 */
export const ETCD_HEALTH_SCRIPT = `${CERTIFICATE_REPAIR_SCRIPTS.health}
${String.raw`
LC_ALL=C ETCDCTL_API=3; export LC_ALL ETCDCTL_API
address=$1 ca=$2 cert=$3 key=$4
tool=$(PATH=$PATH:/usr/local/bin:/opt/etcd command -v etcdctl) || exit ${CERTIFICATE_EXIT.noTool}
set -- --endpoints "$address" --dial-timeout 3s --command-timeout 5s
[ -z "$ca" ] || set -- "$@" --cacert "$ca"
[ -z "$cert" ] || set -- "$@" --cert "$cert" --key "$key"
unset ETCDCTL_USER ETCDCTL_CACERT ETCDCTL_CERT ETCDCTL_KEY ETCDCTL_ENDPOINTS
timeout 10 "$tool" "$@" endpoint health >/dev/null 2>&1
`}`;

/** Tells the PostgreSQL that runs in a data directory to read its files again; the directory is its argument. Exit code 62: none runs. */
export const POSTMASTER_RELOAD_SCRIPT = `${CERTIFICATE_REPAIR_SCRIPTS.postmaster}
${String.raw`
LC_ALL=C; export LC_ALL
file=$1/postmaster.pid
[ -f "$file" ] || exit 62
owner=$(stat -c %U -- "$1")
pid=$(head -n 1 -- "$file")
case $pid in *[!0-9]* | '' | 0 | 1) exit 62 ;; esac
case "$(cat "/proc/$pid/comm" 2>/dev/null)" in postgres | postmaster) ;; *) exit 62 ;; esac
if [ "$(id -u)" = 0 ]; then runuser -u "$owner" -- kill -HUP "$pid"; else kill -HUP "$pid"; fi
`}`;

/**
 * Brings up to date what a set-up noted of files that services have read: its arguments are the paths that they have read anew. Lines of
 * other files stay as they are.
 */
export const STAMP_SCRIPT = `${CERTIFICATE_REPAIR_SCRIPTS.stamp}
${String.raw`
set -eu
LC_ALL=C; export LC_ALL
for stamp in "${'$'}{STAMPS:-/var/lib/matriarch}"/*/*.sha256; do
  [ -f "$stamp" ] || continue
  for path in "$@"; do
    [ -f "$path" ] || continue
    line="$(sha256sum < "$path" | sed 's/ .*//')  $path"
    grep -qxF -e "$line" -- "$stamp" && continue
    awk -v path="$path" 'substr($0, 67) == path { found = 1 } END { exit !found }' "$stamp" || continue
    new=$(mktemp "${'$'}{stamp%/*}/.matriarch-XXXXXXXXXX")
    awk -v path="$path" -v line="$line" 'substr($0, 67) == path { print line; next } { print }' "$stamp" > "$new"
    chmod 644 "$new"
    mv -fT -- "$new" "$stamp"
  done
done
`}`;
