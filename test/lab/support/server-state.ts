import type { Lab, LabNode, NodeName } from './lab';

/**
 * What passes by itself on every server: locks and spare copies of the account tools, caches, logs, lists of apt and
 * dpkg, and the copies of these that Debian's daily timers keep.
 */
const passing = [
  '/etc/*-',
  '/etc/.pwd.lock',
  '/etc/ld.so.cache',
  '/etc/resolv.conf',
  '/var/lib/apt',
  '/var/lib/dpkg',
  '/var/cache',
  '/var/log',
  '/var/lib/systemd',
  '/var/backups',
  '/var/tmp',
  '/var/lib/ucf',
  '/var/lib/haproxy/dev',
  '/var/spool',
  '/root/.*',
];

/**
 * What a server consists of, one thing a line: packages with their state, users, groups, units with their state, every file of /etc with
 * owner, mode and content, every file elsewhere with owner and mode, and what lies in /tmp.
 */
async function serverState(node: LabNode): Promise<readonly string[]> {
  const prune = passing.map((path) => `-path '${path}'`).join(' -o ');
  const output = await node.console(
    `
dpkg-query -W -f 'package \${db:Status-Abbrev} \${Package} \${Version}\\n' | sort
getent passwd | sed 's/^/user /' | sort
getent group | sed 's/^/group /' | sort
systemctl list-unit-files --no-pager --no-legend | awk '{ print "unit", $1, $2 }' | sort
systemctl list-units --no-pager --no-legend --plain --type=service --state=running |
  awk '{ print "runs", $1 }' | grep -v -e 'user@' -e 'session' -e 'systemd-hostnamed' | sort
find /etc -xdev \\( ${prune} \\) -prune -o -type f -exec sha256sum {} + | awk '{ print "content", $2, $1 }' | sort
find /etc /usr/local /opt /root /home /srv /var -xdev \\( ${prune} \\) -prune -o -printf 'path %y %m %u:%g %p\\n' | sort -k5
find /tmp -mindepth 1 -maxdepth 1 ! -name 'systemd-private-*' ! -name '.*-unix' -printf 'left %p\\n' | sort
`,
    { timeoutMs: 120_000 },
  );
  return output.trimEnd().split('\n');
}

/** What each of these servers consists of, collected in parallel. */
export async function serverStates(
  lab: Lab,
  nodes: readonly NodeName[],
): Promise<ReadonlyMap<NodeName, readonly string[]>> {
  return new Map(await Promise.all(nodes.map(async (name) => [name, await serverState(lab.node(name))] as const)));
}

/** What differs between two states: lines of the first alone with -, lines of the second alone with +. */
export function differences(before: readonly string[], after: readonly string[]): readonly string[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}

/**
 * What a deployment of the scope made on a server: its files with owner, mode and content, its units with their states, its packages,
 * users and groups. The name of the run that began it is left out: it alone may differ between two runs.
 */
export async function deployedState(node: LabNode, scope: string): Promise<readonly string[]> {
  const output = await node.console(`
m=/etc/matriarch/manifest-${scope}.json
sed '/"clusterToken"/d' "$m" | sed 's/^/manifest /'
for f in $(grep -o '"path": "[^"]*"' "$m" | cut -d'"' -f4) /etc/matriarch /var/lib/matriarch/${scope}; do
  stat -c 'path %n %F %U:%G %a' -- "$f"; [ ! -f "$f" ] || sha256sum -- "$f" | sed 's/^/content /'
done
for u in $(grep -o '"unit": "[^"]*"' "$m" | cut -d'"' -f4); do
  echo "unit $u $(systemctl is-enabled "$u" 2>/dev/null) $(systemctl is-active "$u")"
done
for w in packages users groups; do sed "s/^/made $w /" /var/lib/matriarch/${scope}/$w.made 2>/dev/null || true; done
ls -A /var/lib/matriarch/${scope} | grep -v '^unpacking' | sed 's/^/kept /'
find /etc /var/lib/matriarch \\( -name '*.matriarch-*' -o -name '*.new' \\) | sed 's/^/beside /' | sort
find /tmp -mindepth 1 -maxdepth 1 ! -name 'systemd-private-*' ! -name '.*-unix' -printf 'left %p\\n' | sort
`);
  return output.trimEnd().split('\n');
}
