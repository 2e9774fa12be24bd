import { describe, expect, it } from 'vitest';
import type { MemberReplication, ReceivedStream, SentStream } from '../../../../shared/model/postgres/replication';
import { pairReplication } from '../../../../shared/rules/postgres/pair-replication';

const asOf = 1_000;
const sent = (change: Partial<SentStream> = {}): SentStream => ({
  pid: 21,
  application: 'db2',
  user: 'replicator',
  address: '10.0.0.2',
  state: 'streaming',
  syncState: 'async',
  slot: 'db2',
  ...{ sent: 0, write: 0, flush: 0, replay: 0, writeMs: null, flushMs: null, replayMs: null },
  ...change,
});
const received = (change: Partial<ReceivedStream> = {}): ReceivedStream => ({
  pid: 31,
  status: 'streaming',
  senderHost: '10.0.0.1',
  senderPort: 5_432,
  slot: 'db2',
  timeline: 1,
  ...{ written: 0, flushed: 0, latestEnd: 0, lastMessage: 0 },
  ...change,
});
const pidAlone = received({
  ...{ status: null, senderHost: null, senderPort: null, slot: null, timeline: null },
  ...{ written: null, flushed: null, latestEnd: null, lastMessage: null },
});
const notNamed = sent({ application: null, user: null, address: null, state: null, syncState: null });

const member = (name: string, streams: readonly SentStream[], receives: ReceivedStream | null): MemberReplication => ({
  kind: 'known',
  member: name,
  source: { way: 'pg', role: 'app', encrypted: true, asOf },
  version: 170_005,
  recovery: name !== 'db1',
  ...{ position: 0, replayed: null, replayPaused: null, lastReplayedAt: null },
  sent: streams,
  received: receives,
  ...{ slots: [], slotLimit: null, archiver: null, disk: null, walRate: null, slotGrowth: {} },
});
const silent: MemberReplication = {
  kind: 'unknown',
  member: 'db1',
  error: { code: 'postgres.not_answered', message: 'PostgreSQL on db1 did not answer.', retryable: true },
};

/** What is said of the stream to db2. */
function saidOf(members: readonly MemberReplication[]): string | null | undefined {
  return pairReplication({ members, asOf }).find(({ to }) => to === 'db2')?.disagreement;
}

describe('the two ends of a stream', () => {
  it.each<[string, SentStream, ReceivedStream | null, string | null]>([
    ['agree', sent(), received(), null],
    ['are not compared where the receiver may tell its pid alone', sent(), pidAlone, null],
    ['are not compared where the sender may not tell the state', sent({ state: null }), received(), null],
    ['differ where there is no receiver', sent(), null, 'The sender streams to it, but db2 has no WAL receiver.'],
    ['differ in the state', sent(), received({ status: 'waiting' }), 'The sender says streaming, db2 says waiting.'],
    ['differ in the slot', sent({ slot: 'a' }), received({ slot: 'b' }), 'The sender uses the slot a, db2 says b.'],
  ])('%s', (_what, from, to, said) => {
    expect(saidOf([member('db1', [from], null), member('db2', [], to)])).toBe(said);
  });
});

describe('a standby that no stream is seen to lead to', () => {
  const nobody = member('db1', [], null);
  it.each<[string, MemberReplication, ReceivedStream | null, string | null]>([
    ['has no receiver', nobody, null, 'It has no WAL receiver, and no member sends to it.'],
    ['receives from elsewhere', nobody, received(), 'It receives from 10.0.0.1, and no member sends to it.'],
    ['may tell the pid of its receiver alone', nobody, pidAlone, null],
    ['may be the receiver that is not named', member('db1', [notNamed], null), received(), null],
    ['may be the receiver that is not named, and tells its pid alone', member('db1', [notNamed], null), pidAlone, null],
    [
      'has no receiver, whoever the one is that is not named',
      member('db1', [notNamed], null),
      null,
      'It has no WAL receiver.',
    ],
    ['may receive from a member that did not answer', silent, received(), null],
  ])('%s', (_what, sender, to, said) => {
    expect(saidOf([sender, member('db2', [], to)])).toBe(said);
  });
});

describe('a receiver that is not named', () => {
  it('stands as its sender tells it, and is no member', () => {
    const [pair] = pairReplication({ members: [member('db1', [notNamed], null)], asOf });
    expect(pair).toMatchObject({ from: 'db1', to: null, sent: { pid: 21, application: null }, disagreement: null });
  });
});
