import { describe, expect, it } from 'vitest';
import type { NewClusterEvent } from '../../../../electron/core/clusters/hub';
import {
  NOTHING_RECORDED,
  recordChanges,
  type RecorderMemory,
} from '../../../../electron/core/clusters/record/recorder';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { Facts, NOW, answerOf, memberValue } from '../../../support/cluster/cluster-facts';

const NAMES = ['db1', 'db2', 'db3'];

/** Folds and records step by step, as the watcher does. */
class Tape {
  readonly facts = new Facts();
  readonly events: NewClusterEvent[] = [];
  #memory: RecorderMemory = NOTHING_RECORDED;
  #state: ClusterState = this.facts.fold();

  constructor() {
    this.step();
  }

  step(): this {
    const next = this.facts.fold();
    const { memory, events } = recordChanges(this.#memory, this.#state, next);
    this.#memory = memory;
    this.#state = next;
    this.events.push(...events);
    return this;
  }

  kinds(): string[] {
    return this.events.map((event) => event.kind);
  }

  gaps(): (number | undefined)[] {
    return this.events.filter((event) => event.kind === 'primary_gap').map((event) => event.durationMs);
  }
}

const asPrimary = (): Record<string, unknown> =>
  answerOf(0, ['db2', 'db3'], { patroni: { version: '4.0.7', name: 'db2' }, timeline: 2 });

describe('the event recorder', () => {
  it('records nothing while nothing happens', () => {
    const tape = new Tape();
    tape.facts.later(2000).refresh();
    expect(tape.step().events).toEqual([]);
  });

  it("measures a failover from the old leader's first missing answer until the new one runs as primary", () => {
    const tape = new Tape();
    tape.facts.later(1000).fail('db1', 'rest.refused', 1);
    tape.step();
    tape.facts.later(20_000).refresh().remove('leader').remove('members/db1');
    tape.step();
    tape.facts.later(500).put('leader', 'db2');
    tape.step();
    tape.facts.later(1500).answer('db2', asPrimary());
    tape.step();
    expect(tape.kinds()).toEqual(
      expect.arrayContaining(['leader_lost', 'leader_elected', 'member_gone', 'promoted', 'timeline', 'primary_gap']),
    );
    expect(tape.gaps()).toEqual([22_000]);
    expect(tape.events.find((event) => event.kind === 'leader_elected')?.at).toBe(NOW + 21_500);
  });

  it('measures from the vacant leader key where the old primary served until then', () => {
    const tape = new Tape();
    tape.facts.later(1000).refresh().remove('leader');
    tape.step();
    tape.facts
      .later(700)
      .put('leader', 'db2')
      .put('members/db2', memberValue(1, { role: 'primary' }))
      .answer('db2', asPrimary());
    tape.step();
    expect(tape.gaps()).toEqual([700]);
  });

  it('does not end the outage with the leader key alone: the new leader must run as primary', () => {
    const tape = new Tape();
    tape.facts.later(1000).put('leader', 'db2');
    tape.step();
    tape.facts.later(900).answer('db1', answerOf(1, NAMES));
    expect(tape.step().gaps()).toEqual([]);
    tape.facts.later(100).answer('db2', asPrimary());
    expect(tape.step().gaps()).toEqual([1000]);
  });

  it('counts a primary demoted while it holds the leader key as an outage', () => {
    const tape = new Tape();
    tape.facts.later(1000).answer('db1', answerOf(1, NAMES, { patroni: { version: '4.0.7', name: 'db1' } }));
    tape.step();
    tape.facts.later(4000).refresh().answer('db1', answerOf(0, NAMES));
    expect(tape.step().gaps()).toEqual([4000]);
  });

  it('counts a crash of the same leader by itself, however long that leader had held the lock before', () => {
    const tape = new Tape();
    tape.facts.later(1000).put('leader', 'db2').answer('db2', asPrimary()).answer('db1', answerOf(1, NAMES));
    tape.step();
    tape.facts.later(160_000).refresh();
    tape.step();
    tape.facts
      .later(1000)
      .refresh()
      .answer('db2', { ...asPrimary(), state: 'crashed' });
    tape.step();
    tape.facts.later(700).refresh().answer('db2', asPrimary());
    expect(tape.step().gaps().at(-1)).toBe(700);
  });

  it('measures an outage soon after another one from the middle between the last two questions, not from the one before', () => {
    const tape = new Tape();
    for (let count = 0; count < 2; count += 1) {
      tape.facts.later(2000).refresh().answer('db1', answerOf(0, NAMES));
      tape.step();
    }
    tape.facts.later(1000).answer('db1', { ...answerOf(0, NAMES), state: 'crashed' });
    tape.step();
    tape.facts.later(13_000).refresh().answer('db1', answerOf(0, NAMES));
    tape.step();
    tape.facts.later(6000).fail('db1', 'rest.timeout', 1);
    tape.step();
    tape.facts.later(13_000).refresh().remove('leader').remove('members/db1');
    tape.step();
    tape.facts.later(1000).put('leader', 'db2').answer('db2', asPrimary());
    expect(tape.step().gaps().at(-1)).toBe(19_000);
  });

  /** Nobody but this computer is to blame: it hears neither etcd nor any member. */
  function deafen(tape: Tape): Tape {
    for (const name of NAMES) tape.facts.fail(name, 'ssh.connection_lost', 5);
    tape.facts.lose('unreachable');
    return tape;
  }

  it.each<[string, (tape: Tape) => unknown]>([
    [
      'this computer has no network',
      (tape) => {
        for (let step = 0; step < 40; step += 1) {
          tape.facts.later(2000);
          deafen(tape).step();
        }
      },
    ],
    ['this computer is asleep', (tape) => tape.facts.later(3_600_000)],
    [
      'this computer is asleep and then finds no network',
      (tape) => {
        tape.facts.later(3_600_000);
        deafen(tape).step();
        tape.facts.later(2000);
      },
    ],
  ])('measures no outage of a leader that changed while %s', (_when, pass) => {
    const tape = new Tape();
    tape.facts.later(2000).refresh();
    tape.step();
    pass(tape);
    tape.facts
      .refresh()
      .put('leader', 'db2')
      .put('members/db2', memberValue(1, { role: 'primary' }))
      .answer('db1', answerOf(1, NAMES))
      .answer('db2', asPrimary());
    tape.step();
    expect(tape.gaps()).toEqual([undefined]);
    expect(tape.events.find(({ kind }) => kind === 'primary_gap')?.sentence).toMatch(
      /^How long there was no primary between db1 and db2 is not known: nothing was heard of the cluster for 1 (min|h)/,
    );
  });

  it('records no outage of a leader that is the same after this computer was asleep', () => {
    const tape = new Tape();
    tape.facts.later(3_600_000);
    deafen(tape).step();
    for (const [index, name] of NAMES.entries()) tape.facts.answer(name, answerOf(index, NAMES));
    tape.facts.later(2000).refresh();
    expect(tape.step().gaps()).toEqual([]);
  });

  it.each([
    ['a moment', 1000, 'db2 took the leader lock.'],
    ['an hour', 3_600_000, 'db2 took the leader lock while etcd was not seen.'],
  ])('records a change of leader that came while etcd was not seen for %s', (_span, ms, sentence) => {
    const tape = new Tape();
    tape.facts.later(2000).refresh();
    tape.step();
    tape.facts.later(1000).lose('unreachable');
    tape.step();
    tape.facts.later(ms).snapshot({ leader: 'db2' });
    tape.step();
    expect(tape.events.filter(({ kind }) => kind.startsWith('leader_')).map((one) => one.sentence)).toEqual([
      'db1 no longer holds the leader lock.',
      sentence,
    ]);
  });

  it('counts no outage when only Patroni is silent and PostgreSQL goes on', () => {
    const tape = new Tape();
    tape.facts.later(1000).fail('db1', 'rest.refused', 1);
    tape.facts.facts = { ...tape.facts.facts, postgresUp: new Map([['db1', true]]) };
    tape.step();
    tape.facts.later(9000).refresh().answer('db1', answerOf(0, NAMES));
    expect(tape.step().gaps()).toEqual([]);
  });

  it('counts from the lost lock where Patroni was silent before and PostgreSQL went on letting clients in', () => {
    const tape = new Tape();
    tape.facts.later(1000).fail('db1', 'rest.timeout', 1);
    tape.step();
    tape.facts.facts = { ...tape.facts.facts, postgresUp: new Map([['db1', true]]) };
    tape.facts.later(30_000).refresh().fail('db1', 'rest.timeout', 2);
    tape.step();
    tape.facts.later(1000).refresh().fail('db1', 'rest.timeout', 3).remove('leader');
    tape.step();
    tape.facts.later(2000).put('leader', 'db2').answer('db2', asPrimary());
    tape.step();
    expect(tape.gaps()).toEqual([2000]);
  });

  it('records pauses, requests, schedules, configuration changes, the DCS and findings', () => {
    const tape = new Tape();
    tape.facts.put('config', '{"pause":true,"ttl":40}');
    tape.step();
    tape.facts.put('failover', '{"leader":"db1","member":"db2"}');
    tape.step();
    tape.facts.put('failover', '{"leader":"db1","scheduled_at":"2030-01-01T00:00:00Z"}');
    tape.step();
    tape.facts.remove('failover');
    tape.step();
    tape.facts.lose('no_quorum');
    tape.step();
    tape.facts.snapshot();
    tape.step();
    expect(tape.kinds()).toEqual([
      'paused',
      'config_changed',
      'failover_requested',
      'switchover_scheduled',
      'schedule_removed',
      'no_quorum',
      'dcs_back',
      'resumed',
      'config_changed',
    ]);
  });

  it('records a connection that stays lost once, whatever else the member loses', () => {
    const tape = new Tape();
    tape.facts.fail('db2', 'ssh.connection_lost');
    tape.step();
    tape.facts.remove('members/db2');
    tape.step();
    tape.facts.put('members/db2', memberValue(1)).answer('db2', answerOf(1, NAMES));
    tape.step();
    expect(tape.kinds().filter((kind) => kind.startsWith('ssh_'))).toEqual(['ssh_lost', 'ssh_back']);
  });

  it('records a new finding once', () => {
    const tape = new Tape();
    tape.facts.answer('db2', answerOf(1, NAMES, { watchdog_failed: true }));
    tape.step();
    tape.facts.later(1000).refresh();
    tape.step();
    expect(tape.kinds()).toEqual(['finding']);
  });
});
