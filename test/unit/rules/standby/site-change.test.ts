import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { patronictlCommand } from '../../../../shared/rules/operate/commands';
import { typeToConfirm } from '../../../../shared/rules/operate/confirmation';
import { consequencesOf } from '../../../../shared/rules/operate/consequences';
import { changesSince, fingerprintOf } from '../../../../shared/rules/operate/fingerprint';
import { checkOperation, firstRefusal } from '../../../../shared/rules/operate/operation-checks';
import type { SiteChange } from '../../../../shared/rules/standby/site-change';
import { CONFIG, source } from '../../../support/cluster/operable-cluster';
import { paired, primarySite, standbySite } from '../../../support/cluster/paired-clusters';

const NOW = 2000;
const MB = 1_048_576;
const PROMOTE: SiteChange = { kind: 'promote_cluster', cutOff: false };
const CUT_OFF: SiteChange = { kind: 'promote_cluster', cutOff: true };
const NO_QUORUM: Partial<ClusterState> = { dcs: { kind: 'no_quorum', since: 1, members: [] } };

function south(north: ClusterState | null, own: ClusterState = standbySite()): ClusterState {
  const [first, second] = north === null ? paired(own) : paired(north, own);
  const state = second ?? first;
  if (state === undefined) throw new Error('no cluster');
  return state;
}

const writing = primarySite();
const lost = primarySite({ sources: [source('etcd'), source('rest:a1', { status: 'lost' }), source('rest:a2')] });
const stopped = primarySite({}, { primarySeen: false, state: 'stopped', stateText: 'stopped' });
const codeOf = (state: ClusterState, change: SiteChange): string | null =>
  firstRefusal(checkOperation(state, change, NOW))?.code ?? null;
const warnings = (state: ClusterState, change: SiteChange): readonly string[] =>
  checkOperation(state, change, NOW).flatMap(({ code, verdict }) => (verdict === 'warns' ? [code] : []));

describe('the promotion of a standby cluster is refused', () => {
  const rows: readonly [string, ClusterState, SiteChange, string | null][] = [
    ['while the other cluster takes writes', south(writing), PROMOTE, 'standby.other_writes'],
    ['but not where the user says that nobody can reach it', south(writing), CUT_OFF, null],
    ['but not where the other cluster is silent: it may be gone', south(lost), PROMOTE, null],
    ['but not where the other cluster is down', south(stopped), PROMOTE, null],
    ['but not where the other cluster is not in the app', south(null), PROMOTE, null],
    ['on a cluster that is none', south(null, standbySite(null)), PROMOTE, 'standby.not_standby'],
    ['while it is paused', south(lost, standbySite(undefined, { paused: true })), PROMOTE, 'patroni.paused'],
    [
      'while nobody knows whether it is paused',
      south(lost, standbySite(undefined, { paused: null })),
      PROMOTE,
      'patroni.paused',
    ],
    ['while its etcd has no quorum', south(lost, standbySite(undefined, NO_QUORUM)), PROMOTE, 'etcd.no_quorum'],
    [
      'while its leader does not answer',
      south(lost, standbySite(undefined, { sources: [source('etcd'), source('rest:b2')] })),
      PROMOTE,
      'patroni.leader_silent',
    ],
    [
      'while PostgreSQL of its leader is down',
      south(lost, standbySite(undefined, {}, { state: 'stopped', stateText: 'stopped' })),
      PROMOTE,
      'standby.leader_down',
    ],
    [
      'while nobody leads it',
      south(lost, standbySite(undefined, { leader: { ...standbySite().leader, holder: null } })),
      PROMOTE,
      'patroni.no_leader',
    ],
    [
      'while its configuration is not known',
      south(lost, standbySite(undefined, { config: null })),
      PROMOTE,
      'config.unknown',
    ],
    ['on a read-only cluster', south(lost, standbySite(undefined, { readOnly: true })), PROMOTE, 'operation.read_only'],
  ];
  it.each(rows)('%s', (_name, state, change, code) => {
    expect(codeOf(state, change)).toBe(code);
  });
});

describe('the promotion of a standby cluster', () => {
  it.each([
    ['says that it is not known whether a silent cluster takes writes', south(lost), PROMOTE, 'standby.other_unknown'],
    ['says so of a cluster that is not in the app too', south(null), PROMOTE, 'standby.other_unknown'],
    [
      'says that the other one takes writes although the user answers for it',
      south(writing),
      CUT_OFF,
      'standby.other_writes',
    ],
    ['says what would be lost', south(lost), PROMOTE, 'standby.loss'],
  ] as const)('%s', (_name, state, change, code) => {
    expect(warnings(state, change)).toContain(code);
  });

  it('has no warning where the other one is down and nothing is missing', () => {
    const all = standbySite(undefined, {}, { lsn: 100 * MB, receivedLsn: 100 * MB });
    expect(warnings(south(stopped, all), PROMOTE)).toEqual([]);
  });

  it('asks for its name, and for that of the other cluster where the user answers for that', () => {
    expect(typeToConfirm(south(lost), PROMOTE)).toBe('South');
    expect(typeToConfirm(south(writing), CUT_OFF)).toBe('North');
  });

  it('is another decision once the other cluster takes writes again', () => {
    const before = fingerprintOf(south(lost), PROMOTE);
    expect(changesSince(before, south(lost), PROMOTE)).toEqual([]);
    expect(changesSince(before, south(writing), PROMOTE).join(' ')).toContain('takes writes yes');
  });

  it('tells that the old site has to be made a standby cluster before it is used', () => {
    expect(consequencesOf(south(lost), PROMOTE).join(' ')).toContain('Make it the standby cluster of South');
  });
});

