import { BACKUP_FILE_MARK } from '../../../shared/rules/backups/backup-files';
import { PROOF_PLACE, PROOF_RECORDS } from '../../../shared/rules/backups/proof-files';

/** The first lines of the scripts; who answers in a server's place knows them by these. */
const TIMER_SCRIPTS = {
  look: '# matriarch:proof-look v1',
  record: '# matriarch:proof-record v1',
  remove: '# matriarch:proof-remove v1',
} as const;

const COMMON = String.raw`
LC_ALL=C; TZ=UTC; export LC_ALL TZ
mark='${BACKUP_FILE_MARK}'
ours() { head -n 2 "$1" 2>/dev/null | grep -qxF "$mark"; }
`;

/**
 * Says what a proof by a timer needs of a server: lines \`NAME VALUE\` for programs (yes), free (bytes where it restores) and foreign (a
 * file of the same name that somebody else wrote). Its arguments are the stanza and the major version of PostgreSQL. It changes nothing.
 */
export const PROOF_LOOK_SCRIPT = `${TIMER_SCRIPTS.look}
${COMMON}${String.raw`
stanza=$1 major=$2
for bin in /usr/lib/postgresql/$major/bin /usr/pgsql-$major/bin; do
  [ -x "$bin/postgres" ] && command -v pgbackrest >/dev/null 2>&1 && id postgres >/dev/null 2>&1 && echo 'programs yes' && break
done
for file in /etc/systemd/system/matriarch-proof-$stanza.service /etc/systemd/system/matriarch-proof-$stanza.timer \
  /usr/local/lib/matriarch/proof-$stanza; do
  [ -e "$file" ] && ! ours "$file" && echo "foreign $file"
done
df -PB1 -- ${PROOF_PLACE} 2>/dev/null | awk 'END { print "free", $4 }'
echo end
`}`;

/** Prints what the timer of a stanza wrote last, and \`told\`. Its argument is the stanza. It changes nothing. */
export const PROOF_RECORD_SCRIPT = `${TIMER_SCRIPTS.record}
${String.raw`
file=${PROOF_RECORDS}/$1
[ -f "$file" ] && head -c 20000 "$file"
echo told
`}`;

/** Removes the units, the script and the record of a stanza's proofs, where this app wrote them. Its argument is the stanza. */
export const PROOF_REMOVE_SCRIPT = `${TIMER_SCRIPTS.remove}
${COMMON}${String.raw`
stanza=$1
unit=matriarch-proof-$stanza
if ours "/etc/systemd/system/$unit.timer"; then
  systemctl disable --now "$unit.timer" >/dev/null 2>&1
  rm -f -- "/etc/systemd/system/$unit.timer"
fi
if ours "/etc/systemd/system/$unit.service"; then
  # A proof that runs removes what it restored before it ends.
  systemctl stop "$unit.service" >/dev/null 2>&1
  rm -f -- "/etc/systemd/system/$unit.service"
fi
systemctl daemon-reload
systemctl reset-failed "$unit.service" >/dev/null 2>&1
rm -f -- "/var/lib/systemd/timers/stamp-$unit.timer"
file=/usr/local/lib/matriarch/proof-$stanza
ours "$file" && rm -f -- "$file"
rmdir -- /usr/local/lib/matriarch 2>/dev/null
rm -f -- "${PROOF_RECORDS}/$stanza"
rmdir -- ${PROOF_RECORDS} 2>/dev/null
[ -e "/etc/systemd/system/$unit.timer" ] || [ -e "$file" ] || echo end
`}`;
