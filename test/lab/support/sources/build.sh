# Runs on a server that has the cluster's packages. Makes, below /root/made, what a mirror, a release page and an index of pip would hold:
# pool/*.deb with changed versions, Packages of two suites, an archive of etcd in its makers' layout, wheels of Patroni and all it needs.
set -eu
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
M=/root/made; rm -rf "$M"; mkdir -p "$M/pool" "$M/work" "$M/wheels"; cd "$M/work"
apt-get update -q >/dev/null
apt-get download -q patroni pgbouncer etcd-server etcd-client >/dev/null

again() {
  dpkg-deb -R "$1"_*.deb "$1"; sed -i 's/^Version: .*/&+mirror1/' "$1/DEBIAN/control"
  dpkg-deb -b "$1" "$M/pool/$1.deb" >/dev/null
}
again patroni; again pgbouncer
mkdir -p next/DEBIAN
printf '%s\n' 'Package: postgresql-99' 'Version: 99.1' 'Architecture: all' 'Maintainer: lab <lab@localhost>' \
  'Description: a version that no release has' > next/DEBIAN/control
dpkg-deb -b next "$M/pool/postgresql-99.deb" >/dev/null

stanza() {
  dpkg-deb -f "$M/pool/$1"
  printf 'Filename: pool/%s\nSize: %s\nSHA256: %s\n\n' "$1" "$(stat -c %s "$M/pool/$1")" "$(sha256sum < "$M/pool/$1" | cut -d' ' -f1)"
}
suite() {
  d="$M/dists/$1/main/binary-$(dpkg --print-architecture)"; shift; mkdir -p "$d"
  for p; do stanza "$p"; done > "$d/Packages"
}
. /etc/os-release
suite "$VERSION_CODENAME-mirror" patroni.deb pgbouncer.deb
suite "$VERSION_CODENAME-next" postgresql-99.deb
for s in "$M"/dists/*; do
  n=$(basename "$s"); p="main/binary-$(dpkg --print-architecture)/Packages"
  printf '%s\n' 'Origin: lab' 'Label: lab' "Suite: $n" "Codename: $n" "Date: $(date -Ru)" \
    "Architectures: $(dpkg --print-architecture)" 'Components: main' 'SHA256:' \
    " $(sha256sum < "$s/$p" | cut -d' ' -f1) $(stat -c %s "$s/$p") $p" > "$s/Release"
done

dpkg-deb -x etcd-server_*.deb etcd; dpkg-deb -x etcd-client_*.deb etcd
v=$(dpkg-deb -f etcd-server_*.deb Version | sed 's/^[0-9]*://; s/[-+~].*//'); t="etcd-v$v-linux-$(dpkg --print-architecture)"
mkdir "$t"; find etcd/usr/bin -type f -name 'etcd*' -exec cp -t "$t" -- {} +; echo 'A release.' > "$t/README.md"
tar -czf "$M/$t.tar.gz" "$t"; sha256sum < "$M/$t.tar.gz" | cut -d' ' -f1 > "$M/archive.sha256"; echo "$t.tar.gz" > "$M/archive.name"

apt-get install -y -q --no-install-recommends python3-psycopg python3-six python3-typing-extensions python3-venv >/dev/null
cd "$M"; python3 "$1" "$M/wheels"
mkdir simple
for w in wheels/*.whl; do
  n=$(basename "$w" | cut -d- -f1 | tr '[:upper:]_.' '[:lower:]--'); mkdir -p "simple/$n"
  printf '<a href="../../%s">%s</a>\n' "$w" "$(basename "$w")" >> "simple/$n/index.html"
done
rm -rf "$M/work"
tar -C "$M" -cf /root/made.tar .
