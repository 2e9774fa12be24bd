import type { DeployManifest, ManifestFile } from '../../../../../shared/model/deploy/manifest';
import type { RemoveResource, StopResource } from '../../../../../shared/model/deploy/plan';
import { watchdogDevice } from '../../../../../shared/rules/deploy/files/watchdog';
import { layoutOf } from '../../../../../shared/rules/deploy/layout';
import { programsDirectory } from '../../../../../shared/rules/deploy/sources/programs';
import { quoteWord } from '../../../ssh/run/quote';
import type { ScriptContext } from '../script-context';

function words(list: readonly string[]): string {
  return list.map(quoteWord).join(' ');
}

/** Stops units and keeps them from starting at the next boot. */
export function scriptStop(resource: StopResource): string {
  return resource.units
    .map((unit) => {
      const name = quoteWord(unit);
      return [
        `[ "$(systemctl show -p UnitFileState --value ${name})" != masked ] || systemctl unmask -q ${name}`,
        `systemctl disable -q --now ${name} 2>/dev/null || systemctl stop ${name} 2>/dev/null || true`,
      ].join('\n');
    })
    .join('\n');
}

/**
 * Takes away, in this order: files (a copy of what was there before comes back), packages that came with the
 * deployment, data that it made, users and groups that came with the packages, empty directories, and last the
 * manifest: an undo that was interrupted can be done again.
 */
export function scriptRemoval(resource: RemoveResource, context: ScriptContext): string {
  const { manifest, keepData } = resource;
  return [
    ...resource.changed.map(
      (path) =>
        `if [ -f ${quoteWord(path)} ]; then cp -p -- ${quoteWord(path)} ${quoteWord(`${path}.matriarch-left`)}; fi`,
    ),
    forgetLists(manifest),
    ...forgetWatchdog(manifest),
    ...manifest.files.filter((file) => file.backup === null).map(removal),
    ...(resource.packages.length === 0 ? [] : [keepEtc, purge(resource), restoreEtc]),
    ...manifest.files.filter((file) => file.backup !== null).map(restoreBackup),
    ...(keepData
      ? []
      : manifest.data.filter(mayBeRemoved).map((path) => `rm -rf --one-file-system -- ${quoteWord(path)}`)),
    ...(keepData ? [] : ['rm -f -- /var/lib/postgresql/.pgpass_patroni']),
    ...leftovers(resource),
    ...(keepData
      ? []
      : [
          `for u in ${words(resource.users) || "''"}; do`,
          '  if getent passwd "$u" >/dev/null; then userdel "$u" 2>/dev/null || true; fi',
          'done',
          `for g in ${words(resource.groups) || "''"}; do`,
          '  if getent group "$g" >/dev/null; then groupdel "$g" 2>/dev/null || true; fi',
          'done',
        ]),
    emptyDirectories(
      manifest.files.map((file) => parent(file.path)),
      manifest.data.map(parent),
      resource.packages,
    ),
    'systemctl daemon-reload; systemctl reset-failed 2>/dev/null || true',
    ...manifest.units.flatMap((unit) => restoreUnit(unit.unit, unit.before)),
    `rm -rf -- ${quoteWord(context.stateDirectory)}; rm -f -- ${quoteWord(context.manifestPath)}`,
    'rmdir --ignore-fail-on-non-empty -- /var/lib/matriarch /etc/matriarch 2>/dev/null || true',
  ].join('\n');
}

/** The copy of a file that was there before comes back, where it is still there. */
function restoreBackup(file: ManifestFile): string {
  const [backup, path] = [quoteWord(file.backup ?? ''), quoteWord(file.path)];
  return `[ ! -e ${backup} ] || { mkdir -p -- ${quoteWord(parent(file.path))}; mv -f -- ${backup} ${path}; }`;
}

