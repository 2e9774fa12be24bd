import { describe, expect, it } from 'vitest';
import type { PreflightCheck } from '../../../../../../shared/model/deploy/deploy-views';
import { countChecks, countInOrder, groupChecks } from '../../../../../../renderer/features/deploy/review/group-checks';

const check = (id: string, server: string | null, verdict: PreflightCheck['verdict'] = 'ok'): PreflightCheck => ({
  id,
  name: id,
  server,
  verdict,
  evidence: 'seen',
  reason: '',
  fix: null,
});
const all = ['disk', 'memory'].flatMap((id) => ['db1', 'db2', 'db3'].map((server) => check(id, server)));

describe('the preflight in numbers', () => {
  it('one check on three servers is one check with three answers', () => {
    expect(countChecks(all, '1.2 s')).toBe('2 checks on 3 servers, 6 answers in 1.2 s');
    expect(countChecks([...all, check('etcd', null)], '1.2 s')).toBe('3 checks on 3 servers, 7 answers in 1.2 s');
  });

  it('a check that warns on one server alone is not counted as in order', () => {
    expect(countInOrder(all)).toBe('All 2 checks in detail');
    expect(countInOrder([...all.slice(1), check('disk', 'db1', 'warning')])).toBe(
      'In order: 1 of 2 checks on every server',
    );
  });

  it('what forbids the set-up stands first, and what is in order there is still listed with its servers', () => {
    const groups = groupChecks([...all.slice(1), check('disk', 'db1', 'blocks')]);
    expect(groups.map((group) => [group.name, group.verdict, group.found.length])).toEqual([
      ['disk', 'blocks', 1],
      ['disk', 'ok', 2],
      ['memory', 'ok', 3],
    ]);
  });
});
