// @vitest-environment jsdom
import { act, renderHook } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { useDraft } from '../../../../../renderer/features/configure/use-draft';

const before = { ttl: 30, loop_wait: 10 };
const after = { ttl: 20, loop_wait: 10 };

describe('the draft of a configuration', () => {
  beforeEach(() => window.sessionStorage.clear());

  const draftOf = () =>
    renderHook(({ raw }: { raw: Readonly<Record<string, unknown>> }) => useDraft('c1', raw), {
      initialProps: { raw: before },
    });

  it('keeps a text that cannot be read yet, whatever somebody else changes meanwhile', () => {
    const { result, rerender } = draftOf();
    act(() => result.current.setText('ttl: 30\nloop_wait: [1'));
    rerender({ raw: after });
    expect(result.current.news).toBeNull();
    act(() => result.current.merge('mine'));
    act(() => result.current.setValue(['ttl'], 25));
    expect(result.current.text).toBe('ttl: 30\nloop_wait: [1');
  });

  it('takes both changes by a merge once it can be read', () => {
    const { result, rerender } = draftOf();
    act(() => result.current.setText('ttl: 30\nloop_wait: 5\n'));
    rerender({ raw: after });
    expect(result.current.news).toEqual({ conflicts: [] });
    act(() => result.current.merge('mine'));
    expect(result.current.config).toEqual({ ttl: 20, loop_wait: 5 });
  });

  it('that was applied is no draft again after a reload, when somebody else has changed something since', () => {
    const { result, rerender, unmount } = draftOf();
    act(() => result.current.setValue(['ttl'], 20));
    rerender({ raw: after });
    unmount();
    const { result: reloaded } = renderHook(() => useDraft('c1', { ttl: 20, loop_wait: 9 }));
    expect(reloaded.current).toMatchObject({ isEdited: false, news: null, config: { ttl: 20, loop_wait: 9 } });
  });
});
