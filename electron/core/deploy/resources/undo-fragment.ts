import type { DeployManifest, ManifestFile } from '../../../../shared/model/deploy-manifest';
import type { RemoveResource, StopResource } from '../../../../shared/model/deploy-plan';
import { programsDirectory } from '../../../../shared/rules/deploy/sources/programs';
import { quoteWord } from '../../ssh/quote';
import type { FragmentContext } from './fragment-context';

/** The shell text of one part of an undo. */
export function undoFragment(resource: StopResource | RemoveResource, context: FragmentContext): string {
  return resource.part === 'stop' ? stopFragment(resource) : removeFragment(resource, context);
}

function words(list: readonly string[]): string {
  return list.map(quoteWord).join(' ');
}

function stopFragment(resource: StopResource): string {
  return resource.units.map((unit) => {
    const name = quoteWord(unit);
    return `[ "$(systemctl show -p UnitFileState --value ${name})" != masked ] || systemctl unmask -q ${name}\nsystemctl disable -q --now ${name} 2>/dev/null || systemctl stop ${name} 2>/dev/null || true`;
  }).join('\n');
}

/**
 * Takes away, in this order: files (a copy of what was there before comes back), packages that came with the
 * deployment, data that it made, users and groups that came with the packages, empty directories, and last the
 * manifest: an undo that was interrupted can be done again.
 */
function removeFragment(resource: RemoveResource, context: FragmentContext): string {
  const { manifest, keepData } = resource;
  return [
    ...resource.changed.map((path) => `if [ -f ${quoteWord(path)} ]; then cp -p -- ${quoteWord(path)} ${quoteWord(`${path}.matriarch-left`)}; fi`),
    forgetLists(manifest),
    ...manifest.files.filter((file) => file.backup === null).map(removal),
    ...(resource.packages.length === 0 ? [] : [keepEtc, purge(resource), restoreEtc]),
    ...manifest.files.filter((file) => file.backup !== null).map((file) => `[ ! -e ${quoteWord(file.backup ?? '')} ] || { mkdir -p -- ${quoteWord(parent(file.path))}; mv -f -- ${quoteWord(file.backup ?? '')} ${quoteWord(file.path)}; }`),
    ...(keepData ? [] : manifest.data.filter(mayBeRemoved).map((path) => `rm -rf --one-file-system -- ${quoteWord(path)}`)),
    ...(keepData ? [] : ['rm -f -- /var/lib/postgresql/.pgpass_patroni']),
    ...leftovers(resource),
    ...(keepData ? [] : [`for u in ${words(resource.users) || "''"}; do if getent passwd "$u" >/dev/null; then userdel "$u" 2>/dev/null || true; fi; done`,
      `for g in ${words(resource.groups) || "''"}; do if getent group "$g" >/dev/null; then groupdel "$g" 2>/dev/null || true; fi; done`]),
    emptyDirectories(manifest.files.map((file) => parent(file.path)), manifest.data.map(parent), resource.packages.length > 0 || manifest.files.some((file) => file.kind === 'directory')),
    'systemctl daemon-reload; systemctl reset-failed 2>/dev/null || true',
    ...manifest.units.flatMap((unit) => restoreUnit(unit.unit, unit.before)),
    `rm -rf -- ${quoteWord(context.stateDirectory)}; rm -f -- ${quoteWord(context.manifestPath)}`,
    'rmdir --ignore-fail-on-non-empty -- /var/lib/matriarch /etc/matriarch 2>/dev/null || true',
  ].join('\n');
}

/** A tree goes only from where programs of a deployment lie; a link only while it still leads there. */
function removal(file: ManifestFile): string {
  const path = quoteWord(file.path);
  switch (file.kind) {
    case 'file': return `rm -f -- ${path}`;
    case 'link': return `if [ -L ${path} ]; then case $(readlink -- ${path}) in ${programsDirectory}/*) rm -f -- ${path} ;; esac; fi`;
    case 'directory': return new RegExp(`^${programsDirectory}/[^/]+$`).test(file.path) ? `rm -rf --one-file-system -- ${path} ${path}.new` : ':';
  }
}

/** What apt had fetched from added repositories goes with them, without a question to any network. */
function forgetLists(manifest: DeployManifest): string {
  const lists = manifest.files.filter((file) => file.backup === null && file.path.startsWith('/etc/apt/sources.list.d/')).map((file) => file.path);
  if (lists.length === 0) return ':';
  return `for l in ${words(lists)}; do
  [ -f "$l" ] || continue
  apt-get indextargets --format '$(SOURCESENTRY) $(RELEASE) $(FILENAME)' 2>/dev/null | while read -r e r f; do
    [ "\${e%:*}" = "$l" ] || continue
    b=$(basename -- "$f"); s=$(printf '%s' "$r" | tr / _)
    case $b in *_dists_"$s"_*) rm -f -- /var/lib/apt/lists/"\${b%%_dists_*}"_dists_"$s"_* ;; *) rm -f -- "$f" ;; esac
  done
done`;
}

