import { issueInWords } from '../../words/form-issue';
import type { PasswordName } from '../../../model/deploy/secret-name';
import type { z } from 'zod';
import { appError, type AppError } from '../../../model/app-error';
import { printHostPort, readHostPort } from '../../../model/connect/host-port';
import type { AdoptedCluster, FoundService } from '../../../model/deploy/day2';
import { serviceNameSchema, type ServiceName, type ServiceStatus } from '../../../model/operate/service';
import { clusterSpecSchema } from '../../../model/deploy/spec/cluster-spec';
import { bracketPatroniAddress, etcdHostsOfPatroni, portOfPatroniAddress } from '../../configure/patroni-addresses';
import { serviceWords } from '../../operate/service-rules';

type Section = Readonly<Record<string, unknown>>;

/** One member of a cluster set up by others: the server that leads to it and its Patroni configuration. */
export interface FoundMember {
  readonly name: string;
  readonly serverId: string;
  readonly config: Section;
  /** The services that are installed on its server; null where they could not be read. */
  readonly services: readonly ServiceStatus[] | null;
}

/** A cluster as the inventory and its servers tell it. `dynamic` is the dynamic configuration. */
export interface FoundCluster {
  readonly id: string;
  readonly scope: string;
  readonly namespace: string;
  /** The group of a Citus cluster; null for every other cluster. */
  readonly citusGroup: number | null;
  readonly title: string;
  readonly members: readonly FoundMember[];
  /** Members that no server leads to. */
  readonly unreached: readonly string[];
  readonly dynamic: Section;
}

/** Describes a cluster set up by others as a spec, so that a check against it shows nothing while nobody changes it. */
export function adoptSpec(found: FoundCluster): AdoptedCluster {
  const first = found.members[0];
  if (first === undefined)
    throw appError('deploy.nothing_to_adopt', 'No server of this cluster can be asked for its Patroni configuration.', {
      target: found.title,
      hint: "Connect the members' servers over SSH first.",
    });
  const { config } = first;
  const postgres = section(config['postgresql']);
  const accounts = section(postgres['authentication']);
  const user = (name: string, fallback: string): string => text(section(accounts[name])['username']) ?? fallback;
  const listen = portOf(text(postgres['connect_address']) ?? text(postgres['listen']), 5432);
  const bin =
    /\/(\d+)\/bin\/?$/.exec(text(postgres['bin_dir']) ?? '')?.[1] ??
    /\/(\d{2})\//.exec(text(postgres['data_dir']) ?? '')?.[1];
  const dynamic = section(found.dynamic['postgresql']);
  const read = clusterSpecSchema.safeParse({
    version: 1,
    id: found.id,
    scope: found.scope,
    namespace: found.namespace,
    title: found.title.slice(0, 120),
    servers: found.members.map((member) => ({
      name: member.name.slice(0, 63),
      ssh: { server: member.serverId },
      address: hostOf(member),
      roles: ['postgres'],
    })),
    tls: 'off',
    adopted: found.members.map((member) => member.name.slice(0, 63)),
    postgres: {
      ...(bin === undefined ? {} : { version: Number(bin) }),
      port: listen,
      ...(text(postgres['data_dir']) === undefined ? {} : { dataDirectory: text(postgres['data_dir']) }),
      parameters: scalars(section(dynamic['parameters'])),
    },
    patroni: {
      restPort: portOf(
        text(section(config['restapi'])['connect_address']) ?? text(section(config['restapi'])['listen']),
        8008,
      ),
      ttl: number(found.dynamic['ttl'], 30),
      loopWait: number(found.dynamic['loop_wait'], 10),
      retryTimeout: number(found.dynamic['retry_timeout'], 10),
      restUser: text(section(section(config['restapi'])['authentication'])['username']) ?? 'patroni',
    },
    etcd: { external: etcdHostsOfPatroni(section(config['etcd3'])).map(printHostPort) },
    accounts: {
      superuser: user('superuser', 'postgres'),
      replication: user('replication', 'replicator'),
      rewind: user('rewind', user('superuser', 'postgres')),
    },
  });
  if (!read.success) throw cannotDescribe(found.title, read.error.issues[0]);
  const obstacles = obstaclesOf(found, config, dynamic, bin);
  const services = serviceNameSchema.options.map((service) => ({ service, on: membersWith(service, found.members) }));
  return {
    spec: read.data,
    found: services,
    notes: [
      ...found.unreached.map((name) => `${name} is not described: no server leads to it.`),
      ...found.members.flatMap(({ name, services: own }) =>
        own === null ? [`Which services run on ${name} could not be read.`] : [],
      ),
      ...services.flatMap(notesOfService),
      ...obstacles,
    ],
    works: worksOf(obstacles, services),
  };
}

function cannotDescribe(title: string, issue: z.core.$ZodIssue | undefined): AppError {
  const what = issue === undefined ? 'its settings cannot be read' : `${issue.path.join('.')} ${issueInWords(issue)}`;
  return appError('deploy.cannot_describe', `${title} cannot be described: ${what}.`, {
    target: title,
    hint: "Compare this setting in the members' Patroni configuration with Patroni's documentation, then try again.",
  });
}

