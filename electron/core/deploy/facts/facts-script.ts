import { quoteWord } from '../../ssh/run/quote';

/** What the script is asked to look at beside what it always looks at. */
export interface FactsQuestion {
  readonly scope: string;
  readonly packages: readonly string[];
  readonly units: readonly string[];
  readonly paths: readonly string[];
  /** Paths whose content is read: configuration files, never data. */
  readonly contents: readonly string[];
  /** Whether apt is asked which repositories it is set to. */
  readonly sources: boolean;
  /** Whether apt is asked what it would install also where the scope's manifest says that all was installed once. */
  readonly offers: 'always' | 'unless_set_up';
}

/**
 * One POSIX shell script that looks at a server and changes nothing. It needs only what a minimal Debian has:
 * no Python, no curl. Every fact is one line with its fields apart by tabs. Starting processes is most of what it costs, so that
 * each is asked for all at once; apt, the other commands and the files are asked side by side.
 */
export function factsScript(question: FactsQuestion): string {
  const { scope, packages, units, paths, contents, sources, offers } = question;
  return [
    `set -- ${paths.map(quoteWord).join(' ')}`,
    `SCOPE=${quoteWord(scope)}`,
    `PKGS=${quoteWord(packages.join(' '))}`,
    `UNITS=${quoteWord(units.join(' '))}`,
    `CONTENTS=${quoteWord(contents.join('\n'))}`,
    `SOURCES=${sources ? 'yes' : 'no'}`,
    `OFFERS=${offers}`,
    `FILES=${quoteWord(filesProgram)}`,
    `PRINTED=${quoteWord(printedProgram)}`,
    `OFFERED=${quoteWord(offeredProgram)}`,
    `STAMPS=${quoteWord(stampsProgram)}`,
    body,
  ].join('\n');
}

/**
 * What the server's own files say, in one process: perl is in perl-base, which every Debian has. Its arguments are the files whose
 * content is wanted, one a line, the scope, and the paths. A name that nobody has is UNKNOWN, as stat(1) says it.
 */
const filesProgram = String.raw`
use strict;
sub fact { print join("\t", @_), "\n" }
sub slurp { open(my $in, "<", $_[0]) or return undef; local $/; my $text = readline $in; defined $text ? $text : "" }
sub base64 {
  my $code = pack "u", $_[0];
  $code =~ s/^.//mg;
  $code =~ tr/\n//d;
  $code =~ tr#\x60 -_#AA-Za-z0-9+/#;
  my $pad = (3 - length($_[0]) % 3) % 3;
  substr($code, -$pad) = "=" x $pad if $pad;
  $code
}
sub word { my $text = slurp($_[0]); defined $text && $text =~ /(\S+)/ ? $1 : "" }
sub is_empty { opendir(my $in, $_[0]) or return 1; !grep { !/^\.\.?$/ } readdir $in }
my ($contents, $scope, @paths) = @ARGV;
my $state = "/var/lib/matriarch/$scope";

fact("root", $>);
fact("cpus", scalar grep { /^processor/ } split /\n/, slurp("/proc/cpuinfo"));
fact("memory", slurp("/proc/meminfo") =~ /^MemTotal:\s+(\d+)/m);
while (my ($name) = getpwent) { fact("user", $name) }
while (my ($name) = getgrent) { fact("group", $name) }
for my $path (@paths) {
  my @is = lstat $path or next;
  my $kind = -l _ ? "other" : -d _ ? "directory" : -f _ ? "regular file" : "other";
  my @names = map { defined $_ ? $_ : "UNKNOWN" } scalar getpwuid($is[4]), scalar getgrgid($is[5]);
  my $empty = $kind eq "directory" && is_empty($path) ? "empty" : "";
  fact("path", $path, $kind, @names, sprintf("%o", $is[2] & 07777), $empty);
}
for my $path (split /\n/, $contents) {
  next unless -f $path && -s _ < 262144;
  my $text = slurp($path);
  fact("content", $path, base64($text)) if defined $text;
}
my $manifest = slurp("/etc/matriarch/manifest-$scope.json");
fact("manifest", base64($manifest)) if defined $manifest;
for my $what ("packages", "users", "groups") {
  my $made = slurp("$state/$what.made");
  fact("made", $what, $_) for defined $made ? $made =~ /^\s*(\S+)/mg : ();
}
my $boot = word("/proc/sys/kernel/random/boot_id");
my $unpacking = grep { word($_) ne $boot } glob "$state/unpacking.*";
fact("pending", "yes") if -d "$state/before" || $unpacking;

LOCKS: for my $lock ("/var/lib/dpkg/lock-frontend", "/var/lib/apt/lists/lock") {
  my $inode = (stat $lock)[1] or next;
  for (split /\n/, slurp("/proc/locks") || "") {
    my @held = split " ";
    next unless @held > 5 && $held[1] eq "POSIX" && $held[5] =~ /:$inode$/;
    fact("aptlock", (word("/proc/$held[4]/comm") || "process") . " ($held[4])");
    last LOCKS;
  }
}
my @lists = glob "/var/lib/apt/lists/*Packages*";
fact("lists", time - (stat "/var/lib/apt/lists")[9]) if @lists;
my %hosts;
for my $file (glob "/etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources") {
  for (grep { !/^[ \t]*#/ } split /\n/, slurp($file) || "") {
    while (m{(?:^|\s)http(s?)://([^/\s]*)}g) {
      my $host = $2 =~ /:\d+$/ ? $2 : "$2:" . ($1 ? 443 : 80);
      fact("apthost", $host) unless $hosts{$host}++;
    }
  }
}
for my $file (glob "/var/lib/postgresql/*/*/PG_VERSION /var/lib/pgsql/*/data/PG_VERSION") {
  my $directory = $file =~ s{/PG_VERSION$}{}r;
  my $pid = word("$directory/postmaster.pid");
  fact("pgdata", $directory, word($file), $pid =~ /^\d+$/ && -d "/proc/$pid" ? "running" : "stopped");
}
for (grep { -d "$_/member" } "/var/lib/etcd", glob "/var/lib/etcd/*") { fact("etcddata", $_) }
my $apparmor = word("/sys/module/apparmor/parameters/enabled");
fact("apparmor", $apparmor) if $apparmor ne "";
fact("watchdog", "yes") if -e "/dev/watchdog";
`;

