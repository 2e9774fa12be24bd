/** The first lines of the scripts; who answers in a server's place knows them by these. */
export const ASSESS_SCRIPTS = {
  offers: '# matriarch:assess-offers v1',
  look: '# matriarch:assess-look v1',
  make: '# matriarch:assess-make v1',
} as const;

/** How the directory of an assessment is called, before its id. */
export const ASSESS_DIRECTORY = 'matriarch-assess-';
/** The file in it by which it is known. */
export const ASSESS_MARK = 'assessment-by-matriarch';

/** Exit codes by which the scripts say what they found. */
export const ASSESS_EXIT = { taken: 70, place: 71, noSystemd: 72, atWork: 73, left: 74, noLogin: 75 } as const;

/**
 * Prints \`major N VERSION yes|no\` for each major version of PostgreSQL that is installed (yes) or that apt would install, by the lists
 * that the server has. It changes nothing.
 */
export const ASSESS_OFFERS_SCRIPT = `${ASSESS_SCRIPTS.offers}
${String.raw`
LC_ALL=C; export LC_ALL
command -v dpkg-query >/dev/null 2>&1 || { echo 'none dpkg'; exit 0; }
for name in $(apt-cache pkgnames postgresql- 2>/dev/null | grep -xE 'postgresql-[0-9]+' | sort -u); do
  major=$(echo "$name" | sed 's/^postgresql-//')
  version=$(dpkg-query -W -f '${'$'}{db:Status-Abbrev} ${'$'}{Version}\n' "$name" 2>/dev/null | sed -n 's/^ii *//p')
  if [ -n "$version" ]; then echo "major $major $version yes"; continue; fi
  version=$(apt-cache policy "$name" 2>/dev/null | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }')
  [ -z "$version" ] || echo "major $major $version no"
done
echo end
`}`;

/**
 * Says what an assessment needs of a server: lines \`NAME VALUE\` for old and new (yes, where their programs are there), systemd (yes),
 * place (ok, missing, closed or inside), free (bytes there), shared (yes, where the data is on the same file system), total (bytes of
 * that), want (\`NAME=VERSION\` of a package that would be installed), without (a counterpart that is not offered). Its arguments are the
 * two major versions, the place and the data directory. It changes nothing. As root.
 */
export const ASSESS_LOOK_SCRIPT = `${ASSESS_SCRIPTS.look}
${String.raw`
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/sbin
old=$1 new=$2 place=$3 data=$4
[ -x "/usr/lib/postgresql/$old/bin/pg_basebackup" ] && echo 'old yes'
[ -x "/usr/lib/postgresql/$new/bin/pg_upgrade" ] && echo 'new yes'
command -v systemd-run >/dev/null 2>&1 && [ -d /run/systemd/system ] && echo 'systemd yes'
if [ ! -d "$place" ]; then echo 'place missing'
elif ! runuser -u postgres -- test -w "$place" -a -x "$place"; then echo 'place closed'
else
  real=$(readlink -f -- "$place") inside=
  for dir in "$data" "$data"/pg_wal "$data"/pg_tblspc/*; do
    of=$(readlink -f -- "$dir" 2>/dev/null)
    [ -n "$of" ] && case "$real/" in "$of"/*) inside=yes ;; esac
  done
  if [ -n "$inside" ]; then echo 'place inside'; else echo 'place ok'; fi
  df -PB1 -- "$place" | awk 'END { print "free", $4; print "total", $2 }'
  [ "$(stat -L -c %d -- "$place")" = "$(stat -L -c %d -- "$data" 2>/dev/null)" ] && echo 'shared yes'
fi
candidate() { apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'; }
there() { dpkg-query -W -f '${'$'}{db:Status-Abbrev}\n' "$1" 2>/dev/null | grep -q '^ii'; }
for name in "postgresql-$old" $(dpkg-query -W -f '${'$'}{db:Status-Abbrev} ${'$'}{Package}\n' "postgresql-$old-*" 2>/dev/null |
  sed -n 's/^ii *//p' | grep -v -e '-dbgsym$'); do
  counterpart=$(echo "$name" | sed "s/^postgresql-$old/postgresql-$new/")
  there "$counterpart" && continue
  version=$(candidate "$counterpart")
  if [ -n "$version" ]; then echo "want $counterpart=$version"; else echo "without $counterpart"; fi
done
echo end
`}`;

