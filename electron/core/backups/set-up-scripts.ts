import { BACKUP_FILE_MARK } from '../../../shared/rules/backups/backup-files';

/** The first lines of the scripts; who answers in a server's place knows them by these. */
const SET_UP_SCRIPTS = {
  look: '# matriarch:backup-look v1',
  install: '# matriarch:backup-install v1',
  keys: '# matriarch:backup-keys v1',
  authorize: '# matriarch:backup-authorize v1',
  follow: '# matriarch:backup-follow v1',
  remove: '# matriarch:backup-remove v1',
} as const;

const COMMON = String.raw`
LC_ALL=C; TZ=UTC; export LC_ALL TZ
word() { base64 | tr -d '\n'; }
part() { printf '%s ' "$1"; word; printf '\n'; }
`;

/**
 * Says what stands in the way of backups on a server: parts \`NAME BASE64\` for version, candidate, foreign (a file of pgBackRest's that
 * somebody wrote, with its sections), socket (directory of PostgreSQL's socket on the port), free (bytes where the repository would be).
 * size (bytes of the data directory), and held (what the repository's path holds of the stanza: data, \`system ID\`, encrypted, or
 * \`known\` where the passphrase stands in the configuration there). Its arguments are the port or '', the repository's path or '', the
 * stanza, and the data directory or ''. It changes nothing.
 */
export const BACKUP_LOOK_SCRIPT = `${SET_UP_SCRIPTS.look}
${COMMON}${String.raw`
port=$1 path=$2 stanza=$3 data=$4
command -v pgbackrest >/dev/null 2>&1 && pgbackrest version 2>/dev/null | sed 's/^pgBackRest //' | head -n 1 | part version
apt-cache policy pgbackrest 2>/dev/null | sed -n 's/^ *Candidate: //p' | head -n 1 | part candidate
for file in /etc/pgbackrest.conf /etc/pgbackrest/pgbackrest.conf /etc/pgbackrest/conf.d/*.conf; do
  [ -f "$file" ] || continue
  head -n 1 "$file" | grep -qxF '${BACKUP_FILE_MARK}' && continue
  sections=$(sed -n 's/^[[:space:]]*\[\([^]]*\)\].*/\1/p' "$file" | grep -vE '^global' | sort -u | tr '\n' ' ')
  [ -n "$sections" ] && printf '%s: %s' "$file" "$sections" | part foreign
  grep -qE '^[[:space:]]*repo[0-9]+-host' "$file" && printf '%s: a repository host' "$file" | part foreign
done
if [ -n "$port" ]; then
  for dir in /var/run/postgresql /run/postgresql /tmp; do
    if [ -S "$dir/.s.PGSQL.$port" ]; then printf %s "$dir" | part socket; break; fi
  done
fi
if [ -n "$path" ]; then
  at=$path
  while [ ! -d "$at" ] && [ "$at" != / ]; do at=$(dirname -- "$at"); done
  df -PB1 -- "$at" | awk 'END { print $4 }' | part free
  if [ -e "$path/PG_VERSION" ]; then printf data | part held
  else
    for info in "$path/backup/$stanza/backup.info" "$path/archive/$stanza/archive.info"; do
      [ -f "$info" ] || continue
      system=$(sed -n 's/^db-system-id=//p' "$info" | head -n 1)
      if [ -n "$system" ]; then printf 'system %s' "$system" | part held
      elif grep -q '^repo1-cipher-pass=' "/etc/pgbackrest/conf.d/matriarch-$stanza.conf" 2>/dev/null &&
        grep -qxF "repo1-path=$path" "/etc/pgbackrest/conf.d/matriarch-$stanza.conf"; then printf known | part held
      else printf encrypted | part held; fi
      break
    done
  fi
fi
[ -n "$data" ] && timeout 20 du -sb -- "$data" 2>/dev/null | awk '{ print $1 }' | part size
echo end
`.replace('${BACKUP_FILE_MARK}', BACKUP_FILE_MARK)}`;

/** Installs pgBackRest from the server's own package sources and says which version there is. */
export const BACKUP_INSTALL_SCRIPT = `${SET_UP_SCRIPTS.install}
${COMMON}${String.raw`
if ! command -v pgbackrest >/dev/null 2>&1; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold pgbackrest >&2 ||
    { apt-get update -q >&2 &&
      apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold pgbackrest >&2; } ||
    exit 80
fi
id postgres >/dev/null 2>&1 || exit 81
pgbackrest version | sed 's/^pgBackRest /version /'
`}`;

/**
 * Makes the directories and, where its second argument is not '', the key of a stanza; prints \`key LINE\` and \`host LINE\` for its
 * public key and the server's host keys. Its first argument is the stanza; its third the repository's path, made
 * where it is not '' and not there.
 */
