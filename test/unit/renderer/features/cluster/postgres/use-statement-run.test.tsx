// @vitest-environment jsdom
import { act, renderHook, waitFor } from '@testing-library/react';
import { implement } from '@orpc/server';
import type { ReactNode } from 'react';
import { describe, expect, it } from 'vitest';
import { useStatementRun } from '../../../../../../renderer/features/cluster/postgres/use-statement-run';
import { connectCore } from '../../../../../../renderer/rpc/core';
import { PageContext } from '../../../../../../renderer/rpc/hooks';
import { createPage } from '../../../../../../renderer/rpc/page';
import { contract } from '../../../../../../shared/contract';
import { doubleClient, type DoubleRouter } from '../../../../../support/page-double/client';

const first = { clusterId: 'orders', member: 'db1', database: 'postgres', timeoutMs: 600_000, limit: 100 };

/** An editor whose statements run until the test ends; `started` and `cancelled` grow by member and name of the run. */
function openEditor() {
  const started: string[] = [];
  const cancelled: string[] = [];
  const os = implement(contract).postgres;
  const change = (router: DoubleRouter): DoubleRouter => ({
    ...router,
    postgres: {
      ...router.postgres,
      run: os.run.handler(({ input }) => {
        started.push(`${input.member} ${input.runId}`);
        return new Promise<never>(() => undefined);
      }),
      cancelRun: os.cancelRun.handler(({ input }) => {
        cancelled.push(`${input.member} ${input.runId}`);
        return null;
      }),
    },
  });
  const client = doubleClient({ change });
  const core = connectCore({
    dial: () => Promise.resolve({ client, closed: new Promise(() => undefined) }),
    now: Date.now,
  });
  const page = createPage(core);
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <PageContext value={page}>{children}</PageContext>
  );
  const hook = renderHook((place: typeof first) => useStatementRun(place), { initialProps: first, wrapper });
  const start = async () => {
    act(() => hook.result.current.start('SELECT pg_sleep(600)', false));
    await waitFor(() => expect(started).toHaveLength(1));
  };
  return { ...hook, start, started, cancelled };
}

describe('a statement that still runs', () => {
  it('is cancelled when the view is left', async () => {
    const { start, unmount, started, cancelled } = openEditor();
    await start();
    unmount();
    await waitFor(() => expect(cancelled).toEqual(started));
  });

  it('is cancelled where it runs when another member is chosen, which can be asked at once', async () => {
    const { start, rerender, result, started, cancelled } = openEditor();
    await start();
    rerender({ ...first, member: 'db2' });
    await waitFor(() => expect(cancelled).toEqual(started));
    expect(result.current.busy).toBe(false);
  });

  it('goes on when only the limits for the next one are changed', async () => {
    const { start, rerender, result, cancelled } = openEditor();
    await start();
    rerender({ ...first, timeoutMs: 10_000, limit: 500 });
    expect(result.current.busy).toBe(true);
    expect(cancelled).toEqual([]);
  });
});
