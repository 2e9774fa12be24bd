import { PROOF_RECORDS } from '../../../shared/rules/backups/proof-files';

/** The first line of the script; who answers in a server's place knows it by this. */
export const BACKUP_SCRIPT_FIRST_LINE = '# matriarch:backups v1';

/**
 * Prints what there is of backups on a server, each part as a name and base64: pgBackRest with its configuration, whose secrets are
 * hidden here, and what it tells of its repositories; how PostgreSQL archives; timers; what the timers of proofs wrote, each after the
 * name of its stanza; and other programs for backups. It changes nothing. Its arguments are the port of PostgreSQL
 * there, or '' where none is asked, and for how many seconds pgBackRest may look: its repository may be on a server
 * that does not answer. As root; what another user may not read is left out.
 */
export const BACKUP_SCRIPT = `${BACKUP_SCRIPT_FIRST_LINE}
LC_ALL=C; TZ=UTC; export LC_ALL TZ
${String.raw`
port=$1 limit=$2
word() { base64 | tr -d '\n'; }
part() { printf '%s ' "$1"; word; printf '\n'; }
as_postgres() {
  if [ "$(id -un)" = postgres ]; then "$@"
  elif [ "$(id -u)" = 0 ] && id postgres >/dev/null 2>&1; then (cd / && runuser -u postgres -- "$@")
  else "$@"; fi
}
hide() { sed -E 's/^([[:space:]]*[a-z0-9-]*(pass|key|secret|token|sas)[a-z0-9-]*[[:space:]]*=[[:space:]]*).+/\1••••••/'; }
if command -v pgbackrest >/dev/null 2>&1; then
  pgbackrest version 2>/dev/null | head -c 200 | part version
  for file in /etc/pgbackrest.conf /etc/pgbackrest/pgbackrest.conf /etc/pgbackrest/conf.d/*.conf; do
    [ -f "$file" ] || continue
    printf '%s' "$file" | part file
    { head -c 100000 "$file" 2>/dev/null || echo '# It cannot be read by the user that this app logs in as.'; } | hide | part text
  done
  said=$(mktemp) && trap 'rm -f -- "$said"' EXIT
  ask() {
    told=$(as_postgres timeout -k 2 "$limit" pgbackrest "$@" \
      --output=json --log-level-console=off --log-level-stderr=error info 2>"$said" </dev/null |
      head -c 8000000)
    if [ -n "$told" ]; then printf '%s' "$told" | part info
    else tail -n 5 "$said" | head -c 2000 | part problem; fi
  }
  ask
  # What stands in the section of a stanza counts only where it is named: its repository may be another one.
  cat /etc/pgbackrest.conf /etc/pgbackrest/pgbackrest.conf /etc/pgbackrest/conf.d/*.conf 2>/dev/null |
    sed -n 's/^[[:space:]]*\[\([^]:]*\).*/\1/p' | grep -vx global | sort -u | head -n 5 | while IFS= read -r stanza; do
    ask "--stanza=$stanza"
  done
fi
if [ -n "$port" ]; then
  if command -v psql >/dev/null 2>&1; then
    PGCONNECT_TIMEOUT=5 as_postgres timeout -k 2 15 psql -X -A -t -q -w -p "$port" -d postgres -c "
      SET statement_timeout = '8s';
      SELECT json_build_object('mode', current_setting('archive_mode'), 'command', current_setting('archive_command'),
        'library', current_setting('archive_library', true), 'lastWal', last_archived_wal,
        'lastAt', floor(extract(epoch FROM last_archived_time) * 1000), 'failedAt', floor(extract(epoch FROM last_failed_time) * 1000),
        'system', (SELECT system_identifier::text FROM pg_control_system()), 'directory', current_setting('data_directory'))
      FROM pg_stat_archiver" 2>&1 | head -c 20000 | part archiving
  else printf 'psql is not installed there.' | part archiving; fi
fi
timers=$(systemctl list-unit-files --type=timer --no-legend --no-pager 2>/dev/null |
  awk '$1 ~ /(pgbackrest|barman|wal-g|backup|matriarch-proof)/ && $1 != "dpkg-db-backup.timer" { print $1 }' | head -n 30)
if [ -n "$timers" ]; then
  systemctl show --no-pager -p Id,ActiveState,NextElapseUSecRealtime,LastTriggerUSec $timers 2>/dev/null | head -c 20000 | part timers
fi
for file in ${PROOF_RECORDS}/*; do
  [ -f "$file" ] && { basename -- "$file"; head -c 20000 "$file"; } | part proof
done
for program in barman barman-wal-archive wal-g wal-e pg_probackup pg_rman; do
  command -v "$program" >/dev/null 2>&1 && printf '%s' "$program is installed" | part other
done
grep -lsE '(^|[^#]*[[:space:]/])(pg_basebackup|pg_dumpall|pg_dump|barman|wal-g|wal-e|pg_probackup)([[:space:]]|$)' \
  /etc/crontab /etc/cron.d/* /etc/cron.daily/* /etc/cron.hourly/* /etc/cron.weekly/* /var/spool/cron/crontabs/* /var/spool/cron/* \
  /etc/systemd/system/*.service 2>/dev/null | head -n 20 | while IFS= read -r file; do
  what=$(grep -v '^[[:space:]]*#' "$file" 2>/dev/null |
    grep -oE '(pg_basebackup|pg_dumpall|pg_dump|barman|wal-g|wal-e|pg_probackup)' | sort -u | tr '\n' ' ' | sed 's/ $//')
  [ -n "$what" ] && printf '%s is run by %s' "$what" "$file" | part other
done
echo end
`}`;
