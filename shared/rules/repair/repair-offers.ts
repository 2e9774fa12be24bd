import type { ClusterState, Finding } from '../../model/cluster/cluster-state';
import type { Repair, RepairKind } from '../../model/repair/repair';
import { isRunning } from '../cluster/member-facts';

/** What a repair is called, and what it is for. */
export interface RepairWords {
  readonly name: string;
  /** The condition that it mends, as sentences. */
  readonly when: string;
  /** Whether it is about one member, which is chosen first. */
  readonly ofMember: boolean;
}

/** Every repair that there is, in the order in which they are shown. */
export const repairWords: Readonly<Record<RepairKind, RepairWords>> = {
  stale_member: {
    name: 'Remove a stale member key',
    when: 'etcd has the key of a member that no Patroni keeps any more.',
    ofMember: true,
  },
  etcd_space: {
    name: 'Let etcd take writes again',
    when: 'etcd has raised NOSPACE: its database is at its quota, and nobody can take or renew the leader lock.',
    ofMember: false,
  },
  etcd_quorum: {
    name: 'Let the surviving etcd go on alone',
    when: 'etcd has lost its majority for good: one member is left, and the others never come back.',
    ofMember: false,
  },
  etcd_snapshot: {
    name: 'Restore etcd from a snapshot',
    when:
      'No member of etcd is left with its data. An etcd of one member is made of a snapshot on this computer, and Patroni finds its ' +
      'keys there again.',
    ofMember: false,
  },
  certificates: {
    name: 'Renew certificates',
    when:
      'Certificates of etcd, Patroni, PostgreSQL, PgBouncer or HAProxy have ended or end within 30 days: their services refuse ' +
      'each other. They are made or put anew, in the order that brings etcd back first.',
    ofMember: false,
  },
  diverged: {
    name: 'Renew a member that has diverged',
    when:
      'A member has WAL that the leader does not have: a replica that cannot follow, or a second leader after a ' +
      'partition. What would be set aside is told first.',
    ofMember: true,
  },
  former_primary: {
    name: 'Copy a former primary cluster anew',
    when:
      'Another site has taken over, and this cluster wrote what that one lacks. It is copied anew and follows; what would be ' +
      'set aside is told first.',
    ofMember: false,
  },
  wal_held: {
    name: 'Free a disk of WAL',
    when:
      'WAL fills the disk of a member, or has filled it: a slot that nobody uses holds it, or the archiver fails. What holds it is ' +
      'told first, and the slot that may go is chosen.',
    ofMember: true,
  },
  slot_lost: {
    name: 'Mend a lost slot',
    when: 'A slot of the leader has lost WAL that its receiver needs. The slot and a replica that reads by it are made anew.',
    ofMember: true,
  },
  broken_file: {
    name: 'Put back a patroni.yml',
    when: 'The configuration of a member does not read as YAML any more, so that its Patroni does not start or reload.',
    ofMember: true,
  },
  foreign_data: {
    name: 'Replace the data of another cluster',
    when: 'A member has the data of another cluster (system ID mismatch), so that its Patroni does not start.',
    ofMember: true,
  },
  stuck_bootstrap: {
    name: 'Let the cluster bootstrap again',
    when: 'The key initialize is there, nobody leads, and no server has data: every member waits for another one.',
    ofMember: false,
  },
  stale_scope: {
    name: 'Remove the whole scope',
    when: 'The cluster is gone for good, and its keys are left in etcd.',
    ofMember: false,
  },
};

/** The repairs by their kinds, in the order in which they are shown. */
export const repairKinds: readonly RepairKind[] = [
  'etcd_space',
  'etcd_quorum',
  'etcd_snapshot',
  'certificates',
  'diverged',
  'former_primary',
  'wal_held',
  'slot_lost',
  'broken_file',
  'foreign_data',
  'stuck_bootstrap',
  'stale_member',
  'stale_scope',
];

/** The repairs that a finding may call for. Whether one is right is found out when it is opened and looks for its evidence. */
export function repairsOfFinding(state: ClusterState, { code, member, subject }: Finding): readonly Repair[] {
  switch (code) {
    case 'etcd.nospace':
      return [{ kind: 'etcd_space' }];
    case 'dcs.no_quorum':
    case 'dcs.unreachable':
      return [
        { kind: 'etcd_quorum' },
        { kind: 'etcd_snapshot', file: null, server: null },
        ...(isSecured(state) ? [{ kind: 'certificates', given: null } as const] : []),
      ];
    case 'certificate.ended':
    case 'certificate.ending':
      return [{ kind: 'certificates', given: null }];
    case 'cluster.two_primaries':
      return state.members
        .filter(({ name, primarySeen }) => primarySeen === true && name !== state.leader.holder)
        .map(({ name }) => ({ kind: 'diverged', member: name, way: 'renew' }));
    case 'cluster.no_leader':
      return neverRan(state) ? [{ kind: 'stuck_bootstrap' }] : [];
    default:
      return member === null
        ? []
        : repairsOfMember(code, member, subject ?? null).filter((repair) => canLook(state, repair));
  }
}

/** Members that are asked by TLS: etcd may have fallen silent because certificates have ended. */
function isSecured({ members }: ClusterState): boolean {
  return members.some(({ apiUrl }) => apiUrl?.startsWith('https:') === true);
}

/** What lies on the server of a member is looked at over SSH alone. */
function canLook({ members }: ClusterState, repair: Repair): boolean {
  if (repair.kind === 'stale_member' || !('member' in repair)) return true;
  return members.some(({ name, serverId }) => name === repair.member && serverId !== null);
}

function repairsOfMember(code: string, member: string, subject: string | null): readonly Repair[] {
  switch (code) {
    case 'member.stale_key':
      return [{ kind: 'stale_member', member }];
    case 'member.system_identifier':
      return [{ kind: 'foreign_data', member }];
    case 'cluster.primary_without_lock':
    case 'member.behind_timeline':
    case 'member.not_streaming':
      return [{ kind: 'diverged', member, way: 'renew' }];
    case 'member.postgres_down':
    case 'cluster.leader_in_trouble':
      return [
        { kind: 'diverged', member, way: 'renew' },
        { kind: 'wal_held', member, slot: null },
      ];
    case 'postgres.slot_fills_disk':
    case 'postgres.slot_loses_wal':
    case 'postgres.slot_unused':
    case 'postgres.archiver_fails':
      return [{ kind: 'wal_held', member, slot: null }];
    case 'postgres.slot_lost':
      return [{ kind: 'slot_lost', member, slot: subject }];
    case 'member.patroni_down':
      return [
        { kind: 'broken_file', member },
        { kind: 'foreign_data', member },
      ];
    default:
      return [];
  }
}

/** An `initialize` key, and no sign that PostgreSQL ever ran. */
function neverRan({ systemIdentifier, history, members }: ClusterState): boolean {
  return systemIdentifier !== null && history.length === 0 && !members.some(isRunning);
}
