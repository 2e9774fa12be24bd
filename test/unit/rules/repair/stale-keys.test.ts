import { describe, expect, it } from 'vitest';
import type { RepairPlace, RepairPlan, ScopeKey, ScopeKeys } from '../../../../shared/model/repair/repair';
import { judgeStaleMember } from '../../../../shared/rules/repair/stale-member';
import { judgeStaleScope } from '../../../../shared/rules/repair/stale-scope';
import { judgeStuckBootstrap } from '../../../../shared/rules/repair/stuck-bootstrap';

const TTL = 30_000;
const leased = { leftMs: 21_000, ttlMs: TTL };

const key = (name: string, value = '{}', lease: ScopeKey['lease'] = null): ScopeKey => ({
  name,
  value,
  modRevision: '7',
  lease,
});
const scope = (...keys: readonly ScopeKey[]): ScopeKeys => ({ prefix: '/service/shop/', keys, revision: '9', at: 1 });

const place = (member: string, change: Partial<RepairPlace> = {}): RepairPlace => ({
  member,
  server: member,
  agent: { kind: 'stopped', sentence: `No Patroni of ${member} runs on ${member}.`, startsAtBoot: false },
  data: { kind: 'none', directory: '/data' },
  atWork: [],
  at: 1,
  ...change,
});
const running = { agent: { kind: 'runs', sentence: 'Patroni of db3 runs.' } } as const;
const silent = {
  agent: { kind: 'unknown', why: 'db3 does not answer.' },
  data: { kind: 'unknown', why: 'db3 does not answer.' },
} as const;
const withData = { data: { kind: 'cluster', directory: '/data', systemIdentifier: '42' } } as const;

const refusals = ({ checks }: RepairPlan): readonly string[] =>
  checks.flatMap(({ code, verdict }) => (verdict === 'refuses' ? [code] : []));

describe('the key of a member', () => {
  const judged = (keys: ScopeKeys, places: readonly RepairPlace[], gone: readonly string[] = []): readonly string[] =>
    refusals(judgeStaleMember({ member: 'db3', keys, places, ttlMs: TTL, gone }));

  it.each([
    ['has no lease and no Patroni runs', scope(key('members/db3')), [place('db3')], []],
    ['has no lease and its member is said to be gone', scope(key('members/db3')), [place('db3', silent)], ['db3']],
    [
      'has a lease far longer than any of its ttl',
      scope(key('members/db3', '{}', { leftMs: 3_000_000, ttlMs: 3_000_000 })),
      [place('db3')],
      [],
    ],
  ])('may be removed when it %s', (_case, keys, places, gone) => {
    expect(judged(keys, places, gone)).toEqual([]);
  });

  it.each([
    ['it is not there', scope(key('members/db2')), [place('db3')], [], ['repair.no_evidence']],
    ['its lease ends by itself', scope(key('members/db3', '{}', leased)), [place('db3')], [], ['repair.lease_runs']],
    ['its Patroni runs', scope(key('members/db3')), [place('db3', running)], [], ['repair.agent_runs']],
    [
      'nobody knows whether its Patroni runs',
      scope(key('members/db3')),
      [place('db3', silent)],
      [],
      ['repair.not_known'],
    ],
    [
      'it holds the leader lock',
      scope(key('members/db3'), key('leader', 'db3', leased)),
      [place('db3')],
      [],
      ['repair.leads'],
    ],
    [
      'a server that answers is said to be gone',
      scope(key('members/db3')),
      [place('db3')],
      ['db3'],
      ['repair.not_gone'],
    ],
    ['somebody else is said to be gone', scope(key('members/db3')), [place('db3')], ['x'], ['repair.no_member']],
  ])('is left where it is when %s', (_case, keys, places, gone, codes) => {
    expect(judged(keys, places, gone)).toEqual(codes);
  });

  it('is named in the command as one word, whatever it is called', () => {
    const { steps } = judgeStaleMember({
      ...{ member: "o'db; rm -rf /", keys: scope(), places: [], ttlMs: TTL, gone: [] },
    });
    expect(steps.at(-1)?.commands).toEqual([`ETCDCTL_API=3 etcdctl del '/service/shop/members/o'\\''db; rm -rf /'`]);
  });
});