/** A unit that was enabled or ran before is so again. */
function restoreUnit(unit: string, before: string): string[] {
  const [enabled, active] = before.split(',');
  return [
    ...(enabled === 'enabled' ? [`systemctl enable -q ${quoteWord(unit)} || true`] : []),
    ...(active === 'active' ? [`systemctl start ${quoteWord(unit)} || true`] : []),
  ];
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** A data directory lies at least three levels deep; anything else was never made by a deployment. */
function mayBeRemoved(path: string): boolean {
  return /^\/[^/]+\/[^/]+\/[^/]+/.test(path) && !path.includes('/../');
}

/** Purged packages may take files of /etc along that were there before them: those come back. */
const keepEtc = `[ ! -f "$STATE/etc.before" ] || { rm -rf -- "$STATE/etc"; mkdir -m 700 -- "$STATE/etc"; cp -a --one-file-system -- /etc/. "$STATE/etc/"; }`;
const restoreEtc = `[ ! -d "$STATE/etc" ] || while IFS= read -r p; do
  k="$STATE/etc\${p#/etc}"
  if [ ! -e "$p" ] && [ ! -L "$p" ] && { [ -e "$k" ] || [ -L "$k" ]; } && [ -d "$(dirname -- "$p")" ]; then cp -a -- "$k" "$p"; fi
done < "$STATE/etc.before"
rm -rf -- "$STATE/etc"`;

/**
 * Removing must take nothing else along: what apt would remove beside our packages keeps those it needs. etcd's
 * package deletes all of /var/lib/etcd when it is purged, and PostgreSQL's may delete clusters: they are only
 * removed, not purged, when data of others lies there or is to be kept.
 */
function purge(resource: RemoveResource): string {
  return [
    `ours=$(dpkg-query -W -f '\${db:Status-Abbrev} \${Package}\\n' ${words(resource.packages)} 2>/dev/null | awk '$1 ~ /^.[a-z]/ && $1 !~ /^.n/ { print $2 }')`,
    `mode=${resource.keepData ? 'remove' : 'purge'}`,
    ...(resource.keepData ? [] : [
      `for d in /var/lib/etcd/*; do case " ${words(resource.manifest.data)} " in *" $d "*) ;; *) [ ! -e "$d" ] || mode=remove ;; esac; done`,
      `for v in $(printf '%s\\n' $ours | grep -E '^postgresql-[0-9]+$' || true); do printf '%s %s/postrm_purge_data boolean false\\n' "$v" "$v" | debconf-set-selections 2>/dev/null || true; done`,
    ]),
    `while :; do`,
    `  [ -n "$ours" ] || break`,
    `  more=$(apt-get -s "$mode" $ours 2>/dev/null | awk '$1 == "Remv" || $1 == "Purg" { print $2 }' | sort -u | while read -r p; do printf '%s\\n' $ours | grep -qxF "$p" || echo "$p"; done)`,
    `  [ -n "$more" ] || break`,
    `  need=$(for m in $more; do apt-cache depends --installed --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$m" 2>/dev/null | grep -v '^ '; done | sort -u)`,
    `  less=$(printf '%s\\n' $ours | while read -r p; do printf '%s\\n' "$need" | grep -qxF "$p" || echo "$p"; done)`,
    `  [ "$less" != "$ours" ] || break`,
    `  echo "Packages that others need now stay installed."; ours=$less`,
    `done`,
    `[ -z "$ours" ] || { apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$mode" -y -q $ours < /dev/null > "$STATE/undo.log" 2>&1 || { tail -n 20 "$STATE/undo.log" >&2; exit 1; }; }`,
  ].join('\n');
}

/** What services wrote beside their data, where their packages came with the deployment. */
function leftovers(resource: RemoveResource): string[] {
  const had = (name: string): boolean => resource.packages.includes(name);
  return [
    ...(had('postgresql-common') || had('pgbouncer') ? ['rm -rf -- /var/log/postgresql/pgbouncer.log* /run/postgresql'] : []),
    ...(had('haproxy') ? ['rm -rf -- /run/haproxy /run/haproxy-master.sock /run/haproxy.pid /var/lib/haproxy'] : []),
  ];
}

/** Directories that packages make go only with packages of the deployment: those that were there before keep theirs. */
function emptyDirectories(files: readonly string[], data: readonly string[], packagesWent: boolean): string {
  const own = ['/etc/etcd/tls', '/etc/etcd', '/etc/patroni/tls', '/etc/patroni', '/etc/haproxy/tls', '/etc/haproxy', '/etc/pgbouncer/tls', '/etc/pgbouncer',
    '/etc/postgresql-common/createcluster.d', '/etc/postgresql-common', '/etc/postgresql', '/var/lib/postgresql', '/var/lib/etcd', '/var/lib/haproxy', '/var/log/postgresql'];
  const all = [...new Set([...files, ...data, ...own])].filter((path) => (packagesWent || path.endsWith('/tls') || !own.includes(path)) && path.split('/').length > 2 && !['/etc/default', '/etc/systemd/system', '/var/lib', '/etc/apt/sources.list.d', '/etc/apt/keyrings', '/usr/local/bin'].includes(path));
  return `for d in ${words(all.sort((a, b) => b.length - a.length))}; do [ ! -d "$d" ] || rmdir --ignore-fail-on-non-empty -- "$d" 2>/dev/null || true; done`;
}
