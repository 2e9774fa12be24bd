import { describe, expect, it } from 'vitest';
import { isHeartbeat } from '../../../../electron/core/clusters/watch/heartbeat';
import { Facts, answerOf, memberValue } from '../../../support/cluster/cluster-facts';

const NAMES = ['db1', 'db2', 'db3'];

/** Whether what a test does to the facts is a heartbeat. */
function judge(bend: (facts: Facts) => unknown): boolean {
  const facts = new Facts();
  const before = facts.facts;
  bend(facts);
  const { dcs, rest, ssh } = facts.facts;
  return isHeartbeat(before, {
    ...(dcs === before.dcs ? {} : { dcs }),
    ...(rest === before.rest ? {} : { rest }),
    ...(ssh === before.ssh ? {} : { ssh }),
  });
}

describe('a cluster nobody has open', () => {
  const heartbeats: readonly [string, (facts: Facts) => unknown][] = [
    [
      'a member writes its new position to etcd',
      (facts) => facts.put('members/db2', memberValue(1, { xlog_location: 2000 })),
    ],
    ['the leader writes its position', (facts) => facts.put('status', '{"optime":2000}')],
    ['etcd answers', (facts) => facts.event({ kind: 'alive', at: facts.now })],
    ['REST reports a new position', (facts) => facts.answer('db1', answerOf(0, NAMES, { xlog: { location: 2000 } }))],
  ];
  it.each(heartbeats)('is not shown anew when only a heartbeat comes: %s', (_name, bend) => {
    expect(judge(bend)).toBe(true);
  });
});

describe('a cluster nobody has open', () => {
  const news: readonly [string, (facts: Facts) => unknown][] = [
    ['the leader key is gone', (facts) => facts.remove('leader')],
    ['there is another leader', (facts) => facts.put('leader', 'db2')],
    ['a member key is gone', (facts) => facts.remove('members/db2')],
    ['there is a new member', (facts) => facts.put('members/db4', memberValue(3))],
    ['a member changes its state in etcd', (facts) => facts.put('members/db2', memberValue(1, { state: 'stopping' }))],
    ['a member changes its timeline in etcd', (facts) => facts.put('members/db2', memberValue(1, { timeline: 2 }))],
    ['a failover is asked for', (facts) => facts.put('failover', '{"leader":"db1"}')],
    [
      'the configuration changes',
      (facts) => facts.put('config', '{"ttl":30,"loop_wait":10,"retry_timeout":10,"pause":true}'),
    ],
    [
      'etcd lost its quorum',
      (facts) =>
        facts.event({
          kind: 'lost',
          reason: 'no_quorum',
          error: { code: 'etcd.no_quorum', message: '', retryable: true },
          at: facts.now,
        }),
    ],
    ['REST fails', (facts) => facts.fail('db2', 'rest.timeout', 1)],
    ['REST reports another role', (facts) => facts.answer('db2', answerOf(1, NAMES, { role: 'primary' }))],
    ['REST reports another state', (facts) => facts.answer('db2', answerOf(1, NAMES, { state: 'stopped' }))],
    ['a restart became pending', (facts) => facts.answer('db2', answerOf(1, NAMES, { pending_restart: true }))],
    ['an SSH connection is lost', (facts) => facts.ssh('db2', { kind: 'connecting', since: 0, attempt: 1 })],
  ];
  it.each(news)('is shown anew at once when there is news: %s', (_name, bend) => {
    expect(judge(bend)).toBe(false);
  });
});