describe('a whole scope', () => {
  const left = scope(key('config'), key('initialize', '42'), key('history', '[]'), key('status', '{"optime":1}'));
  const judged = (keys: ScopeKeys, places: readonly RepairPlace[], gone: readonly string[] = []): readonly string[] =>
    refusals(judgeStaleScope({ scope: 'shop', keys, places, gone }));

  it.each([
    ['no Patroni of it runs', left, [place('db1'), place('db2', withData)], []],
    ['those that cannot be asked are said to be gone', left, [place('db1'), place('db3', silent)], ['db3']],
  ])('may be removed when %s, after its name is typed', (_case, keys, places, gone) => {
    expect(judged(keys, places, gone)).toEqual([]);
    expect(judgeStaleScope({ scope: 'shop', keys, places, gone }).asksName).toBe(true);
  });

  it.each([
    ['there is nothing', scope(), [place('db1')], [], ['repair.no_evidence']],
    ['somebody leads', scope(key('leader', 'db1', leased)), [place('db1')], [], ['repair.leads']],
    ['a member reported lately', scope(key('members/db1', '{}', leased)), [place('db1')], [], ['repair.lease_runs']],
    ['one of its Patronis runs', left, [place('db1'), place('db3', running)], [], ['repair.agent_runs']],
    ['one of its servers does not answer', left, [place('db1'), place('db3', silent)], [], ['repair.not_known']],
    [
      'another cluster has its keys below it',
      scope(key('config'), key('inner/config')),
      [place('db1')],
      [],
      ['repair.foreign_keys'],
    ],
  ])('stays when %s', (_case, keys, places, gone, codes) => {
    expect(judged(keys, places, gone)).toEqual(codes);
  });

  it('says that a Patroni which starts with its server writes its keys anew', () => {
    const agent = { kind: 'stopped', sentence: 'No Patroni of db1 runs on db1.', startsAtBoot: true } as const;
    const { checks } = judgeStaleScope({ scope: 'shop', keys: left, places: [place('db1', { agent })], gone: [] });
    expect(checks).toContainEqual(expect.objectContaining({ code: 'repair.starts_at_boot', verdict: 'warns' }));
  });
});

describe('a bootstrap that never ended', () => {
  const stuck = scope(key('initialize', ''), key('members/db1', '{"state":"stopped"}', leased));
  const judged = (keys: ScopeKeys, places: readonly RepairPlace[], gone: readonly string[] = []): readonly string[] =>
    refusals(judgeStuckBootstrap({ keys, places, gone }));

  it.each([
    ['nobody leads, nobody has data, and members wait', stuck, [place('db1', running), place('db2', running)], []],
    ['the key has an identifier of data that is nowhere', scope(key('initialize', '42')), [place('db1', running)], []],
    ['a server that cannot be asked is said to be gone', stuck, [place('db1', running), place('db3', silent)], ['db3']],
  ])('may begin again when %s', (_case, keys, places, gone) => {
    expect(judged(keys, places, gone)).toEqual([]);
  });

  it.each([
    ['there is no key initialize', scope(), [place('db1', running)], [], ['repair.no_evidence']],
    ['somebody leads', scope(key('initialize', '42'), key('leader', 'db1')), [place('db1')], [], ['repair.leads']],
    ['a leader has run', scope(key('initialize', '42'), key('status')), [place('db1')], [], ['repair.has_run']],
    [
      'a timeline has ended',
      scope(key('initialize', '42'), key('history', '[[1,2,"x"]]')),
      [place('db1')],
      [],
      ['repair.has_run'],
    ],
    ['a server has data', stuck, [place('db1', running), place('db2', withData)], [], ['repair.has_data']],
    ['a server cannot be asked', stuck, [place('db1', running), place('db3', silent)], [], ['repair.not_known']],
    ['initdb is at work', stuck, [place('db1', { ...running, atWork: ['initdb'] })], [], ['repair.at_work']],
    [
      'a member says that it bootstraps',
      scope(key('initialize', ''), key('members/db1', '{"state":"initializing new cluster"}', leased)),
      [place('db1', running)],
      [],
      ['repair.at_work'],
    ],
  ])('is left alone when %s', (_case, keys, places, gone, codes) => {
    expect(judged(keys, places, gone)).toEqual(codes);
  });
});
