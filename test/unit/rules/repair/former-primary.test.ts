import { describe, expect, it } from 'vitest';
import type { DataDirectory, RepairPlan } from '../../../../shared/model/repair/repair';
import {
  judgeFormerPrimary,
  whyNotFollowing,
  type FollowProof,
  type FormerMember,
  type FormerPrimaryFacts,
  type NewPrimary,
} from '../../../../shared/rules/repair/former-primary';

const GB = 1024 ** 3;

const data = (member: string, change: Partial<DataDirectory> = {}): DataDirectory => ({
  ...{ member, server: member, directory: '/data', content: 'cluster', systemIdentifier: '42', timeline: 2 },
  ...{ checkpoint: 100, history: [], size: GB, free: 10 * GB, isMount: false, links: [], runs: true, kept: [], at: 1 },
  ...change,
});
const one = (member: string, change: Partial<DataDirectory> = {}): FormerMember => ({
  member,
  own: data(member, change),
  unit: 'patroni.service',
  keptAs: '/data.matriarch-kept-1',
});
const SITE: NewPrimary = {
  title: 'South',
  writes: 'yes',
  writesSentence: '',
  isStandby: false,
  leader: 's1',
  leaders: data('s1'),
  host: '10.1.0.1,10.1.0.2',
  port: '5432',
  slot: 'north',
  hasSlot: true,
};
const facts = (change: Partial<FormerPrimaryFacts> = {}): FormerPrimaryFacts => ({
  title: 'North',
  prefix: '/service/north/',
  isPaused: false,
  isStandby: false,
  hasConfig: true,
  members: [one('n1'), one('n2')],
  unread: [],
  first: 'n1',
  site: SITE,
  fork: { kind: 'diverged', timeline: 2, lsn: 0x3000000 },
  lost: { records: 9, commits: 7, firstCommit: null, lastCommit: null, last: 0x3100000, isCut: false, files: [] },
  lostWhy: null,
  lostAt: 1,
  ...change,
});
const refusals = ({ checks }: RepairPlan): readonly string[] =>
  checks.flatMap(({ code, verdict }) => (verdict === 'refuses' ? [code] : []));

describe('a former primary cluster that has diverged', () => {
  it('is copied anew after it is told what is only there, and the name of the cluster is typed', () => {
    const plan = judgeFormerPrimary(facts());
    expect(refusals(plan)).toEqual([]);
    expect(plan.asksName).toBe(true);
    expect(plan.evidence.map(({ sentence }) => sentence).join(' ')).toContain('7 transactions are only there');
  });

  it('has all members stopped before data is moved, and all data moved before the configuration says whom to follow', () => {
    expect(judgeFormerPrimary(facts()).steps.map(({ id }) => id)).toEqual([
      'stop n2',
      'stop n1',
      'aside n1',
      'aside n2',
      'keep',
      'configure',
      'remove',
      'start n1',
      'prove',
      'start n2',
    ]);
  });

  it('goes on where it was broken off: what was moved before is not moved again', () => {
    const moved = { content: 'none', kept: ['/data.matriarch-kept-0'], runs: false, systemIdentifier: null } as const;
    const plan = judgeFormerPrimary(facts({ members: [one('n1', moved), one('n2', moved)], fork: null, lost: null }));
    expect(refusals(plan)).toEqual([]);
    expect(plan.steps.some(({ id }) => id.startsWith('aside'))).toBe(false);
  });

  it.each<[string, Partial<FormerPrimaryFacts>, string]>([
    ['the other cluster does not take writes', { site: { ...SITE, writes: 'no' } }, 'repair.no_site'],
    ['the other cluster is a standby itself', { site: { ...SITE, isStandby: true } }, 'repair.no_site'],
    ['the other cluster is not known', { site: null }, 'repair.no_site'],
    ['the slot is missing there', { site: { ...SITE, hasSlot: false } }, 'repair.no_slot'],
    ['it has nothing that the other lacks', { fork: { kind: 'behind' } }, 'repair.no_evidence'],
    ['a member cannot be read', { unread: [{ member: 'n3', why: 'No way.' }] }, 'repair.not_known'],
    ['a member is of another cluster', { members: [one('n1', { systemIdentifier: '43' })] }, 'repair.other_cluster'],
    ['there is no room beside the old data', { members: [one('n1', { free: GB / 2 })] }, 'repair.no_room'],
    ['part of the data lies elsewhere', { members: [one('n1', { links: ['/fast'] })] }, 'repair.data_elsewhere'],
    ['automatic failover is paused', { isPaused: true }, 'repair.paused'],
  ])('is refused when %s', (_what, change, code) => {
    expect(refusals(judgeFormerPrimary(facts(change)))).toContain(code);
  });

  it('is another decision once somebody else leads the new site', () => {
    expect(judgeFormerPrimary(facts({ site: { ...SITE, leader: 's2' } })).fingerprint).not.toBe(
      judgeFormerPrimary(facts()).fingerprint,
    );
  });
});

describe('whether a standby leader follows', () => {
  const proof: FollowProof = {
    primary: { system: '42', timeline: 3, lsn: 500, inRecovery: false },
    standby: { system: '42', timeline: 3, received: 500, replayed: 510, inRecovery: true, status: 'streaming' },
  };
  const standby = (change: Partial<FollowProof['standby']>) =>
    whyNotFollowing({ ...proof, standby: { ...proof.standby, ...change } });

  it('is so when both sides agree and what was just written there has arrived', () => {
    expect(whyNotFollowing(proof)).toBeNull();
  });

  it.each<[string, Partial<FollowProof['standby']>, RegExp]>([
    ['it streams another timeline', { timeline: 2 }, /timeline 2/],
    ['it has data of another origin', { system: '43' }, /system identifiers/],
    ['it streams and nothing new arrives', { received: 499 }, /not received/],
    ['it does not replay what it received', { replayed: 499 }, /not replayed/],
    ['nothing is received', { status: null, timeline: null, received: null }, /receiver is not there/],
    ['it takes writes', { inRecovery: false }, /writes by itself/],
  ])('is not so when %s', (_what, change, words) => {
    expect(standby(change)).toMatch(words);
  });
});
