# Settings and helpers of one lab, sourced by every script. A lab is known by LAB_NAME; every name on the host comes from it,
# so that labs with different LAB_NAME and LAB_NET run side by side.
SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export LC_ALL=C.UTF-8
LAB_NAME=${LAB_NAME:-matriarch}
LAB_ROOT=${LAB_ROOT:-/var/lib/matriarch-lab}            # shared by all labs: base systems and prepared images
LAB_DIR=${LAB_DIR:-$LAB_ROOT/$LAB_NAME}                 # this lab: disks, keys, cluster.json
LAB_NET=${LAB_NET:-10.77.0}                             # first three numbers of the lab's network
LAB_NAT=${LAB_NAT:-yes}                                 # no: servers reach nothing outside, SSH from this host is their only route
RUN_DIR=/run/matriarch-lab                              # what must not outlive a reboot of the host
LAB_PASSWORD=lab-dba-password                           # of the user dba; for this lab only
LAB_PASSPHRASE=lab-key-passphrase                       # of the encrypted copy of the key
GW=$LAB_NET.1
KEY=$LAB_DIR/id_ed25519
die()     { echo "lab: $*" >&2; exit 1; }
[[ $LAB_NAME =~ ^[a-z][a-z0-9-]{0,30}$ ]] || die "LAB_NAME '$LAB_NAME' must be a lower-case letter followed by letters, digits or dashes."
[[ $LAB_NET =~ ^10\.77\.[0-9]{1,3}$ ]] || die "LAB_NET '$LAB_NET' must be 10.77.N: the lab uses no other network."
[ "$(id -u)" = 0 ] || die "the lab makes namespaces, bridges and disks: run it as root."

# Interface names hold 15 characters: four of the name for the eye, four of its hash to keep labs apart.
TAG=$(printf '%s' "$LAB_NAME" | tr -d - | cut -c1-4)$(printf '%s' "$LAB_NAME" | sha256sum | cut -c1-4)
BR=br-$TAG
TABLE=matriarch_$TAG                                    # nft tables: ip and bridge
veth_of() { echo "vb-$TAG$1"; }                         # the name systemd-nspawn gives to the host's end
ip_of()   { case $1 in j1) echo "$LAB_NET.10" ;; *) echo "$LAB_NET.$((10 + ${1#n}))" ;; esac; }

# The cgroup2 hierarchy of the host: all of /sys/fs/cgroup, or only /sys/fs/cgroup/unified beside the old controllers.
CG_MOUNT=/sys/fs/cgroup; [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] || CG_MOUNT=/sys/fs/cgroup/unified
CG=$CG_MOUNT/matriarch-lab/$LAB_NAME

check_nodes() {
  local n
  for n; do [[ $n =~ ^(j1|n([1-9]|1[0-2]))$ ]] || die "'$n' is no node of a lab: n1 to n12, and j1, the jump host."; done
}
all_nodes(){ ls "$LAB_DIR/nodes" 2>/dev/null | sort -V; }
running_nodes() { local n; for n in $(all_nodes); do running "$n" && echo "$n"; done; }
sup_pid() {
  local p
  p=$(cat "$LAB_DIR/nodes/$1/sup.pid" 2>/dev/null) && [ -n "$p" ] &&
    grep -qsz "^$LAB_NAME/$1\$" "/proc/$p/cmdline" && echo "$p"
}
nspawn_pid() {
  local p
  p=$(cat "$LAB_DIR/nodes/$1/nspawn.pid" 2>/dev/null) && [ -n "$p" ] &&
    [ "$(cat "/proc/$p/comm" 2>/dev/null)" = systemd-nspawn ] && echo "$p"
}
init_pid(){ local p; p=$(nspawn_pid "$1") || return 1; tr ' ' '\n' <"/proc/$p/task/$p/children" | grep -m1 .; }
running() { sup_pid "$1" >/dev/null; }
suite_of(){ cat "$LAB_DIR/nodes/$1/suite"; }
pg_version_of_suite() { case $1 in bookworm) echo 15 ;; trixie) echo 17 ;; *) die "SUITE '$1' is not known: bookworm or trixie." ;; esac; }
cg_remove(){ local d=$CG/$1; [ -d "$d" ] || return 0; find "$d" -depth -type d -exec rmdir {} + 2>/dev/null; [ ! -d "$d" ]; }
now()     { date +%s.%N; }
since()   { awk -v a="$(now)" -v b="$1" 'BEGIN{printf "%.1f", a-b}'; }
ssh_up() {
  ssh -i "$KEY" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
    -o ConnectTimeout=1 "root@$1" true 2>/dev/null
}

# Runs a command inside a node without the network, as a console would: works on a partitioned node and with a hung sshd.
console() {
  local n=$1 p; shift
  p=$(init_pid "$n") || die "$n is not running."
  ( echo $BASHPID > "$CG/$n/cgroup.procs" 2>/dev/null || true   # so that a power cut takes it along
    exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb \
      nsenter -t "$p" -m -u -i -n -p -r -w "$@" )
}
# One writer at a time for what labs share: `locked NAME command...`
locked() {
  local f=$RUN_DIR/$1.lock; shift
  mkdir -p $RUN_DIR
  ( flock -w 900 9 || die "another lab holds $f for 15 minutes."; "$@" ) 9>"$f"
}
# Installs on this host what the lab stands on; package lists are fetched only if apt does not know a name.
need_packages() {
  local p need=()
  for p; do dpkg -s "$p" 2>/dev/null | grep -q '^Status: install ok' || need+=("$p"); done
  [ ${#need[@]} -gt 0 ] || return 0
  echo "installing on this host: ${need[*]}"
  apt_install "${need[@]}" && return
  apt-get -o DPkg::Lock::Timeout=300 update -q >/dev/null && apt_install "${need[@]}" || die "apt could not install ${need[*]}."
}
apt_install() { DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "$@" >/dev/null; }
