import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { wakesLeader } from '../../../../../electron/core/deploy/resources/cluster/wake-leader';
import type { Endpoint, ReplicaResource } from '../../../../../shared/model/deploy/plan';
import { localRemote } from '../../../../support/ssh/local-remote';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const one of closing.splice(0)) one();
});

/** A leader's REST API that notes what it is asked. */
async function leaderApi(): Promise<{ readonly leader: Endpoint; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? ''} ${body}`);
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => {
    server.close();
  });
  return { leader: { server: 'n1', address: '127.0.0.1', port: (server.address() as AddressInfo).port }, asked };
}

const context = { probes: { connectNamed: localRemote, tls: null, timeoutMs: 3000 }, secret: () => 'word' };
const replica: ReplicaResource = {
  kind: 'replica',
  copiesInto: null,
  member: 'n2',
  rest: { server: 'n2', address: '127.0.0.1', port: 1 },
  members: [],
  scope: 'main',
  restUser: 'patroni',
};

describe('a new replica', () => {
  it('wakes the leader once for each state it comes through, with a change that changes nothing', async () => {
    const { leader, asked } = await leaderApi();
    const wake = wakesLeader(replica, context);
    await wake('start failed', leader);
    expect(asked).toEqual([]);
    for (const state of ['stopped', 'stopped', 'creating replica', 'creating replica', 'running', 'running'])
      await wake(state, leader);
    expect(asked).toEqual(
      Array.from(
        { length: 3 },
        () => `PATCH /config Basic ${Buffer.from('patroni:word').toString('base64')} {"matriarch":null}`,
      ),
    );
  });

  it("waits for the leader's own round where the leader cannot be woken", async () => {
    const { leader } = await leaderApi();
    for (const one of closing.splice(0)) one();
    await wakesLeader(replica, context)('running', leader);
  });
});
