import { appError } from '../../../shared/model/app-error';
import type { InstalledPackage } from '../../../shared/model/upgrade/upgrade';
import { judgeAptPlan, type AptPlan } from '../../../shared/rules/upgrade/apt-plan';
import type { Remote, RunResult } from '../ssh/remote';

/** The first line of the script; who answers in a server's place knows it by this. */
export const INSTALL_SCRIPT_FIRST_LINE = '# matriarch:upgrade v1';

/** What stands behind the name of a file whose former text is kept for the time of an upgrade. */
export const KEPT_SUFFIX = '.matriarch-upgrade';

/** Exit codes by which the script says why it did nothing. */
const INSTALL_EXIT = { begun: 70, noRoom: 71, policy: 72, mainCluster: 73, inUse: 74 } as const;

/**
 * Puts packages in place, in steps. Arguments: what, the id of the run (hexadecimal), then packages as `name=version`, or names.
 *
 * `simulate` prints what apt would do, and of which source each of its packages is; it changes nothing. `begin` starts apt apart from the
 * connection, so that a lost one does not break dpkg off, and only once for an id. While dpkg is at work, and no longer, a policy-rc.d
 * keeps maintainer scripts from starting and stopping services (invoke-rc.d(8), deb-systemd-invoke(1p)): Patroni starts PostgreSQL, and
 * the app the rest, when their turn has come. `look` says how far apt is and which versions are there now; `offers` which versions apt
 * has; `end` removes what the script made, and copies of files.
 *
 * `simulate-add` and `begin-add` install packages beside what is there, and let no package make a cluster of Debian's meanwhile;
 * `simulate-take` and `begin-take` purge packages, unless a cluster or a process of their version is there.
 */
