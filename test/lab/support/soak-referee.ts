import { z } from 'zod';
import type { SoakSample, SoakServer } from '../../support/soak/soak-sample';
import type { ReferenceCluster } from './cluster-file';
import { toNodeName, type Lab, type NodeName } from './lab';

/** How often the servers are asked, ms. */
const EVERY_MS = 1_000;
/** Longest wait for the answers of one server, ms; each question on it ends after two seconds. */
const PATIENCE_MS = 6_000;

const OFF: SoakServer = {
  on: false,
  postgres: 'silent',
  timeline: null,
  streaming: {},
  patroni: null,
  etcd: 'silent',
  holder: null,
  switching: false,
};

/** Asks PostgreSQL, Patroni and etcd of a server by its own psql, curl and etcdctl, on its console, all at once. */
function questions({ namespace, scope, port, rest }: ReferenceCluster, ip: string): string {
  const sql = `select case when pg_is_in_recovery() then 'replica' else 'primary' end,
coalesce(case when pg_is_in_recovery() then (select received_tli from pg_stat_wal_receiver where status = 'streaming')
  else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end::text, ''),
(select coalesce(json_object_agg(application_name, pg_wal_lsn_diff(
  case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, coalesce(replay_lsn, sent_lsn)
)), '{}') from pg_stat_replication where state = 'streaming')`.replaceAll('\n', ' ');
  const etcd = `ETCDCTL_API=3 timeout 2 etcdctl --endpoints http://${ip}:2379 --dial-timeout=1s --command-timeout=1500ms`;
  const prefix = `${namespace}${scope}`;
  return `d=$(mktemp -d); cd "$d"
(timeout 2 runuser -u postgres -- env PGCONNECT_TIMEOUT=2 psql -XAt -h /var/run/postgresql -p ${port} -c "${sql}" > pg 2>/dev/null) &
(curl -s -m 2 ${rest.scheme}://${ip}:${rest.port}/patroni > rest 2>/dev/null) &
(${etcd} get -w json '${prefix}/failover' '${prefix}/leader0' > etcd 2>/dev/null ||
  ${etcd} get --consistency=s x >/dev/null 2>&1 && touch answers) &
wait
printf 'pg %s\\nrest %s\\netcd %s\\n' "$(cat pg)" "$(cat rest)" "$(cat etcd)"
[ ! -e answers ] || echo answers
cd /; rm -rf "$d"`;
}

const restSchema = z.object({ state: z.string(), timeline: z.number().nullish() });
const keysSchema = z.object({ kvs: z.array(z.object({ key: z.string(), value: z.string() })).default([]) });
const streamingSchema = z.record(z.string(), z.coerce.number());

/** Asks all servers each second and writes down what they say. It knows nothing of the app. */
export class SoakReferee {
  readonly samples: SoakSample[] = [];
  readonly #lab: Lab;
  readonly #cluster: ReferenceCluster;
  readonly #nodes: readonly NodeName[];
  #isOver = false;
  #done: Promise<void> = Promise.resolve();

  constructor(lab: Lab, cluster: ReferenceCluster) {
    this.#lab = lab;
    this.#cluster = cluster;
    this.#nodes = cluster.members.map(({ name }) => toNodeName(name));
  }

  start(): void {
    this.#done = this.#ask();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #ask(): Promise<void> {
    while (!this.#isOver) {
      const at = Date.now();
      const servers = await Promise.all(this.#nodes.map(async (name) => [name, await this.#server(name)] as const));
      this.samples.push({ at, servers: Object.fromEntries(servers) });
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, EVERY_MS - (Date.now() - at))));
    }
  }

  async #server(name: NodeName): Promise<SoakServer | null> {
    const node = this.#lab.node(name);
    try {
      const said = await node.console(questions(this.#cluster, node.ip), { timeoutMs: PATIENCE_MS });
      return readServer(said, `${this.#cluster.namespace}${this.#cluster.scope}`);
    } catch (thrown) {
      // A server that shuts down or boots has no console.
      return String(thrown).includes('did not end within') ? null : OFF;
    }
  }
}

/** Reads what a server said; `prefix` is where the cluster's keys are. */
function readServer(said: string, prefix: string): SoakServer {
  const after = (word: string): string =>
    said
      .split('\n')
      .find((line) => line.startsWith(`${word} `))
      ?.slice(word.length + 1) ?? '';
  const [role = '', timeline = '', ...streaming] = after('pg').split('|');
  const postgres = role === 'primary' || role === 'replica' ? role : 'silent';
  const keys = readKeys(after('etcd'));
  return {
    on: true,
    postgres,
    timeline: timeline === '' ? null : Number(timeline),
    streaming: postgres === 'primary' ? streamingSchema.parse(JSON.parse(streaming.join('|'))) : {},
    patroni: readPatroni(after('rest')),
    etcd: etcdOf(keys !== null, said),
    holder: keys === null ? null : (keys.get(`${prefix}/leader`) ?? ''),
    switching: keys?.has(`${prefix}/failover`) === true,
  };
}

function etcdOf(hasRead: boolean, said: string): SoakServer['etcd'] {
  if (hasRead) return 'quorum';
  return /^answers$/m.test(said) ? 'alone' : 'silent';
}

function readPatroni(text: string): SoakServer['patroni'] {
  if (text.trim() === '') return null;
  const { state, timeline } = restSchema.parse(JSON.parse(text));
  return { state, timeline: timeline ?? null };
}

function readKeys(text: string): ReadonlyMap<string, string> | null {
  if (text.trim() === '') return null;
  const plain = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
  return new Map(keysSchema.parse(JSON.parse(text)).kvs.map(({ key, value }) => [plain(key), plain(value)]));
}
