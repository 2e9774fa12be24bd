// @vitest-environment jsdom
import { afterEach, describe, expect, it } from 'vitest';
import { implement } from '@orpc/server';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { TestStepPanel } from '../../../../../renderer/features/connect/test-step';
import { connectCore } from '../../../../../renderer/rpc/core';
import { PageContext } from '../../../../../renderer/rpc/hooks';
import { createPage } from '../../../../../renderer/rpc/page';
import { contract } from '../../../../../shared/contract';
import type { TestReport } from '../../../../../shared/model/connect/server-test';
import { doubleClient } from '../../../../support/page-double/client';

afterEach(cleanup);

const failed: TestReport = {
  steps: [],
  error: { code: 'ssh.host_silent', message: 'db1 does not answer.', retryable: true },
};

/** Shows the test of the double's first server, with this report; answers what was removed. */
async function show(report: TestReport) {
  const removed: string[] = [];
  const os = implement(contract).servers;
  const client = doubleClient({
    change: (router) => ({
      ...router,
      servers: {
        ...router.servers,
        test: os.test.handler(() => report),
        remove: os.remove.handler(({ input }) => {
          removed.push(input.id);
          return null;
        }),
      },
    }),
  });
  const [server] = await client.servers.list();
  const core = connectCore({
    dial: () => Promise.resolve({ client, closed: new Promise(() => undefined) }),
    now: Date.now,
  });
  let backs = 0;
  render(
    <PageContext value={createPage(core)}>
      <TestStepPanel serverId={server?.id ?? ''} onBack={() => (backs += 1)} onGood={() => undefined} />
    </PageContext>,
  );
  return { server, removed, backs: () => backs };
}

describe('a connection test that failed', () => {
  it('says that the server is kept, and removes it only after a question', async () => {
    const { server, removed, backs } = await show(failed);
    await expect.poll(() => document.body.textContent).toContain(`${server?.name ?? ''} is kept under Servers`);
    fireEvent.click(screen.getByRole('button', { name: 'Remove the server' }));
    expect(removed).toEqual([]);
    fireEvent.click(screen.getByRole('button', { name: 'Remove' }));
    await expect.poll(() => removed).toEqual([server?.id]);
    await expect.poll(backs).toBe(1);
  });
});

describe('a connection test that went well', () => {
  it('says nothing of keeping the server', async () => {
    await show({ ...failed, error: null });
    await expect.poll(() => screen.queryByRole('button', { name: 'Find Patroni' })).not.toBeNull();
    expect(document.body.textContent).not.toContain('is kept under Servers');
  });
});