/** Makes facts of what commands print; a line that begins with a tab names the next command. */
const printedProgram = String.raw`
function tell_unit() { if (id != "") print "unit\t" id "\t" load "\t" file "\t" active; id = load = file = active = "" }
/^\t/ { part = $1; next }
part == "hostaddr" && !seen[$1]++ { print "hostaddr\t" $1 }
part == "addr" { split($4, a, "/"); sub(/@.*/, "", $2); print "addr\t" a[1] "\t" $2 "\t" a[2] }
part == "disk" && $1 ~ /^\// { print "disk\t" $1 "\t" $2 "\t" $3 "\t" $4 }
part == "port" { print "port\t" $4 "\t" $6 }
part == "pkg" && $1 == "ii" { if ($2 == "dpkg") print "arch\t" $4; else print "pkg\t" $2 "\t" $3 }
part == "unit" && sub(/^Id=/, "") { tell_unit(); id = $0 }
part == "unit" && sub(/^LoadState=/, "") { load = $0 }
part == "unit" && sub(/^UnitFileState=/, "") { file = $0 }
part == "unit" && sub(/^ActiveState=/, "") { active = $0 }
part == "locale" { print "locale\t" $1 }
END { tell_unit() }
`;

/** Makes facts of what apt says of packages. */
const offeredProgram = String.raw`
/^[^ ]/ { sub(/:$/, ""); name = $0 }
/^  Candidate:/ { print "candidate\t" name "\t" ($2 == "(none)" ? "" : $2) }
`;

/**
 * Judges all stamps by one run of sha256sum, which says of each of their lines in turn whether the file is still so. Where it passed
 * over a line, it is not known which, and none is fresh.
 */
const stampsProgram = String.raw`
from == "said" { said[++answers] = $0; next }
{ if (said[++line] ~ /: OK$/) right[FILENAME]++; lines[FILENAME]++ }
END {
  for (i = 1; i < ARGC; i++) if (sub(/\.sha256$/, "", ARGV[i])) {
    stamp = ARGV[i] ".sha256"; name = ARGV[i]; sub(/.*\//, "", name)
    print "stamp\t" name "\t" (line == answers && lines[stamp] && lines[stamp] == right[stamp] ? "fresh" : "stale")
  }
}
`;

const body = String.raw`
LC_ALL=C; export LC_ALL
T=$(printf '\t')
say() { printf '%s' "$1"; shift; for a; do printf '\t%s' "$a"; done; printf '\n'; }
printed() {
  say '' hostaddr; getent ahosts "$H"
  say '' addr; ip -o addr show
  say '' disk; df -k --output=file,source,size,avail $disks
  say '' port; ss -H -ltnp
  say '' pkg; dpkg-query -W -f '\${db:Status-Abbrev} \${Package} \${Version} \${Architecture}\n' dpkg $PKGS
  say '' unit; [ -z "$UNITS" ] || systemctl show -p Id,LoadState,UnitFileState,ActiveState $UNITS
  say '' locale; locale -a
}
offered() {
  [ $OFFERS = always ] || [ ! -f "/etc/matriarch/manifest-$SCOPE.json" ] || return 0
  [ -z "$PKGS" ] || apt-cache policy $PKGS
}
stamps() { [ ! -f "$1" ] || sha256sum -c "$@" 2>/dev/null | awk "$STAMPS" from=said - from=stamp "$@"; }

say clock "$(date +%s%N)"
read -r H < /proc/sys/kernel/hostname; say host "$H"
( . /etc/os-release 2>/dev/null; say os "$ID" "$VERSION_ID" "$VERSION_CODENAME" "$PRETTY_NAME" )
command -v dpkg >/dev/null 2>&1 || say arch "$(uname -m)"
[ -d /run/systemd/system ] && say systemd yes || say systemd no
disks=
for d in / /var/lib /var/lib/postgresql /var/lib/etcd /var/cache/apt; do [ ! -d "$d" ] || disks="$disks $d"; done
offered 2>/dev/null </dev/null | {
  printed 2>/dev/null </dev/null | { perl -e "$FILES" "$CONTENTS" "$SCOPE" "$@" 2>/dev/null </dev/null; awk "$PRINTED"; }
  awk "$OFFERED"
}
stamps /var/lib/matriarch/"$SCOPE"/*.sha256
[ -z "$(dpkg --audit 2>/dev/null)" ] || say dpkg interrupted
for u in /var/lib/dpkg/updates/*; do [ ! -e "$u" ] || { say dpkg interrupted; break; }; done
[ $SOURCES = no ] || apt-get indextargets --format "aptsource$T"'$(REPO_URI)'"$T"'$(RELEASE)'"$T"'$(SOURCESENTRY)' 2>/dev/null | sort -u
command -v getenforce >/dev/null 2>&1 && say selinux "$(getenforce)"
[ -e /run/systemd/container ] || systemd-detect-virt -q -c 2>/dev/null || { modprobe -n -q softdog 2>/dev/null && say softdog yes; }
say end 'of facts'
`.replaceAll('\\$', '$');
