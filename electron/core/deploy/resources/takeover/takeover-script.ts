import type { TakeoverResource } from '../../../../../shared/model/deploy/plan';
import { startFile } from '../../../../../shared/rules/deploy/steps/takeover-steps';
import { backupPath } from '../../../../../shared/rules/deploy/manifest';
import { quoteWord } from '../../../ssh/run/quote';

/** Patroni is given this long to bring PostgreSQL up as a primary before everything goes back, s. */
const patienceSeconds = 90;

/**
 * Hands a running PostgreSQL to Patroni. Debian keeps the configuration outside the data directory; Patroni wants a
 * file there, which may be empty: what it held stands in the dynamic configuration by now. When Patroni does not
 * bring PostgreSQL up as a primary, it is stopped and PostgreSQL runs by itself again, as it did before.
 */
export function scriptTakeover({ cluster }: TakeoverResource): string {
  const { version, name, port, dataDirectory, configDirectory } = cluster;
  const start = startFile(cluster);
  return [
    `D=${quoteWord(dataDirectory)}; C=${quoteWord(configDirectory)}; S=${quoteWord(start)}; B=${quoteWord(backupPath(start))}`,
    `U=${quoteWord(`postgresql@${version}-${name}.service`)}; P=${port}; LIMIT=${patienceSeconds}`,
    body,
  ].join('\n');
}

const body = String.raw`
if [ "$(systemctl is-active patroni.service)" = active ]; then exit 0; fi
now() { date +%s%3N; }
query() { runuser -u postgres -- psql -X -At -h /var/run/postgresql -p "$P" -d postgres -c "$1" 2>/dev/null; }
primary() { [ "$(query 'select not pg_is_in_recovery()')" = t ]; }
back() {
  echo "PostgreSQL is started by itself again." >&2
  systemctl disable -q --now patroni.service 2>/dev/null || true
  if [ -f "$D/postmaster.pid" ]; then
    pg_ctl=/usr/lib/postgresql/$(cat "$D/PG_VERSION" || true)/bin/pg_ctl
    runuser -u postgres -- "$pg_ctl" -D "$D" -m fast -w stop >/dev/null 2>&1 || true
  fi
  rm -f -- "$D/standby.signal"
  if [ -e "$B" ]; then cp -p -- "$B" "$S"; fi
  systemctl daemon-reload
  systemctl start "$U"
}
primary || { echo "PostgreSQL on port $P does not answer as a primary." >&2; exit 1; }
if [ ! -e "$D/postgresql.conf" ]; then install -o postgres -g postgres -m 600 /dev/null "$D/postgresql.conf"; fi
if [ ! -e "$D/pg_ident.conf" ] && [ -f "$C/pg_ident.conf" ]; then
  install -o postgres -g postgres -m 600 "$C/pg_ident.conf" "$D/pg_ident.conf"
fi
if [ -e "$S" ] && [ ! -e "$B" ]; then cp -p -- "$S" "$B"; fi
t=$(now)
systemctl stop "$U"
if [ -f "$D/postmaster.pid" ]; then echo "PostgreSQL did not stop." >&2; back; exit 1; fi
printf 'disabled\n' > "$S"
if [ "$(systemctl show -p UnitFileState --value patroni.service)" = masked ]; then systemctl unmask -q patroni.service; fi
systemctl reset-failed -q patroni.service 2>/dev/null || true
systemctl enable -q patroni.service; systemctl daemon-reload; systemctl start patroni.service || true
e=$(( $(now) + LIMIT * 1000 ))
until primary; do
  case $(systemctl is-active patroni.service) in active|activating) ;; *) e=0 ;; esac
  if [ "$(now)" -gt "$e" ]; then
    journalctl -u patroni.service -n 30 --no-pager -o cat >&2 || true
    back; exit 1
  fi
  sleep 0.1
done
echo "PostgreSQL was away for $(( $(now) - t )) ms."
`;
