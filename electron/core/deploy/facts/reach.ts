import type { ReachFacts } from '../../../../shared/model/deploy/facts';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { serversWith } from '../../../../shared/rules/deploy/layout';
import { asksEtcdApart } from '../../../../shared/rules/deploy/monitoring';
import type { Remote } from '../../ssh/remote';

/** A way to try from one server. */
interface Target {
  readonly label: string;
  readonly host: string;
  readonly port: number;
}

/** What trying the ways from one server found. */
export interface ReachResult {
  readonly ways: readonly ReachFacts[];
  readonly repositories: readonly {
    readonly server: string;
    readonly host: string;
    readonly verdict: ReachFacts['verdict'];
  }[];
}

/** Each way is given this long, s; all are tried at once. A way that took longer is tried once more: a busy server is no firewall. */
const patienceSeconds = 2;
const secondPatienceSeconds = 4;

/** Tries one way after the other three words: its label, its host and its port. It prints `way LABEL VERDICT` for each. */
export const WAYS_SCRIPT = `
probe() {
  e=$(timeout "$1" bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$2" "$3" 2>&1); c=$?
  if [ $c = 0 ]; then v=open
  else case $e in *refused*) v=refused ;; *) v=blocked ;; esac
  fi
}
try() {
  probe ${patienceSeconds} "$2" "$3"
  if [ $c = 124 ]; then probe ${secondPatienceSeconds} "$2" "$3"; fi
  printf 'way\\t%s\\t%s\\n' "$1" $v
}
while [ $# -gt 2 ]; do try "$1" "$2" "$3" & shift 3; done
wait
`;

/** The ports each server must reach on the others: etcd's from its members and clients, PostgreSQL's and Patroni's, those of figures. */
function waysBetween(
  spec: ClusterSpec,
): readonly { readonly from: string; readonly to: string; readonly host: string; readonly port: number }[] {
  const ways = (
    fromRole: 'etcd' | 'postgres' | 'haproxy' | 'prometheus',
    toRole: 'etcd' | 'postgres',
    ports: readonly number[],
  ) =>
    serversWith(spec, fromRole).flatMap((from) =>
      serversWith(spec, toRole).flatMap((to) =>
        from.name === to.name ? [] : ports.map((port) => ({ from: from.name, to: to.name, host: to.address, port })),
      ),
    );
  const all = [
    ...ways('etcd', 'etcd', [spec.etcd.peerPort]),
    ...ways('postgres', 'etcd', [spec.etcd.clientPort]),
    ...ways('postgres', 'postgres', [spec.postgres.port, spec.patroni.restPort]),
    ...ways('haproxy', 'postgres', [spec.postgres.port, spec.patroni.restPort]),
    ...ways('prometheus', 'postgres', [spec.patroni.restPort, spec.prometheus.nodePort, spec.prometheus.postgresPort]),
    ...ways('prometheus', 'etcd', [asksEtcdApart(spec) ? spec.prometheus.etcdMetricsPort : spec.etcd.clientPort]),
  ];
  return all.filter(
    (way, index) =>
      all.findIndex((other) => other.from === way.from && other.to === way.to && other.port === way.port) === index,
  );
}

/** Tries all ways from one server, and its package hosts. Nothing is sent through them. */
export async function tryWays(
  spec: ClusterSpec,
  server: string,
  remote: Remote,
  packageHosts: readonly string[],
): Promise<ReachResult> {
  const ways = waysBetween(spec).filter((way) => way.from === server);
  const targets: Target[] = [
    ...ways.map((way) => ({ label: `${way.to} ${way.port}`, host: way.host, port: way.port })),
    ...packageHosts.flatMap((host) => packageTarget(host)),
  ];
  if (targets.length === 0) return { ways: [], repositories: [] };
  const args = targets.flatMap((target) => [target.label, target.host, String(target.port)]);
  const result = await remote.script(WAYS_SCRIPT, args, {
    timeoutMs: (patienceSeconds + secondPatienceSeconds + 20) * 1000,
  });
  const found = new Map(
    result.stdout
      .split('\n')
      .map((line) => line.split('\t'))
      .filter((line) => line[0] === 'way')
      .map((line) => [line[1] ?? '', verdict(line[2])] as const),
  );
  return {
    ways: ways.map((way) => ({
      from: server,
      to: way.to,
      port: way.port,
      verdict: found.get(`${way.to} ${way.port}`) ?? 'blocked',
    })),
    repositories: packageHosts.map((host) => ({ server, host, verdict: found.get(`packages ${host}`) ?? 'blocked' })),
  };
}

function packageTarget(host: string): Target[] {
  const match = /^(.+):(\d+)$/.exec(host);
  return match === null ? [] : [{ label: `packages ${host}`, host: match[1] ?? '', port: Number(match[2]) }];
}

function verdict(text: string | undefined): ReachFacts['verdict'] {
  return text === 'open' || text === 'refused' ? text : 'blocked';
}
