import type { AptRepository } from '../../../../shared/model/deploy/spec/source-spec';
import { keyText, repositoryFiles, repositoryText } from '../../../../shared/rules/deploy/sources/repositories';
import { quoteWord } from '../../ssh/run/quote';

/** Packages whose versions are asked for, beside every major version of PostgreSQL. */
const packages = [
  'patroni',
  'python3-etcd',
  'etcd-server',
  'etcd-client',
  'haproxy',
  'pgbouncer',
  'keepalived',
  'python3-venv',
  'ca-certificates',
];

/**
 * Asks apt what it would install, with repositories that are not on the server yet: their lists and keys lie in a private
 * directory beside links to the lists the server has, and go with it. The server's apt is not changed, unless `refresh`
 * fetches its own lists first. Each repository is fetched by itself, so that each has its own verdict. Arguments:
 * `refresh` or `no`, then words for apt. Lines: `repo INDEX CODE-OR-present BASE64`, `offer PACKAGE VERSION ORIGIN`.
 */
export function offersScript(repositories: readonly AptRepository[]): string {
  return [head, ...repositories.map(repositoryPart), tail].join('\n');
}

const head = String.raw`
LC_ALL=C; export LC_ALL
refresh=$1; shift
[ "$refresh" != refresh ] || apt-get -o DPkg::Lock::Timeout=120 "$@" update -q >/dev/null 2>&1 ||
  { echo 'The package lists could not be fetched.' >&2; exit 3; }
D=$(mktemp -d /tmp/matriarch-offers-XXXXXXXX) || exit 3
trap 'rm -rf -- "$D"' EXIT
trap 'exit 129' HUP INT TERM
mkdir -p "$D/lists/partial" "$D/parts" "$D/keys"; : > "$D/none.list"
C=$(. /etc/os-release; printf '%s' "$VERSION_CODENAME")
for l in /var/lib/apt/lists/*; do [ ! -f "$l" ] || [ "$l" = /var/lib/apt/lists/lock ] || ln -s "$l" "$D/lists/"; done
for l in /etc/apt/sources.list.d/*; do [ ! -f "$l" ] || cp -- "$l" "$D/parts/"; done
{
  printf 'Dir::State::lists "%s/lists";\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n' "$D"
  printf 'APT::Sandbox::User "%s";\nDebug::NoLocking "true";\n' "$(id -un)"
  printf 'Acquire::Retries "1";\nAcquire::Languages "none";\n'
  printf 'Acquire::http::Timeout "15";\nAcquire::https::Timeout "15";\n'
  printf 'APT::Get::List-Cleanup "false";\nAPT::Update::Error-Mode "any";\nDir::Etc::sourceparts "%s/parts";\n' "$D"
} > "$D/apt.conf"`;

function repositoryPart(repository: AptRepository, index: number): string {
  const { name, list } = repositoryFiles(repository);
  const text = repositoryText(repository, '@CODENAME@', `@KEYS@/${name}.asc`);
  const base64 = (content: string): string => quoteWord(Buffer.from(content).toString('base64'));
  return [
    `URL=${quoteWord(repository.url.replace(/\/+$/, ''))} NAME=${quoteWord(name)} INDEX=${index} OWN=${quoteWord(list)}`,
    `SUITE=$(printf %s ${quoteWord(repository.suite)} | sed "s/{codename}/$C/g")`,
    `rm -f -- "$D/parts/$NAME.sources"`,
    `printf %s ${base64(keyText(repository.keyPem ?? ''))} | base64 -d > "$D/keys/$NAME.asc"`,
    `printf %s ${base64(text)} | base64 -d | sed -e "s/@CODENAME@/$C/g" -e "s|@KEYS@|$D/keys|g" > "$D/new.sources"`,
    askOne,
  ].join('\n');
}

/** A repository that somebody else's file names is left to that file: two entries would clash over their keys. */
const askOne = String.raw`
if apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(SOURCESENTRY)' 2>/dev/null |
  awk -v u="$URL" -v s="$SUITE" -v o="$OWN" '
    { sub(/\/+$/, "", $1); sub(/:[0-9]+$/, "", $3) } $1 == u && $2 == s && $3 != o { f = 1 } END { exit !f }'; then
  printf 'repo\t%s\tpresent\t\n' "$INDEX"
else
  m=$D/one$INDEX; mkdir -- "$m"; cp -- "$D/new.sources" "$m/$NAME.sources"
  APT_CONFIG="$D/apt.conf" apt-get -o Dir::Etc::sourcelist="$D/none.list" -o Dir::Etc::sourceparts="$m" \
    "$@" update -q < /dev/null > "$D/said" 2>&1; c=$?
  [ $c != 0 ] || cp -- "$D/new.sources" "$D/parts/$NAME.sources"
  printf 'repo\t%s\t%s\t%s\n' "$INDEX" $c "$(base64 -w 0 < "$D/said")"
fi`;

const tail = String.raw`
export APT_CONFIG="$D/apt.conf"
apt-cache policy ${packages.join(' ')} $(apt-cache pkgnames postgresql- | grep -E '^postgresql-[0-9]+$' || true) 2>/dev/null |
  awk '
    /^[^ ]/ { sub(/:$/, ""); n = $0; w = 0 }
    /^  Candidate:/ { c = $2; if (c != "(none)") v[n] = c }
    /^ (\*\*\*|   ) [^ ]/ { w = ($1 == "***" ? $2 : $1) == v[n] }
    w && /^ +[0-9]+ https?:/ && !(n in o) { o[n] = $2 " " $3 }
    END { for (n in v) print "offer\t" n "\t" v[n] "\t" o[n] }'
`;
