import { appError, toErrorData } from '../../../shared/model/app-error';
import type { AvailabilityReport, AvailabilitySpan, Month } from '../../../shared/model/availability/availability';
import type { ClusterEvent, ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Undo } from '../../../shared/model/undo';
import { reportAvailability } from '../../../shared/rules/availability/availability-report';
import {
  followSpans,
  NO_SPANS,
  type AvailabilitySight,
  type SpanMemory,
} from '../../../shared/rules/availability/follow-spans';
import { causeOfGap } from '../../../shared/rules/availability/gap-cause';
import { boundsOfMonth, isZone, monthsBetween } from '../../../shared/rules/availability/months';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { memberOf } from '../../../shared/rules/cluster/member-facts';
import { writeStatusOf } from '../../../shared/rules/cluster/write-status';
import type { ClusterHub } from '../clusters/hub';
import { createSpanFiles, createSpanMemory, type SpanFiles } from './span-file';

/** What the service works with. */
export interface AvailabilityDeps {
  readonly hub: Pick<ClusterHub, 'state' | 'events'>;
  readonly clusterIds: () => readonly string[];
  readonly now: () => number;
  readonly directory: string;
  readonly isTemporary: (clusterId: string) => boolean;
  readonly onUnwritten: (thrown: unknown) => void;
}

/** Who led when, and when nobody did, as this app saw it. See shared/contract/availability.ts. */
export interface AvailabilityService {
  months(clusterId: string, zone: string): Promise<readonly Month[]>;
  report(clusterId: string, month: Month): Promise<AvailabilityReport>;
  /** Looks once at every cluster; the timer does the same. */
  look(): Promise<void>;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 2000;
/** How often the span that goes on is written: a crash loses no more than this, and what is lost is not known. */
const WRITE_EVERY_MS = 30_000;
/** Events around an outage. */
const RECENT_EVENTS = 400;

interface Watched {
  memory: SpanMemory;
  writtenAt: number;
  lastEvent: number;
}

/** Makes the service, and begins to look. */
export function createAvailability(deps: AvailabilityDeps): AvailabilityService {
  const recorder = new Recorder(deps);
  const stop = recorder.start();
  return {
    months: async (clusterId, zone) => {
      stateOf(deps, clusterId);
      refuseUnknownZone(zone);
      const now = deps.now();
      return monthsBetween((await recorder.files(clusterId).first(clusterId)) ?? now, now, zone);
    },
    report: async (clusterId, month) => {
      const state = stateOf(deps, clusterId);
      refuseUnknownZone(month.zone);
      const { spans, damaged } = await recorder.spans(clusterId, boundsOfMonth(month).from);
      const problem =
        damaged === 0 ? null : `${damaged} lines of the record could not be read: their time is not known.`;
      return reportAvailability({
        cluster: clusterName(state),
        spans,
        history: state.history,
        month,
        now: deps.now(),
        problem,
      });
    },
    look: () => recorder.look(),
    close: async () => {
      stop();
      await recorder.close();
    },
  };
}

function refuseUnknownZone(zone: string): void {
  if (!isZone(zone))
    throw appError('app.bad_input', 'There is no such time zone.', {
      hint: 'Give a name of the IANA database, such as Europe/Berlin, or UTC.',
    });
}

function stateOf({ hub }: AvailabilityDeps, clusterId: string): ClusterState {
  const state = hub.state(clusterId);
  if (state === null)
    throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
      hint: 'Choose one from the list.',
    });
  return state;
}

/** What the recorder of events has measured takes the place of what was seen now and then. */
function withoutMeasured(
  ended: readonly AvailabilitySpan[],
  measured: readonly AvailabilitySpan[],
): readonly AvailabilitySpan[] {
  return ended.filter(
    (span) =>
      span.kind === 'up' ||
      !measured.some(({ from, to }) => from < span.to + LOOK_EVERY_MS && to > span.from - LOOK_EVERY_MS),
  );
}

/** A standby cluster has no primary by design: nothing is recorded of it. */
function sightOf(state: ClusterState): AvailabilitySight {
  if (state.onHold === true || state.config?.standbyCluster === true) return { kind: 'unknown' };
  const writes = writeStatusOf(state);
  switch (writes.kind) {
    case 'yes':
      return { kind: 'up', primary: writes.primary, timeline: memberOf(state, writes.primary)?.timeline ?? null };
    case 'no':
      // Commits that wait for a synchronous standby have a primary that is there.
      return writes.cause === 'waiting_for_sync' || writes.cause === 'standby_cluster'
        ? { kind: 'unknown' }
        : { kind: 'down' };
    case 'not_known':
      return { kind: 'unknown' };
  }
}

