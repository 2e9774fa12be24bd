/** Finds psql and the socket where packages put them. The query is the rest of the standard input. */
export const ASK_PSQL = `# matriarch:ask-psql v1
for dir in /var/run/postgresql /run/postgresql /tmp; do
  [ -S "$dir/.s.PGSQL.$1" ] && { PGHOST=$dir; export PGHOST; break; }
done
for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin; do PATH=$PATH:$dir; done
PGCONNECT_TIMEOUT=5 exec psql -X -q -At -F '	' -p "$1" -d postgres
`;
