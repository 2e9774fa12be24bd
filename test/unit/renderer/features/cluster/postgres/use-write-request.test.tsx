// @vitest-environment jsdom
import { act, renderHook } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { useWriteRequest } from '../../../../../../renderer/features/cluster/postgres/use-write-request';

const first = { member: 'node1', database: 'postgres', statement: 'delete from a', timeoutMs: 1_000 };

function requestOf() {
  return renderHook(
    ({ statement, ...place }: typeof first) => useWriteRequest({ clusterId: 'c1', limit: 100, ...place }, statement),
    { initialProps: first },
  );
}

describe('the name of a write', () => {
  it('stays for a second try, whatever else is set meanwhile', () => {
    const { result, rerender } = requestOf();
    const { id } = result.current;
    rerender({ ...first, timeoutMs: 2_000 });
    expect(result.current.id).toBe(id);
  });

  it('is another once the write was taken', () => {
    const { result } = requestOf();
    const { id } = result.current;
    act(() => result.current.renew());
    expect(result.current.id).not.toBe(id);
  });

  it.each([{ statement: 'delete from b' }, { member: 'node2' }, { database: 'shop' }])(
    'is another for %j',
    (change) => {
      const { result, rerender } = requestOf();
      const { id } = result.current;
      rerender({ ...first, ...change });
      expect(result.current.id).not.toBe(id);
    },
  );
});
