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
  it('the preflight counts a check on three servers as one check with three results', () => {
    expect(countChecks(all, '1.2 s')).toBe('2 checks on 3 servers, 6 results in 1.2 s');
    expect(countChecks([...all, check('etcd', null)], '1.2 s')).toBe('3 checks on 3 servers, 7 results in 1.2 s');
  });

  it('the preflight does not count a check as passed while one server has a warning', () => {
    expect(countInOrder(all)).toBe('All 2 checks in detail');
    expect(countInOrder([...all.slice(1), check('disk', 'db1', 'warning')])).toBe(
      'Passed: 1 of 2 checks on every server',
    );
  });

  it('the preflight lists blocking checks first, and keeps the servers on which they passed', () => {
    const groups = groupChecks([...all.slice(1), check('disk', 'db1', 'blocks')]);
    expect(groups.map((group) => [group.name, group.verdict, group.found.length])).toEqual([
      ['disk', 'blocks', 1],
      ['disk', 'ok', 2],
      ['memory', 'ok', 3],
    ]);
  });
});
