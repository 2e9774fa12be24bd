import { describe, expect, it } from 'vitest';
import type { Advice, Aside } from '../../../../shared/model/advice/advice';
import { asideOf, outgrownAside } from '../../../../shared/rules/advice/make-report';

const advice: Advice = {
  rule: 'watchdog',
  severity: 'warning',
  about: ['db1', 'db2'],
  sentence: 'No watchdog guards db1 and db2.',
  evidence: [],
  todo: 'Load softdog.',
  place: null,
};
const aside: Aside = {
  rule: 'watchdog',
  severity: 'warning',
  about: ['db1', 'db2'],
  reason: 'Virtual machines.',
  by: 'dba',
  at: 1,
};

describe('an advice that was set aside', () => {
  it('stays aside while it is the same or less', () => {
    expect(asideOf(advice, [aside])).toBe(aside);
    expect(asideOf({ ...advice, about: ['db1'] }, [aside])).toBe(aside);
    expect(asideOf({ ...advice, severity: 'info' }, [aside])).toBe(aside);
  });

  it.each([
    ['becomes graver', { severity: 'critical' as const }],
    ['concerns another member', { about: ['db1', 'db4'] }],
  ])('comes back by itself when it %s, and says that it had been set aside', (_what, change) => {
    expect(asideOf({ ...advice, ...change }, [aside])).toBeNull();
    expect(outgrownAside({ ...advice, ...change }, [aside])).toBe(aside);
  });

  it('leaves other advice alone', () => {
    expect(asideOf({ ...advice, rule: 'backup' }, [aside])).toBeNull();
    expect(outgrownAside({ ...advice, rule: 'backup' }, [aside])).toBeNull();
  });
});