export const BACKUP_KEYS_SCRIPT = `${SET_UP_SCRIPTS.keys}
set -e
${COMMON}${String.raw`
stanza=$1 keys=$2 repository=$3
install -d -m 0755 /etc/pgbackrest /etc/pgbackrest/conf.d
if [ -n "$repository" ] && [ ! -d "$repository" ]; then install -d -m 0750 -o postgres -g postgres -- "$repository"; fi
if [ -n "$keys" ]; then
  dir=/etc/pgbackrest/matriarch/$stanza
  install -d -m 0755 /etc/pgbackrest/matriarch
  install -d -m 0700 -o postgres -g postgres "$dir"
  [ -f "$dir/id_ed25519" ] ||
    (cd / && runuser -u postgres -- ssh-keygen -q -t ed25519 -N '' -C "matriarch-backup-$stanza" -f "$dir/id_ed25519") >&2
  sed 's/^/key /' "$dir/id_ed25519.pub"
  cat /etc/ssh/ssh_host_*_key.pub | sed 's/^/host /'
fi
echo end
`}`;

/** Lets keys in for the system user postgres in place of those with the same mark. Its argument is the mark; standard input the lines. */
export const BACKUP_AUTHORIZE_SCRIPT = `${SET_UP_SCRIPTS.authorize}
set -e
umask 077
${String.raw`
mark=$1
home=$(getent passwd postgres | cut -d: -f6)
[ -d "$home" ] || exit 81
install -d -m 0700 -o postgres -g postgres "$home/.ssh"
file=$home/.ssh/authorized_keys
work=$(mktemp "$home/.ssh/.matriarch-XXXXXXXX")
trap 'rm -f -- "$work"' EXIT
[ ! -f "$file" ] || awk -v mark="$mark" '$NF != mark' "$file" > "$work"
cat >> "$work"
chown postgres:postgres "$work"
mv -f -- "$work" "$file"
trap - EXIT
echo end
`}`;

/**
 * Says how a unit is and what it said last: \`state\`, \`result\`, \`room\` (bytes free and the path of a repository there), then lines
 * \`log \`. Its arguments are the unit and the stanza.
 */
export const BACKUP_FOLLOW_SCRIPT = `${SET_UP_SCRIPTS.follow}
${COMMON}${String.raw`
printf 'state %s\n' "$(systemctl show -p ActiveState --value -- "$1")"
printf 'result %s\n' "$(systemctl show -p Result --value -- "$1")"
path=$(sed -n 's/^repo1-path=//p' "/etc/pgbackrest/conf.d/matriarch-$2.conf" 2>/dev/null)
[ -d "$path" ] && df -PB1 -- "$path" | awk -v path="$path" 'END { print "room", $4, path }'
journalctl -u "$1" -n 30 -o cat --no-pager 2>/dev/null | tail -c 8000 | sed 's/^/log /'
echo end
`}`;

/**
 * Removes the units, the configuration and the keys of a stanza, where this app wrote them, and never its backups. Its arguments are the
 * stanza and the mark of its keys.
 */
export const BACKUP_REMOVE_SCRIPT = `${SET_UP_SCRIPTS.remove}
umask 077
mark='${BACKUP_FILE_MARK}'
${String.raw`
stanza=$1 keys=$2
ours() { [ -f "$1" ] && head -n 2 "$1" | grep -qxF "$mark"; }
for kind in full diff incr; do
  unit=matriarch-backup-$stanza-$kind
  ours "/etc/systemd/system/$unit.timer" || continue
  systemctl disable --now "$unit.timer" >/dev/null 2>&1
  ours "/etc/systemd/system/$unit.service" && rm -f -- "/etc/systemd/system/$unit.service"
  rm -f -- "/etc/systemd/system/$unit.timer"
done
systemctl daemon-reload
file=/etc/pgbackrest/conf.d/matriarch-$stanza.conf
ours "$file" && rm -f -- "$file"
dir=/etc/pgbackrest/matriarch/$stanza
for name in id_ed25519 id_ed25519.pub known_hosts ssh ca.pem; do rm -f -- "$dir/$name"; done
rmdir -- "$dir" /etc/pgbackrest/matriarch 2>/dev/null
home=$(getent passwd postgres | cut -d: -f6)
authorized=$home/.ssh/authorized_keys
if [ -f "$authorized" ]; then
  work=$(mktemp "$home/.ssh/.matriarch-XXXXXXXX") || exit 1
  awk -v mark="$keys" '$NF != mark' "$authorized" > "$work" && chown postgres:postgres "$work" && mv -f -- "$work" "$authorized" || exit 1
fi
[ -e "$file" ] || echo end
`}`;