/** A tree goes only from where programs of a deployment lie; a link only while it still leads there. */
function removal(file: ManifestFile): string {
  const path = quoteWord(file.path);
  switch (file.kind) {
    case 'file':
      return `rm -f -- ${path}`;
    case 'link':
      return `if [ -L ${path} ]; then case $(readlink -- ${path}) in ${programsDirectory}/*) rm -f -- ${path} ;; esac; fi`;
    case 'directory':
      return new RegExp(`^${programsDirectory}/[^/]+$`).test(file.path)
        ? `rm -rf --one-file-system -- ${path} ${path}.new`
        : ':';
  }
}

/** What apt had fetched from added repositories goes with them, without a question to any network. */
function forgetLists(manifest: DeployManifest): string {
  const lists = manifest.files
    .filter((file) => file.backup === null && file.path.startsWith('/etc/apt/sources.list.d/'))
    .map((file) => file.path);
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

/** The device goes with the module that was loaded for it, unless somebody else uses it now; one of the machine's own is root's again. */
function forgetWatchdog(manifest: DeployManifest): string[] {
  const layout = layoutOf({ scope: manifest.scope, etcd: { clientPort: 0, peerPort: 0, external: [] } });
  const noted = (path: string): boolean => manifest.files.some((file) => file.path === path);
  return [
    ...(noted(layout.watchdogModule) ? ['modprobe -r softdog 2>/dev/null || true'] : []),
    ...(noted(layout.watchdogRule) ? [`if [ -e ${watchdogDevice} ]; then chown root:root ${watchdogDevice}; fi`] : []),
  ];
}

/** A unit that an interrupted installation kept from starting may start again; one that was enabled or ran before is so again. */
function restoreUnit(unit: string, before: string): string[] {
  const [enabled, active] = before.split(',');
  const name = quoteWord(unit);
  return [
    ...(enabled === 'masked'
      ? []
      : [`[ "$(systemctl show -p UnitFileState --value ${name})" != masked ] || systemctl unmask -q ${name}`]),
    ...(enabled === 'enabled' ? [`systemctl enable -q ${name} || true`] : []),
    ...(active === 'active' ? [`systemctl start ${name} || true`] : []),
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
const keepEtc = `[ ! -f "$STATE/etc.before" ] || {
  rm -rf -- "$STATE/etc"; mkdir -m 700 -- "$STATE/etc"; cp -a --one-file-system -- /etc/. "$STATE/etc/"
}`;
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
    `ours=$(dpkg-query -W -f '\${db:Status-Abbrev} \${Package}\\n' ${words(resource.packages)} 2>/dev/null |`,
    `  awk '$1 ~ /^.[a-z]/ && $1 !~ /^.n/ { print $2 }')`,
    `mode=${resource.keepData ? 'remove' : 'purge'}`,
    ...(resource.keepData
      ? []
      : [
          'for d in /var/lib/etcd/*; do',
          `  case " ${words(resource.manifest.data)} " in *" $d "*) ;; *) [ ! -e "$d" ] || mode=remove ;; esac`,
          'done',
          `for v in $(printf '%s\\n' $ours | grep -E '^postgresql-[0-9]+$' || true); do`,
          `  printf '%s %s/postrm_purge_data boolean false\\n' "$v" "$v" | debconf-set-selections 2>/dev/null || true`,
          'done',
        ]),
    `while :; do`,
    `  [ -n "$ours" ] || break`,
    `  more=$(apt-get -s "$mode" $ours 2>/dev/null | awk '$1 == "Remv" || $1 == "Purg" { print $2 }' | sort -u |`,
    `    while read -r p; do printf '%s\\n' $ours | grep -qxF "$p" || echo "$p"; done)`,
    `  [ -n "$more" ] || break`,
    '  need=$(for m in $more; do',
    '    apt-cache depends --installed --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \\',
    `      --no-replaces --no-enhances "$m" 2>/dev/null | grep -v '^ '`,
    '  done | sort -u)',
    `  less=$(printf '%s\\n' $ours | while read -r p; do printf '%s\\n' "$need" | grep -qxF "$p" || echo "$p"; done)`,
    `  [ "$less" != "$ours" ] || break`,
    `  echo "Packages that others need now stay installed."; ours=$less`,
    `done`,
    '[ -z "$ours" ] ||',
    '  apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$mode" -y -q $ours < /dev/null > "$STATE/undo.log" 2>&1 ||',
    '  { tail -n 20 "$STATE/undo.log" >&2; exit 1; }',
  ].join('\n');
}

/** What services wrote beside their data, where their packages came with the deployment. */
function leftovers(resource: RemoveResource): string[] {
  const had = (name: string): boolean => resource.packages.includes(name);
  return [
    ...(had('postgresql-common') || had('pgbouncer')
      ? ['rm -rf -- /var/log/postgresql/pgbouncer.log* /run/postgresql']
      : []),
    ...(had('keepalived') ? [`rm -f -- ${keepalivedNames}/keepalived.conf`] : []),
    ...(had('haproxy') ? ['rm -rf -- /run/haproxy /run/haproxy-master.sock /run/haproxy.pid /var/lib/haproxy'] : []),
  ];
}

/** Directories that a package makes, and its name. They are there as long as it is installed. */
const packageDirectories: Readonly<Record<string, string>> = {
  '/etc/etcd': 'etcd-server',
  '/var/lib/etcd': 'etcd-server',
  '/etc/patroni': 'patroni',
  '/etc/haproxy': 'haproxy',
  '/var/lib/haproxy': 'haproxy',
  '/etc/pgbouncer': 'pgbouncer',
  '/etc/keepalived': 'keepalived',
  '/etc/prometheus': 'prometheus',
  '/var/lib/prometheus': 'prometheus',
  '/etc/postgresql-common/createcluster.d': 'postgresql-common',
  '/etc/postgresql-common': 'postgresql-common',
  '/etc/postgresql': 'postgresql-common',
  '/var/lib/postgresql': 'postgresql-common',
  '/var/log/postgresql': 'postgresql-common',
};
/** Where keepalived from 2.3 on writes the name of its addresses for `ip`, when it runs. */
const keepalivedNames = '/etc/iproute2/rt_addrprotos.d';
const ownTls = ['/etc/etcd/tls', '/etc/patroni/tls', '/etc/haproxy/tls', '/etc/pgbouncer/tls', '/etc/prometheus/tls'];
/** Directories of the system: they stay, whatever is in them. */
const everybodys = new Set([
  '/etc/default',
  '/etc/systemd/system',
  '/var/lib',
  '/usr/local/bin',
  '/etc/apt',
  '/etc/apt/sources.list.d',
  '/etc/apt/keyrings',
  '/etc/modules-load.d',
  '/etc/udev',
  '/etc/udev/rules.d',
]);

/** Empty directories go, unless they were there before the first installation or belong to a package that stays. */
function emptyDirectories(files: readonly string[], data: readonly string[], packages: readonly string[]): string {
  const names = packages.includes('keepalived') ? [keepalivedNames, parent(keepalivedNames)] : [];
  const all = [...new Set([...files, ...data, ...ownTls, ...names, ...Object.keys(packageDirectories)])].filter(
    (path) => !everybodys.has(path) && path.split('/').length > 2,
  );
  const lines = all.sort((a, b) => b.length - a.length).map((path) => `${packageDirectories[path] ?? '-'} ${path}`);
  return [
    'while read -r p d; do',
    '  [ -d "$d" ] || continue',
    '  if grep -qxF -- "$d" "$STATE/etc.before" 2>/dev/null; then continue; fi',
    `  case $(dpkg-query -W -f '\${db:Status-Abbrev}' -- "$p" 2>/dev/null) in ?i*) continue ;; esac`,
    '  rmdir --ignore-fail-on-non-empty -- "$d" 2>/dev/null || true',
    `done <<'END_OF_DIRECTORIES'`,
    ...lines,
    'END_OF_DIRECTORIES',
  ].join('\n');
}