const INSTALL_SCRIPT = `${INSTALL_SCRIPT_FIRST_LINE}
LC_ALL=C DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1; export LC_ALL DEBIAN_FRONTEND NEEDRESTART_SUSPEND
PATH=$PATH:/usr/sbin:/sbin
what=$1 id=$2; shift 2
dir=/run/matriarch-upgrade-$id policy=/usr/sbin/policy-rc.d unit=matriarch-upgrade-$id.service
mode=upgrade apt='install --only-upgrade' common=/etc/postgresql-common
made=$common/createcluster.d/zz-matriarch-$id.conf
case $what in
*-add) mode=add apt='install --no-install-recommends --no-remove' what=\${what%-add} ;;
*-take) mode=take apt=purge what=\${what%-take} ;;
esac
ours() { grep -q "^# matriarch-upgrade $id\\$" "$policy" 2>/dev/null; }
unmake() { rm -f "$made"; [ ! -f "$dir/made" ] || rmdir "$common/createcluster.d" 2>/dev/null; }
# Clusters and processes of the versions whose packages are named.
in_use() {
  for major in $(printf '%s\\n' "$@" | sed -n 's/^postgresql-\\([0-9][0-9]*\\).*/\\1/p' | sort -u); do
    [ -z "$(ls -A "/etc/postgresql/$major" 2>/dev/null)" ] || { echo "/etc/postgresql/$major has a cluster." >&2; return 0; }
    for exe in /proc/[0-9]*/exe; do
      case $(readlink "$exe" 2>/dev/null) in
      /usr/lib/postgresql/$major/*) echo "A process of PostgreSQL $major runs." >&2; return 0 ;;
      esac
    done
  done
  return 1
}
case $what in
simulate)
  said=$(apt-get -s -q $apt -o Debug::NoLocking=1 "$@" 2>&1); code=$?
  printf '%s\\n' "$said" | grep -E '^(Inst|Remv|Purg|E:|W:)'
  for name in $(printf '%s\\n' "$said" | awk '$1 == "Inst" || $1 == "Remv" { print $2 }') $(printf '%s\\n' "$@" | sed 's/=.*//'); do
    dpkg-query -W -f 'Source \${Package} \${source:Package}\\n' "$name" 2>/dev/null
  done | sort -u
  echo "end $code"
  ;;
begin)
  umask 077
  [ ! -e "$dir" ] || exit ${INSTALL_EXIT.begun}
  if [ -e "$policy" ] && ! ours; then
    for name in patroni etcd postgresql haproxy pgbouncer; do
      "$policy" "$name" restart >/dev/null 2>&1; [ $? = 101 ] || exit ${INSTALL_EXIT.policy}
    done
  fi
  [ $mode != take ] || ! in_use "$@" || exit ${INSTALL_EXIT.inUse}
  mkdir "$dir" || exit ${INSTALL_EXIT.noRoom}
  if [ $mode = add ]; then
    [ -d "$common" ] || { rm -rf "$dir"; exit ${INSTALL_EXIT.mainCluster}; }
    [ -d "$common/createcluster.d" ] || { (umask 022; mkdir "$common/createcluster.d") && : > "$dir/made"; }
    (umask 022; printf '# matriarch-upgrade %s\\ncreate_main_cluster = false\\n' "$id" > "$made")
    if [ "$(pg_conftool $common/createcluster.conf show -bs create_main_cluster 2>/dev/null)" != off ]; then
      unmake; rm -rf "$dir"; exit ${INSTALL_EXIT.mainCluster}
    fi
  fi
  cat > "$dir/deny" <<DENY
for major in $([ $mode != take ] || printf '%s\\n' "$@" | sed -n 's/^postgresql-\\([0-9][0-9]*\\).*/\\1/p' | sort -u | tr '\\n' ' '); do
  [ -z "\\$(ls -A "/etc/postgresql/\\$major" 2>/dev/null)" ] || exit 1
done
[ ! -e $policy ] || exit 0
printf '#!/bin/sh\\\\n# matriarch-upgrade $id\\\\nexit 101\\\\n' > $policy.$id && chmod 755 $policy.$id && mv $policy.$id $policy
DENY
  cat > "$dir/work" <<WORK
cd /
umask 022
apt-get $apt -y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef \\\\
  -o Dpkg::Options::=--force-confold -o "DPkg::Pre-Invoke::=sh $dir/deny" "\\$@" > $dir/out 2>&1 </dev/null
echo \\$? > $dir/code
! grep -q '^# matriarch-upgrade $id\\$' $policy 2>/dev/null || rm -f $policy
rm -f $made
[ ! -f $dir/made ] || rmdir $common/createcluster.d 2>/dev/null
mv $dir/code $dir/ended
WORK
  [ -s "$dir/deny" ] && [ -s "$dir/work" ] || { rm -rf "$dir"; exit ${INSTALL_EXIT.noRoom}; }
  if command -v systemd-run >/dev/null 2>&1 && [ -d /run/systemd/system ]; then
    systemd-run --quiet --collect --unit="$unit" --setenv=LC_ALL=C --setenv=DEBIAN_FRONTEND=noninteractive --setenv=NEEDRESTART_SUSPEND=1 \\
      --setenv=PATH="$PATH" sh "$dir/work" "$@" || { rm -rf "$dir"; exit ${INSTALL_EXIT.noRoom}; }
  else
    setsid sh "$dir/work" "$@" >/dev/null 2>&1 </dev/null &
  fi
  echo begun
  ;;
look)
  if [ ! -d "$dir" ]; then echo none
  elif [ -f "$dir/ended" ]; then echo "ended $(cat "$dir/ended")"
  elif [ "$(systemctl is-active "$unit" 2>/dev/null)" = active ] || pgrep -f "$dir/work" >/dev/null; then echo running
  elif [ -f "$dir/ended" ]; then echo "ended $(cat "$dir/ended")"
  else echo broken; fi
  dpkg-query -W -f 'package \${db:Status-Abbrev} \${Package} \${Version}\\n' "$@" 2>/dev/null
  [ ! -f "$dir/out" ] || tail -c 8000 "$dir/out" | tr '\\r' '\\n' | grep -v '^ *$' | tail -n 30 | sed 's/^/out /'
  printf '\\nend\\n'
  ;;
offers)
  apt-cache madison "$@" 2>/dev/null | awk -F '|' '{ gsub(/ /, ""); print "offer " $1 " " $2 }' | sort -u
  echo end
  ;;
end)
  [ "$(systemctl is-active "$unit" 2>/dev/null)" != active ] || exit ${INSTALL_EXIT.begun}
  ! ours || rm -f "$policy"
  unmake
  rm -rf -- "$dir"
  for file in "$@"; do case $file in *${KEPT_SUFFIX}) rm -f -- "$file" ;; esac; done
  ;;
esac
exit 0
`;

