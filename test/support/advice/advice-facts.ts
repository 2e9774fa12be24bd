import type { Reading } from '../../../shared/model/advice/advice';
import type {
  AdviceFacts,
  BackupsAdviceFacts,
  MemberAdviceFacts,
  OwnConfigAdviceFacts,
  PostgresAdviceFacts,
  ServerAdviceFacts,
} from '../../../shared/model/advice/advice-facts';
import type { Backup } from '../../../shared/model/backups/backup';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { HbaFileRule } from '../../../shared/model/configure/parameter';
import type { EtcdMemberView, EtcdReading } from '../../../shared/model/etcd/etcd-view';
import { Facts, NOW } from '../cluster/cluster-facts';

/** A day on which every version of the fixture is supported, ms. */
export const ADVICE_DAY = Date.parse('2026-09-01');

const read = <T>(value: T, where: string): Reading<T> => ({ kind: 'read', value, where, at: NOW });
/** A part that could not be read. */
export const notRead = (why = 'The server does not answer.'): { readonly kind: 'not_read'; readonly why: string } => ({
  kind: 'not_read',
  why,
});

const parameters: Readonly<Record<string, string>> = {
  archive_command: 'pgbackrest --stanza=main archive-push %p',
  archive_library: '',
  archive_mode: 'on',
  data_checksums: 'on',
  hot_standby_feedback: 'on',
  max_connections: '100',
  max_slot_wal_keep_size: '10240',
  max_wal_size: '4096',
  ssl: 'on',
  wal_keep_size: '128',
  wal_log_hints: 'on',
};

const hbaLine: HbaFileRule = {
  line: 1,
  type: 'host',
  databases: ['all'],
  users: ['all'],
  address: '10.0.0.0',
  netmask: '255.255.255.0',
  method: 'scram-sha-256',
  options: [],
  error: null,
};

/** A line of pg_hba like the one of the fixture. */
export function hbaFixture(changes: Partial<HbaFileRule>): HbaFileRule {
  return { ...hbaLine, ...changes };
}

/** Parameters as PostgreSQL tells them. */
export function valuesOf(values: Readonly<Record<string, string>>): PostgresAdviceFacts['values'] {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      { value, source: 'configuration file', file: null, line: null, pendingRestart: false },
    ]),
  );
}

const postgres: PostgresAdviceFacts = {
  version: 170011,
  values: valuesOf(parameters),
  hba: [hbaLine],
  receivers: [],
};
const own: OwnConfigAdviceFacts = {
  path: '/etc/patroni/config.yml',
  restAuthentication: true,
  restTls: true,
  restAllowlist: false,
  restVerifyClient: 'none',
  restListen: '0.0.0.0:8008',
  dcs: 'etcd3',
  dcsTls: true,
  dcsLogin: true,
  dcsCertificate: true,
  watchdogMode: 'automatic',
  watchdogDevice: '/dev/watchdog',
  createReplicaMethods: ['basebackup'],
  weakAccounts: [],
};
const server: Omit<ServerAdviceFacts, 'server' | 'machineId'> = {
  clock: { least: -5, most: 20 },
  clockKept: true,
  etcdDevice: '/dev/vdb on /var/lib/etcd',
  dataDevice: '/dev/vda on /',
  etcdRuns: true,
  haproxyRuns: true,
  pgbouncerRuns: true,
  watchdogThere: true,
  backupTools: ['pgBackRest (main)'],
};

/** A member with nothing to say against. */
function wellMember(name: string): MemberAdviceFacts {
  return {
    name,
    postgres: read(postgres, `PostgreSQL of ${name}`),
    own: read(own, `/etc/patroni/config.yml on ${name}`),
    server: read({ ...server, server: name, machineId: `machine-${name}` }, name),
  };
}

