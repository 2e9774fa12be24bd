import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { awaitDcsContact } from '../../../../../electron/core/deploy/resources/cluster/dcs-contact';
import type { ApplyContext } from '../../../../../electron/core/deploy/resources/context';
import type { DcsContactResource, Endpoint } from '../../../../../shared/model/deploy/plan';
import { AppError } from '../../../../../shared/model/app-error';
import { localRemote } from '../../../../support/ssh/local-remote';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const one of closing.splice(0)) one();
});

/** A member's REST API. `seconds` gives `dcs_last_seen` by how often the member was woken. */
async function memberApi(
  server: string,
  role: 'primary' | 'replica',
  seconds: (woken: number) => number | undefined,
): Promise<{ readonly endpoint: Endpoint; readonly woken: () => number }> {
  let woken = 0;
  const api = createServer((request, response) => {
    if (request.method === 'PATCH') woken += 1;
    request.resume();
    response.end(
      JSON.stringify({
        state: 'running',
        role,
        timeline: 1,
        dcs_last_seen: seconds(woken),
        patroni: { version: '4.0.7', scope: 'main', name: server },
      }),
    );
  });
  await new Promise<void>((resolve) => {
    api.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => {
    api.close();
  });
  return {
    endpoint: { server, address: '127.0.0.1', port: (api.address() as AddressInfo).port },
    woken: () => woken,
  };
}

/** Waits on a clock of its own: each pause passes at once. */
function contextOf(details: string[] = []): ApplyContext {
  let now = 0;
  return {
    connectNamed: localRemote,
    probes: { connectNamed: localRemote, tls: null, timeoutMs: 3000 },
    secret: () => 'word',
    signal: new AbortController().signal,
    now: () => now,
    sleep: (ms) => {
      now += ms * 20;
      return Promise.resolve();
    },
    log: () => undefined,
    detail: (text) => details.push(text),
  };
}

const resourceOf = (members: readonly Endpoint[], etcd: readonly Endpoint[] = []): DcsContactResource => ({
  kind: 'dcs_contact',
  after: 'n1/etcd',
  etcd,
  members,
  scope: 'main',
  restUser: 'patroni',
});

describe('between the restarts of two members of etcd', () => {
  it('the leader has read etcd again, and is woken to do so at once', async () => {
    const replica = await memberApi('n1', 'replica', () => 900);
    const leader = await memberApi('n2', 'primary', (woken) => (woken < 2 ? 100 : 101));
    await awaitDcsContact(resourceOf([replica.endpoint, leader.endpoint]), contextOf());
    expect([replica.woken(), leader.woken()]).toEqual([0, 2]);
  });

  it('a leader that took the lock meanwhile is enough, whatever its clock says', async () => {
    let asked = 0;
    const first = await memberApi('n1', 'primary', () => 900);
    const second = await memberApi('n2', 'primary', () => 100);
    const members = [first.endpoint, second.endpoint];
    const resource: DcsContactResource = {
      ...resourceOf([]),
      get members() {
        asked += 1;
        return asked === 1 ? members.slice(0, 1) : members.slice(1);
      },
    };
    await awaitDcsContact(resource, contextOf());
    expect(second.woken()).toBe(0);
  });

  it('nothing is waited for where nobody leads', async () => {
    const replica = await memberApi('n1', 'replica', () => 100);
    await awaitDcsContact(resourceOf([replica.endpoint]), contextOf());
    expect(replica.woken()).toBe(0);
  });

  it('a leader that leads is enough where Patroni does not say when it read etcd', async () => {
    const leader = await memberApi('n2', 'primary', () => undefined);
    await awaitDcsContact(resourceOf([leader.endpoint]), contextOf());
  });

  it('a leader that never reaches etcd stops the run, with its server named', async () => {
    const leader = await memberApi('n2', 'primary', () => 100);
    const thrown: unknown = await awaitDcsContact(resourceOf([leader.endpoint]), contextOf()).catch((e: unknown) => e);
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({ data: { code: 'deploy.dcs_contact_lost', target: 'n2' } });
  });

  it('a member of etcd that does not answer is named while it is waited for', async () => {
    const leader = await memberApi('n2', 'primary', (woken) => woken);
    const details: string[] = [];
    const absent = { server: 'n3', address: '127.0.0.1', port: 1 };
    await expect(awaitDcsContact(resourceOf([leader.endpoint], [absent]), contextOf(details))).rejects.toThrow();
    expect(details).toContain('Waiting for etcd on n3.');
    expect(leader.woken()).toBe(0);
  });
});