class Recorder {
  readonly #deps: AvailabilityDeps;
  readonly #onDisk: SpanFiles;
  readonly #inMemory: SpanFiles = createSpanMemory();
  readonly #watched = new Map<string, Watched>();
  #looking: Promise<void> = Promise.resolve();

  constructor(deps: AvailabilityDeps) {
    this.#deps = deps;
    this.#onDisk = createSpanFiles(deps.directory);
  }

  files(clusterId: string): SpanFiles {
    return this.#deps.isTemporary(clusterId) ? this.#inMemory : this.#onDisk;
  }

  start(): Undo {
    const timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** One look after the other: files are appended to. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#lookAtAll());
    return this.#looking;
  }

  async spans(
    clusterId: string,
    since: number,
  ): Promise<{ readonly spans: readonly AvailabilitySpan[]; readonly damaged: number }> {
    await this.look();
    const { spans, damaged } = await this.files(clusterId).read(clusterId, since);
    const open = this.#watched.get(clusterId)?.memory.open ?? null;
    return { spans: open === null ? spans : [...spans, open], damaged };
  }

  async close(): Promise<void> {
    await this.#looking;
    for (const [clusterId, { memory }] of this.#watched) await this.#keepOpen(clusterId, memory.open);
  }

  async #lookAtAll(): Promise<void> {
    for (const clusterId of this.#deps.clusterIds()) {
      const state = this.#deps.hub.state(clusterId);
      if (state !== null) await this.#lookAt(clusterId, state);
    }
  }

  async #lookAt(clusterId: string, state: ClusterState): Promise<void> {
    const now = this.#deps.now();
    const before = this.#watched.get(clusterId) ?? {
      memory: NO_SPANS,
      writtenAt: 0,
      lastEvent: this.#lastEvent(clusterId),
    };
    const { memory, ended } = followSpans(before.memory, sightOf(state), now);
    const measured = this.#measuredSince(clusterId, before.lastEvent);
    const seen = withoutMeasured(ended, measured).map((span) => this.#explained(clusterId, span));
    const done = [...seen, ...measured];
    const isDue = done.length > 0 || now - before.writtenAt >= WRITE_EVERY_MS || now < before.writtenAt;
    const writtenAt = isDue ? now : before.writtenAt;
    this.#watched.set(clusterId, { memory, writtenAt, lastEvent: this.#lastEvent(clusterId) });
    if (!isDue) return;
    // What a crash left of the span that went on then is over: it is kept before it is written over.
    if (before.writtenAt === 0) await this.#adopt(clusterId);
    await this.#write(() => this.files(clusterId).add(clusterId, done));
    await this.#keepOpen(clusterId, memory.open);
  }

  async #adopt(clusterId: string): Promise<void> {
    await this.#write(async () => {
      const files = this.files(clusterId);
      const open = await files.open(clusterId);
      if (open !== null && open.to > open.from) await files.add(clusterId, [open]);
    });
  }

  async #keepOpen(clusterId: string, open: AvailabilitySpan | null): Promise<void> {
    await this.#write(() => this.files(clusterId).keepOpen(clusterId, open));
  }

  async #write(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (thrown) {
      this.#deps.onUnwritten(toErrorData(thrown));
    }
  }

  #lastEvent(clusterId: string): number {
    return this.#deps.hub.events(clusterId, 1).at(-1)?.id ?? 0;
  }

  /**
   * Times without a primary that the recorder of events has measured, more exactly than by a look now and then. Those whose length is not
   * known are left out: their time is not known either.
   */
  #measuredSince(clusterId: string, lastEvent: number): readonly AvailabilitySpan[] {
    if (this.#lastEvent(clusterId) === lastEvent) return [];
    const events = this.#deps.hub.events(clusterId, RECENT_EVENTS);
    return events
      .filter(({ id, kind, durationMs }) => id > lastEvent && kind === 'primary_gap' && durationMs !== undefined)
      .map((event) => this.#gapOf(event, events));
  }

  #gapOf(event: ClusterEvent, events: readonly ClusterEvent[]): AvailabilitySpan {
    const gap = { from: event.at - (event.durationMs ?? 0), to: event.at };
    const before = events.findLast(
      ({ kind, at }) => kind === 'leader_lost' && at <= event.at && at >= gap.from - 60_000,
    )?.member;
    const slackMs = event.precisionMs ?? null;
    return { kind: 'down', ...gap, slackMs, before: before ?? null, after: event.member, ...causeOfGap(events, gap) };
  }

  #explained(clusterId: string, span: AvailabilitySpan): AvailabilitySpan {
    if (span.kind === 'up') return span;
    return { ...span, ...causeOfGap(this.#deps.hub.events(clusterId, RECENT_EVENTS), span) };
  }
}