const SCRIPT_MS = 60_000;
const SIMULATE_MS = 120_000;
const MOST_BYTES = 1024 * 1024;

type What =
  'simulate' | 'begin' | 'look' | 'offers' | 'end' | 'simulate-add' | 'begin-add' | 'simulate-take' | 'begin-take';

/** One run of apt on a server, under an id by which it is found again. */
export interface AptRun {
  readonly remote: Remote;
  readonly id: string;
}

function ask({ remote, id }: AptRun, what: What, words: readonly string[]) {
  const onlyAsks = what.startsWith('simulate') || what === 'offers';
  return remote.script(INSTALL_SCRIPT, [what, id, ...words], {
    timeoutMs: onlyAsks ? SIMULATE_MS : SCRIPT_MS,
    sudo: !onlyAsks,
    maxOutputBytes: MOST_BYTES,
  });
}

const wantedWords = (packages: readonly InstalledPackage[]): readonly string[] =>
  packages.map(({ name, offered }) => `${name}=${offered ?? ''}`);

/** Asks apt what it would do. Rejects with `upgrade.apt_refuses` and `ssh.*`. */
export async function simulateInstall(run: AptRun, packages: readonly InstalledPackage[]): Promise<AptPlan> {
  const { stdout } = await ask(run, 'simulate', wantedWords(packages));
  return judgeAptPlan(whatAptWouldDo(run, stdout), packages);
}

function whatAptWouldDo(run: AptRun, stdout: string): readonly string[] {
  const lines = stdout.split('\n');
  if (lines.includes('end 0')) return lines;
  const why = lines.find((line) => line.startsWith('E:'))?.slice(2) ?? 'it did not answer.';
  throw appError('upgrade.apt_refuses', `apt on ${run.remote.name} would not do it: ${why.trim().slice(0, 300)}`, {
    target: run.remote.name,
    hint: 'Nothing was changed there. Look at apt on this server (apt-get check), then start the upgrade again.',
  });
}

/** What of packages beside the present ones is asked of apt: `add` puts versions in place (`name=version`), `take` purges names. */
export type BesideWork = 'add' | 'take';

/** Asks apt what it would do with packages beside the present ones; the lines it prints. Rejects with `upgrade.apt_refuses` and `ssh.*`. */
export async function simulateBeside(
  run: AptRun,
  work: BesideWork,
  words: readonly string[],
): Promise<readonly string[]> {
  const { stdout } = await ask(run, `simulate-${work}`, words);
  return whatAptWouldDo(run, stdout);
}

/** Starts apt on packages beside the present ones, once for an id. Rejects as `beginInstall`, and with `upgrade.packages_in_use`. */
export async function beginBeside(run: AptRun, work: BesideWork, words: readonly string[]): Promise<void> {
  refuseNotBegun(run, await ask(run, `begin-${work}`, words));
}

/**
 * Starts apt once; where it was begun before under this id, that one goes on. Rejects with `upgrade.policy`,
 * `upgrade.not_begun`, `ssh.*`.
 */
export async function beginInstall(run: AptRun, packages: readonly InstalledPackage[]): Promise<void> {
  refuseNotBegun(run, await ask(run, 'begin', wantedWords(packages)));
}