/**
 * Makes, tries, begins, follows and removes an assessment. Arguments: what, the id (hexadecimal), the directory, then those of what is
 * done. As root.
 *
 * \`make\` makes the directory for the system user of PostgreSQL. \`try\` logs in for replication with what was written into it. \`begin\`
 * starts its work apart from the connection, under systemd, so that it can be ended whole; it gives way to everything else there.
 * \`look\` says how far it is, \`tell\` prints what it found, \`end\` ends it and removes the directory, where it is an assessment's.
 */
export const ASSESS_MAKE_SCRIPT = `${ASSESS_SCRIPTS.make}
${String.raw`
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/sbin
what=$1 id=$2 dir=$3; shift 3
unit=matriarch-assess-$id.service mark=${ASSESS_MARK}
case "$dir" in /*/${ASSESS_DIRECTORY}"$id") ;; *) exit ${ASSESS_EXIT.place} ;; esac
ours() { [ -d "$dir" ] && [ ! -L "$dir" ] && [ -f "$dir/$mark" ]; }
active() { case "$(systemctl is-active "$unit" 2>/dev/null)" in active|activating|deactivating) return 0 ;; *) return 1 ;; esac; }
case $what in
make)
  [ -d /run/systemd/system ] || exit ${ASSESS_EXIT.noSystemd}
  [ ! -e "$dir" ] && [ ! -L "$dir" ] || exit ${ASSESS_EXIT.taken}
  runuser -u postgres -- sh -c 'umask 077; mkdir -m 0700 -- "$1" && : > "$1/$2"' sh "$dir" "$mark" || exit ${ASSESS_EXIT.place}
  echo made
  ;;
try)
  ours || exit ${ASSESS_EXIT.place}
  cd / && runuser -u postgres -- env PGSERVICEFILE="$dir/service" PGPASSFILE="$dir/pass" PGCONNECT_TIMEOUT=10 \
    "/usr/lib/postgresql/$1/bin/psql" -X -A -t -q -w -d 'service=matriarch replication=true' -c IDENTIFY_SYSTEM ||
    exit ${ASSESS_EXIT.noLogin}
  echo tried
  ;;
begin)
  ours || exit ${ASSESS_EXIT.place}
  [ ! -e "$dir/out" ] || { echo begun; exit 0; }
  : > "$dir/out" && chown postgres "$dir/out" || exit ${ASSESS_EXIT.place}
  systemd-run --quiet --collect --unit="$unit" --uid=postgres -p Nice=10 -p IOSchedulingClass=best-effort -p IOSchedulingPriority=7 \
    -p OOMScoreAdjust=800 -p KillMode=control-group -p TimeoutStopSec=120 sh "$dir/work.sh" "$dir" "$@" || exit ${ASSESS_EXIT.noSystemd}
  echo begun
  ;;
look)
  if ! ours; then echo none
  elif [ -f "$dir/ended" ]; then echo "ended $(head -c 8 "$dir/ended")"
  elif active; then echo running
  elif [ -f "$dir/ended" ]; then echo "ended $(head -c 8 "$dir/ended")"
  elif [ -e "$dir/out" ]; then echo broken
  else echo made; fi
  [ ! -f "$dir/out" ] || sed -n 's/^step //p' "$dir/out" | tail -n 1 | sed 's/^/step /'
  [ ! -f "$dir/err" ] || tail -c 400 "$dir/err" | tr '\r' '\n' | grep -v '^ *$' | tail -n 1 | cut -c 1-200 | sed 's/^/said /'
  echo end
  ;;
tell)
  ours && [ -f "$dir/out" ] || exit ${ASSESS_EXIT.place}
  cat "$dir/out"
  tail -c 8000 "$dir/err" 2>/dev/null | tr '\r' '\n' | grep -v '^ *$' | tail -n 30 | cut -c 1-400 | sed 's/^/err /'
  printf '\nend\n'
  ;;
end)
  systemctl stop "$unit" >/dev/null 2>&1
  systemctl reset-failed "$unit" >/dev/null 2>&1
  ! active || exit ${ASSESS_EXIT.atWork}
  if ours; then
    for exe in /proc/[0-9]*/cwd; do
      case "$(readlink "$exe" 2>/dev/null)" in "$dir"|"$dir"/*) exit ${ASSESS_EXIT.atWork} ;; esac
    done
    rm -rf --one-file-system -- "$dir"
  fi
  [ ! -e "$dir" ] || exit ${ASSESS_EXIT.left}
  echo removed
  ;;
esac
exit 0
`}`;
