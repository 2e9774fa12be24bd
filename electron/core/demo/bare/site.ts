import { z } from 'zod';
import { scramVerifier } from '../../deploy/facts/scram';
import { bootstrapMember } from '../model/bootstrap';
import { setEtcd, startPatroni, stopPatroni } from '../model/faults';
import { watchDcs } from '../model/ha';
import { SimDcs } from '../model/dcs';
import { Sim } from '../model/sim';
import type { MemberState } from '../model/types';
import { Driver } from '../network/driver';
import { catalogue } from './catalogue';
import type { Machine } from './machine';
import { etcdOn, patroniOn, type MachinePatroni } from './settings-of';
import { SqlCatalogue } from './sql-catalogue';

/** How time passes for what is set up. */
export interface SiteTime {
  readonly now: () => number;
  readonly timeScale: number;
}

/** Why a service does not start, as its log says it. */
type Refusal = string | null;

const manifestSchema = z.object({ scope: z.string(), server: z.string() });

/** A simulated server with what is on it, and the cluster that was set up on it, if one was. */
export interface BareServer {
  readonly machine: Machine;
  readonly driver: Driver;
  readonly member: MemberState;
  readonly site: Site | null;
}

/** The servers on which one cluster is set up, and what it is. */
export class Site {
  readonly driver: Driver;
  readonly sql = new SqlCatalogue();
  readonly #members: MemberState[] = [];
  readonly #etcdHosts: MemberState[] = [];
  readonly #hosts = new Set<BareServer>();
  #etcdNames: readonly string[] = [];
  #isDescribed = false;

  constructor(
    readonly scope: string,
    time: SiteTime,
  ) {
    const sim = emptySim(scope, this.#members, this.#etcdHosts, time);
    watchDcs(sim);
    this.driver = new Driver(sim, time.now);
  }

  get size(): number {
    return this.#members.length;
  }

  add(host: BareServer): void {
    this.#members.push(host.member);
    this.#hosts.add(host);
    this.#settleEtcd();
  }

  lose(host: BareServer): void {
    this.#hosts.delete(host);
    const index = this.#members.indexOf(host.member);
    if (index >= 0) this.#members.splice(index, 1);
    if (this.#members.length === 0) this.driver.close();
  }

  /** etcd starts on a server by its settings there. */
  startEtcd({ machine, member }: BareServer): Refusal {
    const settings = etcdOn(machine);
    if (settings === null) return 'etcd: no settings in /etc/default/etcd';
    if (settings.missing.length > 0) return `open ${settings.missing.join(', ')}: no such file or directory`;
    machine.makeDirectory(`${settings.dataDirectory}/member`, 'etcd', 'etcd', 0o700);
    this.#etcdNames = settings.members;
    this.#describe({
      tls: settings.tls !== null,
      ports: { etcd: settings.clientPort, etcdPeer: settings.peerPort },
    });
    setEtcd(this.driver.sim, member, false);
    this.#settleEtcd();
    return null;
  }

  /** Patroni starts on a server by its configuration there. */
  startPatroni({ machine, member }: BareServer): Refusal {
    if (member.agent) return null;
    const settings = patroniOn(machine);
    if (settings === null) return 'patroni: /etc/patroni/config.yml cannot be read';
    if (settings.missing.length > 0) return `patroni: ${settings.missing.join(', ')}: no such file or directory`;
    const { sim } = this.driver;
    if (!this.#isDescribed) {
      this.#isDescribed = true;
      this.#describe({
        scope: settings.scope,
        namespace: settings.namespace,
        tls: settings.tls !== null,
        ports: { ...sim.spec.ports, rest: settings.restPort, postgres: settings.postgresPort },
      });
    }
    member.tags = settings.tags;
    if (machine.paths.has(`${settings.dataDirectory}/PG_VERSION`)) startPatroni(sim, member);
    else {
      const made = rolesOf(settings);
      bootstrapMember(sim, member, settings.dcs, () => void made.then((add) => add(this.sql)));
    }
    const owned = { owner: 'postgres', group: 'postgres', mode: 0o600 };
    machine.putFile(`${settings.dataDirectory}/PG_VERSION`, { ...owned, content: '17\n' });
    return null;
  }

  stopPatroni({ member }: BareServer): void {
    stopPatroni(this.driver.sim, member);
  }

  stopEtcd({ member }: BareServer): void {
    setEtcd(this.driver.sim, member, true);
  }

  #describe(change: Partial<Sim['spec']>): void {
    const { sim } = this.driver;
    sim.describe({ ...sim.spec, ...change });
  }

  /** Members of etcd count from the start, also those that are not there yet: a majority is one of all. */
  #settleEtcd(): void {
    const { dcs, now } = this.driver.sim;
    const before = dcs.quorum();
    for (const member of this.#members) member.hasEtcd = this.#etcdNames.includes(member.name);
    this.#etcdHosts.splice(0, Infinity, ...this.#members.filter((member) => member.hasEtcd));
    dcs.size = this.#etcdNames.length;
    if (dcs.quorum() !== before) dcs.quorumChanged(now);
  }
}

/** A cluster of which nothing runs yet. */
export function emptySim(
  scope: string,
  members: readonly MemberState[],
  etcdHosts: readonly MemberState[],
  { now, timeScale }: SiteTime,
): Sim {
  const startAt = now();
  const version = (catalogue.patroni?.version ?? '').replace(/-.*$/, '');
  return new Sim({
    spec: { scope, members: members.length, version, writes: 2_000 },
    members,
    dcs: new SimDcs(etcdHosts),
    seed: startAt % 100_000,
    timeScale,
    startAt,
    systemIdentifier: String(7_500_000_000_000_000_000n + BigInt(startAt)),
  });
}

/** What Patroni makes when it has made the cluster (patroni/postgresql/bootstrap.py, post_bootstrap). */
async function rolesOf({ roles }: MachinePatroni): Promise<(sql: SqlCatalogue) => void> {
  const verifiers = await Promise.all(
    [roles.superuser, roles.replication, roles.rewind].map((role) => scramVerifier(role.password)),
  );
  const [superuser = '', replication = '', rewind = ''] = verifiers;
  return (sql) => {
    const all = ['login', 'createdb', 'createrole', 'superuser', 'replication', 'rewind'];
    sql.addRole(roles.superuser.name, superuser, all);
    sql.addRole(roles.replication.name, replication, ['login', 'replication']);
    sql.addRole(roles.rewind.name, rewind, ['login', 'rewind']);
  };
}

/** The cluster that a manifest of a deployment names, and the server's name in it; null for a text that is none. */
export function clusterOfManifest(text: string): { readonly scope: string; readonly server: string } | null {
  try {
    return manifestSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
