import type { ServerFacts, VipFacts } from '../../../../shared/model/deploy/facts';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { carriers, vipInterface } from '../../../../shared/rules/deploy/vip';
import type { Remote } from '../../ssh/remote';

/**
 * Sends one packet to the address: the kernel must find its hardware address first, by ARP or neighbour discovery, which
 * any machine with that address answers, whatever its firewall drops. An old entry is forgotten before. Needs only `ip` and bash.
 */
const script = `
command -v ip >/dev/null 2>&1 || { printf 'vip\\tunknown\\n'; exit 0; }
ip neigh del "$1" dev "$2" 2>/dev/null || true
for n in 1 2; do
  bash -c 'echo > "/dev/udp/$1/9"' bash "$1" 2>/dev/null || true
  for t in 1 2 3 4 5; do
    found=$(ip neigh show to "$1" dev "$2" 2>/dev/null | awk '{ for (i = 1; i < NF; i++) if ($i == "lladdr") print $(i + 1) }')
    [ -z "$found" ] || { printf 'vip\\tanswers\\t%s\\n' "$found"; exit 0; }
    sleep 0.2
  done
done
printf 'vip\\tsilent\\n'
`;

/** Asks from every server that may hold the virtual address whether somebody has it already. Two seconds, all at once. */
export async function askVip(
  spec: ClusterSpec,
  servers: Readonly<Record<string, ServerFacts>>,
  connectServer: (server: ClusterSpec['servers'][number]) => Remote,
): Promise<readonly VipFacts[]> {
  const { vip } = spec;
  if (vip === undefined || vip.address === '') return [];
  return Promise.all(
    carriers(spec).flatMap((server) => {
      const name = vipInterface(vip, server, servers[server.name]);
      return servers[server.name] === undefined || name === null
        ? []
        : [askFrom(server.name, vip.address, name, connectServer(server))];
    }),
  );
}

async function askFrom(from: string, address: string, networkInterface: string, remote: Remote): Promise<VipFacts> {
  const result = await remote.script(script, [address, networkInterface], { timeoutMs: 20_000, sudo: true });
  const [, verdict, hardware] = /^vip\t(silent|answers|unknown)(?:\t(\S+))?$/m.exec(result.stdout) ?? [];
  return {
    from,
    verdict: verdict === 'silent' || verdict === 'answers' ? verdict : 'unknown',
    hardware: hardware ?? null,
  };
}
