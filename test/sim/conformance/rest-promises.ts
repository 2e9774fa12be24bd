import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { metricNames } from '../../../shared/rules/monitoring/metric-names';
import {
  waitUntilHealthy,
  clusterOf,
  codeAndText,
  requireLeader,
  patroniOf,
  replicasOf,
  rest,
  isAtLeast,
  healthyState,
} from './target';
import type { ConformanceTarget, RawAnswer } from './target';

const time = z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00:00$/);

function answered(answer: RawAnswer): Extract<RawAnswer, { kind: 'answer' }> {
  if (answer.kind !== 'answer') throw new Error(`The member gave no answer: ${answer.kind}.`);
  return answer;
}

/** What a client may rely on when it only reads. */
export function describeRestPromises(open: () => ConformanceTarget): void {
  it('describes the leader and a replica in GET /patroni', async () => {
    const target = open();
    const leader = await waitUntilHealthy(target);
    const [replica = ''] = await replicasOf(target);
    const patroni = z.looseObject({ version: z.literal(target.version), scope: z.literal(target.scope) });
    const common = {
      state: z.literal('running'),
      postmaster_start_time: time,
      server_version: z.number().min(100_000),
      timeline: z.number().min(1),
      dcs_last_seen: z.number(),
      database_system_identifier: z.string().regex(/^\d+$/),
      patroni,
    };
    const row = z.looseObject({
      usename: z.string(),
      application_name: z.string(),
      client_addr: z.string(),
      state: z.literal('streaming'),
      sync_state: z.literal('async'),
      sync_priority: z.number(),
    });
    z.looseObject({
      ...common,
      role: z.literal(isAtLeast(target, '4.0.0') ? 'primary' : 'master'),
      xlog: z.strictObject({ location: z.number() }),
      replication: z.array(row).length(2),
    }).parse(await patroniOf(target, leader));
    const xlog = z.strictObject({
      received_location: z.number(),
      replayed_location: z.number(),
      replayed_timestamp: time.nullable(),
      paused: z.literal(false),
    });
    const status = z
      .looseObject({ ...common, role: z.literal('replica'), xlog })
      .parse(await patroniOf(target, replica));
    expect(status.replication).toBeUndefined();
    expect(status.replication_state).toBe(isAtLeast(target, '3.0.4') ? 'streaming' : undefined);
    expect(status.patroni.name).toBe(isAtLeast(target, '3.2.0') ? replica : undefined);
  });

  it('lists the members in GET /cluster, the same from every member', async () => {
    const target = open();
    const leader = await waitUntilHealthy(target);
    for (const member of Object.keys(target.restUrls)) {
      const cluster = await clusterOf(target, member);
      expect(cluster?.members.map(({ name }) => name)).toEqual(Object.keys(target.restUrls).sort());
      for (const one of cluster?.members ?? []) {
        expect(one).toMatchObject({
          role: one.name === leader ? 'leader' : 'replica',
          host: expect.any(String),
          port: expect.any(Number),
          api_url: expect.stringMatching(/^http:\/\/.*\/patroni$/),
        });
        expect(one.state).toBe(healthyState(target, one.name === leader));
        expect(typeof one.lag).toBe(one.name === leader ? 'undefined' : 'number');
        expect('receive_lag' in one && 'replay_lag' in one).toBe(one.name !== leader && isAtLeast(target, '4.1.0'));
      }
    }
    const raw = z
      .looseObject({ scope: z.string().optional() })
      .parse(answered(await rest(target, leader, 'GET /cluster')).body);
    expect(raw.scope).toBe(isAtLeast(target, '3.2.0') ? target.scope : undefined);
  });

  it('answers health checks by status code, with the state as JSON even on failure', async () => {
    const target = open();
    const leader = await waitUntilHealthy(target);
    const [replica = ''] = await replicasOf(target);
    const expected: readonly [path: string, onLeader: number, onReplica: number][] = [
      ['/', 200, 503],
      ['/primary', 200, 503],
      ['/master', 200, 503],
      ['/leader', 200, 503],
      ['/read-write', 200, 503],
      ['/standby-leader', 503, 503],
      ['/replica', 503, 200],
      ['/replica?lag=1GB', 503, 200],
      ['/replica?tag_nothing=1', 503, 503],
      ['/read-only', 200, 200],
      ['/async', 503, 200],
      ['/sync', 503, 503],
      ['/health', 200, 200],
      ['/liveness', 200, 200],
      ['/readiness', 200, 200],
      ['/no-such-check', 503, 503],
    ];
    for (const [path, onLeader, onReplica] of expected) {
      const onBoth = [
        answered(await rest(target, leader, `GET ${path}`)),
        answered(await rest(target, replica, `GET ${path}`)),
      ];
      expect([path, ...onBoth.map(({ code }) => code)]).toEqual([path, onLeader, onReplica]);
      if (!['/liveness', '/readiness'].includes(path))
        for (const { body } of onBoth)
          expect(body, path).toMatchObject({ state: 'running', patroni: { scope: target.scope } });
    }
  });

  it('answers HEAD and OPTIONS with a status code only', async () => {
    const target = open();
    const leader = await requireLeader(target);
    for (const method of ['HEAD', 'OPTIONS'])
      expect(await codeAndText(rest(target, leader, `${method} /primary`))).toBe('200 ');
  });

  it('closes each connection after its answer', async () => {
    const target = open();
    const { hostname, port } = new URL(target.restUrls[await requireLeader(target)] ?? '');
    const received = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), hostname, () => {
        socket.write('GET /primary HTTP/1.1\r\nHost: member\r\nConnection: keep-alive\r\n\r\n');
      });
      socket
        .on('data', (chunk) => {
          text += chunk.toString('utf8');
        })
        .on('end', () => {
          socket.end();
          resolve(text);
        })
        .on('error', reject);
      socket.setTimeout(10_000, () => {
        socket.destroy();
        reject(new Error('The connection stayed open.'));
      });
    });
    expect(received).toMatch(/^HTTP\/1\.[01] 200 OK\r\n/);
  });

  it('gives history, configuration and metrics under the names of its version', async () => {
    const target = open();
    const leader = await waitUntilHealthy(target);
    const history = answered(await rest(target, leader, 'GET /history'));
    z.array(z.tuple([z.number(), z.number(), z.string()]).rest(z.string())).parse(history.body);
    expect(answered(await rest(target, leader, 'GET /config')).body).toMatchObject({
      ttl: expect.any(Number),
      loop_wait: expect.any(Number),
    });
    const metrics = answered(await rest(target, leader, 'GET /metrics')).text;
    const value = (name: string): number | undefined => {
      const found = new RegExp(
        `^${name}\\{scope="${target.scope}"${isAtLeast(target, '3.2.0') ? `,name="${leader}"` : ''}\\} (\\S+)`,
        'm',
      ).exec(metrics)?.[1];
      return found === undefined ? undefined : Number(found);
    };
    expect(value('patroni_postgres_running')).toBe(1);
    expect(value('patroni_replica')).toBe(0);
    expect(value('patroni_cluster_unlocked')).toBe(0);
    expect(value('patroni_postgres_timeline')).toBeGreaterThan(0);
    expect(value('patroni_xlog_location')).toBeGreaterThan(0);
    expect(value('patroni_primary')).toBe(isAtLeast(target, '3.0.0') ? 1 : undefined);
    expect(value('patroni_master')).toBe(isAtLeast(target, '4.0.0') ? undefined : 1);
    const known: readonly (readonly [string, { readonly program: string; readonly since?: string }])[] =
      Object.entries(metricNames);
    for (const [name, { program, since = '0.0.0' }] of known)
      if (program === 'patroni')
        expect(value(name) === undefined, `${name} in Patroni ${target.version}`).toBe(!isAtLeast(target, since));
  });
}