/** Secrets that stand in a member's configuration, by the names a spec knows them under. */
export function adoptedSecrets(config: Section): ReadonlyMap<PasswordName, string> {
  const accounts = section(section(config['postgresql'])['authentication']);
  const all = [
    ['superuser', text(section(accounts['superuser'])['password'])],
    ['replication', text(section(accounts['replication'])['password'])],
    ['rewind', text(section(accounts['rewind'])['password']) ?? text(section(accounts['superuser'])['password'])],
    ['rest', text(section(section(config['restapi'])['authentication'])['password'])],
  ] as const;
  return new Map(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}

/** Why a new member cannot be made to fit. */
function obstaclesOf(
  { citusGroup }: Pick<FoundCluster, 'citusGroup'>,
  config: Section,
  dynamic: Section,
  version: string | undefined,
): readonly string[] {
  const etcd = section(config['etcd3']);
  return [
    ...(citusGroup === null ? [] : [`It is group ${citusGroup} of a Citus cluster.`]),
    ...(text(section(config['restapi'])['certfile']) === undefined
      ? []
      : ["Patroni's REST API uses TLS with certificates that this app did not issue."]),
    ...(etcdHostsOfPatroni(etcd).length > 0 ? [] : ['Its members are not configured by "etcd3".']),
    ...(isGuarded(etcd) ? ['Its etcd wants certificates or a password.'] : []),
    // A copy of the data alone would not start: what Debian's own layout keeps in /etc/postgresql is no part of it.
    ...(text(section(config['postgresql'])['config_dir']) === undefined
      ? []
      : ["PostgreSQL's configuration lies outside its data directory (config_dir)."]),
    ...(Array.isArray(dynamic['pg_hba'])
      ? []
      : ["The lines of pg_hba stand in each member's own file, not in the dynamic configuration."]),
    ...(version === undefined ? ['The version of PostgreSQL is not part of its paths.'] : []),
  ];
}

/** Members that have a service; etcd and PostgreSQL may be installed without a part in the cluster, so they have to run. */
function membersWith(service: ServiceName, members: readonly FoundMember[]): readonly string[] {
  return members.filter((member) => hasService(member, service)).map(({ name }) => name);
}

function hasService({ services }: FoundMember, service: ServiceName): boolean {
  return (services ?? []).some(
    ({ name, state, enabled }) => name === service && (state === 'running' || enabled === true),
  );
}

/** What runs beside the members is seen and kept, and its configuration stays with those who wrote it. */
function notesOfService({ service, on }: FoundService): readonly string[] {
  if ((service !== 'haproxy' && service !== 'pgbouncer') || on.length === 0) return [];
  return [
    `${serviceWords[service]} on ${on.join(', ')} is kept as it is: you can start and stop it and read its log from here, ` +
      'and its configuration is not changed.',
  ];
}

function worksOf(obstacles: readonly string[], services: readonly FoundService[]): AdoptedCluster['works'] {
  const on = (service: ServiceName): readonly string[] => services.find((each) => each.service === service)?.on ?? [];
  const [etcd, haproxy] = [on('etcd'), on('haproxy')];
  const ofEtcd =
    etcd.length > 0
      ? `etcd runs on ${etcd.join(', ')} as it was set up there. Change its members with etcdctl.`
      : 'etcd runs on other servers than the members, and is left as it is.';
  const joins = obstacles.length === 0;
  return [
    {
      change: 'add_server',
      works: joins,
      sentence: joins
        ? 'A replica can be added; the files of the members that are there stay as they are.'
        : `A replica cannot be added by this app: ${obstacles.join(' ')}`,
    },
    {
      change: 'remove_server',
      works: true,
      sentence:
        'A replica can be removed: its patroni.service is stopped and disabled, its data stays. ' +
        (haproxy.length > 0
          ? `Take it out of the configuration of HAProxy on ${haproxy.join(', ')} afterwards.`
          : 'No HAProxy was found on the members; take it out of one that runs elsewhere.'),
    },
    { change: 'remove_etcd', works: false, sentence: ofEtcd },
    { change: 'replace_etcd', works: false, sentence: ofEtcd },
  ];
}

function hostOf(member: FoundMember): string {
  const address =
    text(section(member.config['postgresql'])['connect_address']) ??
    text(section(member.config['restapi'])['connect_address']) ??
    '';
  return readHostPort(bracketPatroniAddress(address), 0)?.host ?? address;
}

/** Whether an etcd wants more than its address: a URL may ask for it, too. */
function isGuarded(etcd: Section): boolean {
  const url = text(etcd['proxy']) ?? text(etcd['url']) ?? '';
  const named = text(etcd['cacert']) ?? text(etcd['username']);
  return named !== undefined || text(etcd['protocol']) === 'https' || /^https:|@/i.test(url);
}

function section(value: unknown): Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  // Patroni makes a text of it as Python does.
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function number(value: unknown, fallback: number): number {
  return Number.isInteger(Number(value)) && value !== null && value !== '' && value !== undefined
    ? Number(value)
    : fallback;
}

function portOf(address: string | undefined, fallback: number): number {
  return portOfPatroniAddress(address ?? '') ?? fallback;
}

function scalars(values: Section): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      ['string', 'number', 'boolean'].includes(typeof value) && /^[a-z_][a-z0-9_.]*$/.test(name)
        ? [[name, typeof value === 'number' || typeof value === 'boolean' ? value : String(value)] as const]
        : [],
    ),
  );
}