function refuseNotBegun(
  { remote: { name } }: AptRun,
  { exitCode, stderr }: Pick<RunResult, 'exitCode' | 'stderr'>,
): void {
  if (exitCode === 0 || exitCode === INSTALL_EXIT.begun) return;
  if (exitCode === INSTALL_EXIT.policy)
    throw appError(
      'upgrade.policy',
      `${name} has a /usr/sbin/policy-rc.d that lets packages restart services: what restarts when would not be known.`,
      { target: name, hint: 'Nothing was changed there. Move it away for the time of the upgrade.' },
    );
  const why = stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  if (exitCode === INSTALL_EXIT.inUse)
    throw appError('upgrade.packages_in_use', `The packages on ${name} are in use: ${why} Nothing was removed.`, {
      target: name,
      hint: 'Somebody works with this version there. Leave the packages, or remove them yourself later.',
    });
  if (exitCode === INSTALL_EXIT.mainCluster)
    throw appError(
      'upgrade.makes_cluster',
      `The packages on ${name} would make a cluster of their own, and cannot be kept from it. Nothing was installed.`,
      {
        target: name,
        hint: 'See whether /etc/postgresql-common/createcluster.conf includes /etc/postgresql-common/createcluster.d.',
      },
    );
  throw appError('upgrade.not_begun', `apt was not started on ${name}: ${why}`, {
    target: name,
    hint: 'Nothing was changed there. See whether there is room in /run, and whether systemd-run works.',
  });
}

/** How far apt is on a server, by what the server itself says. */
export interface AptStanding {
  /** `broken`: it was ended from outside. `none`: it was not begun under this id. */
  readonly kind: 'none' | 'running' | 'broken' | 'ended';
  readonly code: number | null;
  /** Versions by name, and those of them that are not configured. */
  readonly versions: ReadonlyMap<string, string>;
  readonly unconfigured: readonly string[];
  readonly lastLines: readonly string[];
}

/** Looks how far apt is. Rejects with `upgrade.not_read` and `ssh.*`. */
export async function lookAtInstall(run: AptRun, names: readonly string[]): Promise<AptStanding> {
  const { stdout } = await ask(run, 'look', names);
  const lines = stdout.split('\n');
  const found = /^(none|running|broken|ended)(?: (\d+))?$/.exec(lines[0] ?? '');
  if (found === null || !lines.includes('end'))
    throw appError('upgrade.not_read', `${run.remote.name} did not say how far apt is.`, {
      target: run.remote.name,
      retryable: true,
      hint: 'Read it again.',
    });
  const packages = lines.flatMap((line) => {
    const [, status, name, version] = /^package (\S+) +(\S+) (\S*)$/.exec(line) ?? [];
    return status === undefined || name === undefined || version === undefined ? [] : [{ status, name, version }];
  });
  return {
    kind: kindOf(found[1]),
    code: found[2] === undefined ? null : Number(found[2]),
    versions: new Map(packages.map(({ name, version }) => [name, version])),
    unconfigured: packages.filter(({ status }) => !/^.i/.test(status)).map(({ name }) => name),
    lastLines: lines.filter((line) => line.startsWith('out ')).map((line) => line.slice(4)),
  };
}

function kindOf(word: string | undefined): AptStanding['kind'] {
  return word === 'running' || word === 'broken' || word === 'ended' ? word : 'none';
}

/** Those of these packages whose installed version apt offers still; null where it could not be asked. */
export async function formerOffered(
  run: AptRun,
  packages: readonly InstalledPackage[],
): Promise<ReadonlySet<string> | null> {
  const names = packages.map(({ name }) => name);
  const answer = await ask(run, 'offers', names).catch(() => null);
  const lines = new Set(answer?.stdout.split('\n') ?? []);
  if (!lines.has('end')) return null;
  return new Set(
    packages.filter(({ name, installed }) => lines.has(`offer ${name} ${installed}`)).map(({ name }) => name),
  );
}

/** Removes what the script made on a server, and copies of files that were put back. Answers whether it could. Rejects with `ssh.*`. */
export async function endInstall(run: AptRun, files: readonly string[] = []): Promise<boolean> {
  const { exitCode } = await ask(run, 'end', files);
  return exitCode === 0;
}
