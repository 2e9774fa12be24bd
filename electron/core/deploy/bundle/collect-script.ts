/** What vouches for the packages in the present directory, and which of them nothing signed vouches for. Continues `collectScript`. */
const originsScript = String.raw`
sha256sum -- *.deb 2>/dev/null | cut -d' ' -f1 > "$D/sums" || :
apt-get indextargets --format '$(METAKEY) $(FILENAME)' 'Created-By: Packages' > "$D/targets"
: > "$D/bases"
while read -r meta list; do
  /usr/lib/apt/apt-helper cat-file "$list" > "$D/list" 2>/dev/null || continue
  grep -q -F -f "$D/sums" "$D/list" || continue
  base=\${list%_"$(printf '%s' "$meta" | tr / _)"*}
  [ -f "$base"_InRelease ] || [ -f "$base"_Release.gpg ] || continue
  n=$(grep -n -x -F -e "$base" "$D/bases" | cut -d: -f1)
  if [ -z "$n" ]; then
    printf '%s\n' "$base" >> "$D/bases"; n=$(wc -l < "$D/bases" | tr -d ' '); mkdir -p "$D/origins/$n"
    for f in InRelease Release Release.gpg; do [ ! -f "$base"_$f ] || cp -- "$base"_$f "$D/origins/$n/$f"; done
  fi
  k=$(ls "$D/origins/$n" | grep -c '^list-') || :
  gzip -n < "$D/list" > "$D/origins/$n/list-$k.gz"
  sed -n 's/^SHA256: //p' "$D/list" >> "$D/vouched"
done < "$D/targets"
for f in *.deb; do
  [ ! -f "$f" ] || grep -q -x -F -e "$(sha256sum < "$f" | cut -d' ' -f1)" "$D/vouched" 2>/dev/null || printf 'unsigned\t%s\n' "$f"
done
for f in "$D"/origins/*/*; do
  [ ! -f "$f" ] || printf 'origin\t%s\t%s\t%s\n' "\${f#"$D"/}" "$(stat -c %s "$f")" "$(sha256sum < "$f" | cut -d' ' -f1)"
done`;

/**
 * Collects packages with everything they need, beside the system's own apt: private lists, private cache, a
 * private idea of what is installed. The system is not changed and no root is needed. Standard input brings the
 * lists of installed packages to collect for (`/var/lib/dpkg/status`), each after its size on a line of its own, and then
 * lists and keys of repositories that are added for this collection alone, each after its name and size.
 * `postgresql-newest` stands for the newest major version on offer. Arguments: words for apt, `--`, packages.
 * Beside the packages it lays what vouches for them: each list that names one, and the signed word of the archive for that list.
 */
export const collectScript = String.raw`
set -eu; umask 077
LC_ALL=C.UTF-8; DEBIAN_FRONTEND=noninteractive; export LC_ALL DEBIAN_FRONTEND
command -v apt-get >/dev/null || { echo 'There is no apt here.' >&2; exit 40; }
D=$(mktemp -d /var/tmp/matriarch-bundle-XXXXXXXX)
trap 'c=$?; [ $c = 0 ] || rm -rf -- "$D"' EXIT
trap 'exit 129' HUP INT TERM
mkdir -p "$D/lists/partial" "$D/archives/partial" "$D/status"
read -r count
i=0; while [ $i -lt "$count" ]; do read -r size; head -c "$size" > "$D/status/$i"; i=$((i + 1)); done
read -r count; mkdir -p "$D/added" "$D/parts" "$D/keys"
i=0; while [ $i -lt "$count" ]; do read -r name size; head -c "$size" > "$D/added/$name"; i=$((i + 1)); done
set_aside() { while [ $# -gt 0 ] && [ "$1" != -- ]; do printf '%s\n' "$1"; shift; done; }
{
  printf 'Dir::State::lists "%s/lists";\nDir::Cache::archives "%s/archives";\n' "$D" "$D"
  printf 'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n'
  printf 'APT::Sandbox::User "%s";\nDebug::NoLocking "true";\n' "$(id -un)"
  printf 'Acquire::Retries "3";\nAcquire::Languages "none";\nDir::State::status "%s/status/0";\n' "$D"
  [ "$count" = 0 ] || printf 'Dir::Etc::sourceparts "%s/parts";\n' "$D"
  set_aside "$@"
} > "$D/apt.conf"
if [ "$count" != 0 ]; then
  C=$(. /etc/os-release; printf '%s' "$VERSION_CODENAME")
  for l in /etc/apt/sources.list.d/*; do [ ! -f "$l" ] || cp -- "$l" "$D/parts/"; done
  for k in "$D"/added/*.asc; do cp -- "$k" "$D/keys/"; done
  for l in "$D"/added/*.sources; do
    n=$(basename -- "$l"); sed -e "s/@CODENAME@/$C/g" -e "s|@KEYS@|$D/keys|g" "$l" > "$D/one"
    if ! apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(SOURCESENTRY)' 2>/dev/null |
      awk -v u="$(sed -n 's/^URIs: //p' "$D/one")" -v s="$(sed -n 's/^Suites: //p' "$D/one")" -v o="/etc/apt/sources.list.d/$n" '
        BEGIN { sub(/\/+$/, "", u) }
        { sub(/\/+$/, "", $1); sub(/:[0-9]+$/, "", $3) }
        $1 == u && $2 == s && $3 != o { f = 1 }
        END { exit !f }'; then cp -- "$D/one" "$D/parts/$n"; fi
  done
fi
while [ "$1" != -- ]; do shift; done; shift
export APT_CONFIG="$D/apt.conf"
apt-get update -q >&2 || { echo 'The package lists could not be fetched.' >&2; exit 42; }
newest=$(apt-cache pkgnames postgresql- | sed -n 's/^postgresql-\([0-9][0-9]*\)$/\1/p' | sort -n | tail -n 1)
for p in "$@"; do
  shift
  [ "$p" != postgresql-newest ] || p=postgresql-$newest
  apt-cache show --no-all-versions "$p" >/dev/null 2>&1 || { echo "Not offered: $p" >&2; exit 43; }
  set -- "$@" "$p"
done
for s in "$D"/status/*; do
  apt-get -o Dir::State::status="$s" install -d -y -q --no-install-recommends "$@" >&2 || exit 44
done
. /etc/os-release
printf 'directory\t%s\nsystem\t%s\t%s\t%s\n' "$D" "$ID" "$VERSION_CODENAME" "$(dpkg --print-architecture)"
printf 'wanted\t%s\n' "$@"
cd "$D/archives"
set --
for f in *.deb; do
  [ -f "$f" ] || continue
  v=\${f#*_}; set -- "$@" "\${f%%_*}=$(printf '%s' "\${v%_*}" | sed 's/%3a/:/g')"
  printf 'file\t%s\t%s\t%s\n' "$f" "$(stat -c %s "$f")" "$(sha256sum < "$f" | cut -d' ' -f1)"
done
${originsScript}
printf 'stanzas\n'
[ $# = 0 ] || apt-cache show "$@"
`.replaceAll('\\$', '$');

/** Takes the place of a collection away. */
export const clearScript = 'case $1 in /var/tmp/matriarch-bundle-*) rm -rf -- "$1" ;; esac';