/** A voting member of etcd that is well. */
export function etcdFixture(name: string, changes: Partial<EtcdMemberView> = {}): EtcdMemberView {
  return {
    id: name.charCodeAt(name.length - 1).toString(16),
    name,
    clientUrls: [`http://10.0.0.${name.slice(-1)}:2379`],
    peerUrls: [],
    learner: false,
    leader: name === 'e2',
    error: null,
    status: {
      version: '3.6.9',
      dbSize: 1,
      dbInUse: 1,
      quota: null,
      raftTerm: 1,
      raftIndex: 1,
      raftApplied: 1,
      revision: 1,
      errors: [],
      latencyMs: 1,
    },
    ...changes,
  };
}

/** The etcd of these members. */
export function etcdReading(members: readonly EtcdMemberView[]): Reading<EtcdReading> {
  return read({ clusterId: 'c', asOf: NOW, members, alarms: [] }, 'etcd');
}

function wellState(): ClusterState {
  const state = new Facts().fold();
  return {
    ...state,
    dcs: { kind: 'live', etcdVersion: '3.6.9', members: [] },
    paused: false,
    config: {
      ttl: 30,
      loopWait: 10,
      retryTimeout: 10,
      maximumLagOnFailover: 1_048_576,
      checkTimeline: false,
      standbyCluster: false,
      failsafeMode: true,
      raw: { synchronous_mode: true, synchronous_mode_strict: true, postgresql: { use_pg_rewind: true } },
    },
    members: state.members.map((member) => ({ ...member, patroniVersion: '4.1.4' })),
    history: [{ timeline: 1, lsn: 1, reason: '', at: ADVICE_DAY - 86_400_000, newLeader: 'db1' }],
  };
}

/** A cluster whose newest backup ended then. */
export function backupsReading(endedAt: number): Reading<BackupsAdviceFacts> {
  const newest: Backup = {
    ...{ label: '20260901-000000F', kind: 'full', startedAt: endedAt - 60_000, endedAt, size: 1, stored: 1 },
    ...{ firstWal: null, lastWal: null, lastLsn: null, prior: null, damaged: false, repository: 1 },
    systemIdentifier: null,
  };
  return read({ standing: { kind: 'backed_up', stanza: 'main', newest }, proof: null, limitHours: 26 }, 'the backups');
}

/** A cluster of three of which every rule says that it is well. */
export function wellAdviceFacts(): AdviceFacts {
  return {
    state: wellState(),
    access: { etcd: { tls: true, login: true, certificate: true }, prometheus: true, balancerServers: 0 },
    members: ['db1', 'db2', 'db3'].map(wellMember),
    etcd: etcdReading([etcdFixture('e1'), etcdFixture('e2'), etcdFixture('e3')]),
    roles: read(
      [
        { name: 'postgres', superuser: true, replication: true, form: 'scram', weak: null, notCompared: null },
        { name: 'app', superuser: false, replication: false, form: 'scram', weak: null, notCompared: null },
      ],
      'PostgreSQL of db1',
    ),
    backups: backupsReading(ADVICE_DAY - 3_600_000),
    now: ADVICE_DAY,
  };
}

/** Changes what was read of the members with these names; all of them without names. */
export function changeMembers(
  facts: AdviceFacts,
  changes: {
    readonly postgres?: Partial<PostgresAdviceFacts>;
    readonly own?: Partial<OwnConfigAdviceFacts>;
    readonly server?: Partial<ServerAdviceFacts>;
  },
  ...names: readonly string[]
): AdviceFacts {
  const changed = <T>(reading: Reading<T>, change: Partial<T> | undefined): Reading<T> =>
    reading.kind === 'read' ? { ...reading, value: { ...reading.value, ...change } } : reading;
  return {
    ...facts,
    members: facts.members.map((member) =>
      names.length > 0 && !names.includes(member.name)
        ? member
        : {
            ...member,
            postgres: changed(member.postgres, changes.postgres),
            own: changed(member.own, changes.own),
            server: changed(member.server, changes.server),
          },
    ),
  };
}