describe('a former primary cluster becomes a standby cluster', () => {
  const promoted = standbySite(
    null,
    { history: [{ timeline: 4, lsn: 98 * MB, reason: '', at: null, newLeader: 'b1' }] },
    { role: 'leader', primarySeen: true, timeline: 5, lsn: 120 * MB, receivedLsn: null, state: 'running' },
  );
  const withSlot = { ...promoted, config: { ...CONFIG, raw: { slots: { north: { type: 'physical' } } } } };
  const returned = primarySite();
  const change = (own: Partial<Extract<SiteChange, { kind: 'demote_cluster' }>> = {}): SiteChange => ({
    ...{ kind: 'demote_cluster', site: 'south', host: '10.2.0.1,10.2.0.2', port: '5432', slot: 'north', lose: true },
    ...own,
  });
  const north = (own: ClusterState, other: ClusterState): ClusterState => {
    const [state] = paired(own, other);
    if (state === undefined) throw new Error('no cluster');
    return state;
  };
  const rows: readonly [string, ClusterState, SiteChange, string | null][] = [
    ['with a slot there, and what it wrote named as lost', north(returned, withSlot), change(), null],
    [
      'not before the user says that what it wrote may be lost',
      north(returned, withSlot),
      change({ lose: false }),
      'standby.divergence',
    ],
    [
      'without that where it has nothing of its own',
      north(primarySite({}, { lsn: 97 * MB }), withSlot),
      change({ lose: false }),
      null,
    ],
    ['not with a slot that the other cluster does not have', north(returned, promoted), change(), 'standby.slot'],
    ['without a slot where the user wants none', north(returned, promoted), change({ slot: null }), null],
    [
      'not with a slot that PostgreSQL would not take',
      north(returned, withSlot),
      change({ slot: "a'b" }),
      'config.bad_value',
    ],
    ['not while the other one does not take writes', north(returned, standbySite()), change(), 'standby.other_standby'],
    ['not of a cluster that is not known', north(returned, withSlot), change({ site: 'east' }), 'standby.no_site'],
    [
      'not of a cluster from another initdb',
      north(returned, { ...withSlot, systemIdentifier: '8' }),
      change(),
      'standby.no_site',
    ],
    ['not with a host that is none', north(returned, withSlot), change({ host: 'a,,b' }), 'config.bad_value'],
    ['not with a port that is none', north(returned, withSlot), change({ port: '0' }), 'config.bad_value'],
    [
      'not twice',
      north(standbySite({ host: '10.9.9.9' }, { clusterId: 'north' }), withSlot),
      change(),
      'standby.is_standby',
    ],
  ];
  it.each(rows)('%s', (_name, state, demotion, code) => {
    expect(codeOf(state, demotion)).toBe(code);
  });

  it('is refused whatever the user says where Patroni would take it for a copy and not rewind it', () => {
    const again = primarySite(
      { history: [{ timeline: 4, lsn: 100 * MB, reason: '', at: null, newLeader: 'a1' }] },
      { timeline: 5, lsn: 110 * MB },
    );
    const check = firstRefusal(checkOperation(north(again, withSlot), change(), NOW));
    expect(check?.sentence).toContain('Patroni compares timelines by their numbers alone');
  });

  it('says how much of its own is lost, and since where', () => {
    const sentences = checkOperation(north(returned, withSlot), change(), NOW).map(({ sentence }) => sentence);
    expect(sentences.join(' ')).toContain(
      'North has 2 MB of WAL that South lacks, written since the two parted on timeline 4 at 0/6200000.',
    );
  });

  it('has the command of its version, without any password', () => {
    const state = north(returned, withSlot);
    const versioned = (patroniVersion: string): string =>
      patronictlCommand(change(), {
        state: { ...state, members: state.members.map((member) => ({ ...member, patroniVersion })) },
        configPath: null,
      });
    expect(versioned('4.1.0')).toBe(
      'patronictl -c /etc/patroni/config.yml demote-cluster --host 10.2.0.1,10.2.0.2 --port 5432 --primary-slot-name north orders',
    );
    expect(versioned('4.0.4')).toContain('edit-config --set \'standby_cluster.host="10.2.0.1,10.2.0.2"\'');
    expect(patronictlCommand(PROMOTE, { state, configPath: null })).toContain(
      'edit-config --set standby_cluster=null orders',
    );
  });
});
