import { open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { figureMetrics, type Figures, type Metric } from '../../../shared/model/statistics/metrics';
import type { KeptFigure } from '../../../shared/rules/statistics/chart-grid';
import { keepDamaged, makePrivateDirectory } from '../platform/private-file';

/** How finely and how long a ring keeps figures. */
export interface RingShape {
  readonly stepMs: number;
  readonly slots: number;
}

/** Figures of one member in a file of fixed size: a slot for each step of time, the oldest written over by the newest. */
export interface Ring {
  readonly shape: RingShape;
  /** Adds figures to the slot of their time (ms since the epoch); the disk follows. */
  put(at: number, figures: Figures): void;
  /** What is kept of a metric in a time, oldest first. */
  read(metric: Metric, range: { readonly from: number; readonly to: number }): Iterable<KeptFigure>;
  /** The oldest time that is kept; null for an empty ring. */
  oldest(): number | null;
  /** Resolves when everything is on the disk. Rejects with what the disk said. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const HEADER_BYTES = 512;
/** Places for metrics, some of them for those to come. */
const PLACES = 24;
/** The time, the lowest and the highest of each metric, and the time again, by which a slot that was cut off is known. */
const SLOT_BYTES = 8 + PLACES * 8 + 8;

/**
 * Opens a ring; null for a path keeps it in memory only. A file of another shape, of another member or one that is damaged is put aside
 * under another name. Rejects with what the disk says.
 */
export async function openRing(path: string | null, shape: RingShape, member: string, now: number): Promise<Ring> {
  const bytes = Buffer.alloc(HEADER_BYTES + shape.slots * SLOT_BYTES);
  bytes.write(headerOf(shape, member), 'utf8');
  if (path === null) return new FileRing(shape, bytes, null);
  await makePrivateDirectory(dirname(path));
  const held = await contentOf(path);
  if (held !== null && !isSame(held, bytes)) await keepDamaged(path, now);
  const file = await open(path, held !== null && isSame(held, bytes) ? 'r+' : 'w+', 0o600);
  if (held !== null && isSame(held, bytes)) return new FileRing(shape, held, file);
  await file.write(bytes, 0, bytes.length, 0);
  return new FileRing(shape, bytes, file);
}

function headerOf({ stepMs, slots }: RingShape, member: string): string {
  return JSON.stringify({ format: 'matriarch-figures', version: 1, stepMs, slots, member: member.slice(0, 100) }).slice(
    0,
    HEADER_BYTES / 4,
  );
}

async function contentOf(path: string): Promise<Buffer | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  const file = await open(path, 'r');
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function isSame(held: Buffer, wanted: Buffer): boolean {
  return held.length === wanted.length && held.subarray(0, HEADER_BYTES).equals(wanted.subarray(0, HEADER_BYTES));
}

class FileRing implements Ring {
  readonly shape: RingShape;
  readonly #bytes: Buffer;
  readonly #file: FileHandle | null;
  #written: Promise<unknown> = Promise.resolve();
  #failure: unknown = null;

  constructor(shape: RingShape, bytes: Buffer, file: FileHandle | null) {
    this.shape = shape;
    this.#bytes = bytes;
    this.#file = file;
  }

  put(at: number, figures: Figures): void {
    const time = Math.floor(at / this.shape.stepMs) * this.shape.stepMs;
    const offset = this.#offsetOf(time);
    if (this.#timeAt(offset) !== time) this.#clear(offset, time);
    for (const [index, metric] of figureMetrics.entries()) {
      const value = figures[metric];
      if (value !== undefined) this.#widen(offset + 8 + index * 8, value);
    }
    this.#write(offset);
  }

  *read(metric: Metric, range: { readonly from: number; readonly to: number }): Iterable<KeptFigure> {
    const place = 8 + figureMetrics.indexOf(metric) * 8;
    for (const at of this.#timesIn(range)) {
      const offset = this.#offsetOf(at);
      const [low, high] = [this.#bytes.readFloatLE(offset + place), this.#bytes.readFloatLE(offset + place + 4)];
      if (Number.isFinite(low) && Number.isFinite(high)) yield { at, low, high };
    }
  }

  /** The times of the slots in a range that hold something, ascending. */
  #timesIn({ from, to }: { readonly from: number; readonly to: number }): readonly number[] {
    const { stepMs, slots } = this.shape;
    const first = Math.floor(from / stepMs);
    const count = Math.ceil(to / stepMs) - first;
    if (count <= slots) {
      const times: number[] = [];
      for (let time = first * stepMs; time < (first + count) * stepMs; time += stepMs)
        if (this.#timeAt(this.#offsetOf(time)) === time) times.push(time);
      return times;
    }
    return Array.from({ length: slots }, (_, slot) => this.#timeAt(HEADER_BYTES + slot * SLOT_BYTES))
      .filter((time) => time >= first * stepMs && time < to && time !== 0)
      .sort((a, b) => a - b);
  }

  oldest(): number | null {
    let oldest: number | null = null;
    for (let slot = 0; slot < this.shape.slots; slot += 1) {
      const time = this.#timeAt(HEADER_BYTES + slot * SLOT_BYTES);
      if (time !== 0 && (oldest === null || time < oldest)) oldest = time;
    }
    return oldest;
  }

  async settled(): Promise<void> {
    await this.#written;
    if (this.#failure !== null) throw this.#failure;
  }

  async close(): Promise<void> {
    await this.#written;
    await this.#file?.close();
  }

  #offsetOf(time: number): number {
    return HEADER_BYTES + (Math.floor(time / this.shape.stepMs) % this.shape.slots) * SLOT_BYTES;
  }

  /** The time of a slot; 0 where it is empty or was cut off while it was written. */
  #timeAt(offset: number): number {
    const time = this.#bytes.readDoubleLE(offset);
    return time === this.#bytes.readDoubleLE(offset + SLOT_BYTES - 8) ? time : 0;
  }

  #clear(offset: number, time: number): void {
    for (let place = 0; place < PLACES * 2; place += 1) this.#bytes.writeFloatLE(NaN, offset + 8 + place * 4);
    this.#bytes.writeDoubleLE(time, offset);
    this.#bytes.writeDoubleLE(time, offset + SLOT_BYTES - 8);
  }

  #widen(offset: number, value: number): void {
    const [low, high] = [this.#bytes.readFloatLE(offset), this.#bytes.readFloatLE(offset + 4)];
    this.#bytes.writeFloatLE(Number.isNaN(low) ? value : Math.min(low, value), offset);
    this.#bytes.writeFloatLE(Number.isNaN(high) ? value : Math.max(high, value), offset + 4);
  }

  #write(offset: number): void {
    const file = this.#file;
    if (file === null) return;
    const slot = Buffer.from(this.#bytes.subarray(offset, offset + SLOT_BYTES));
    this.#written = this.#written
      .then(() => file.write(slot, 0, slot.length, offset))
      .then(() => {
        this.#failure = null;
      })
      .catch((thrown: unknown) => {
        this.#failure = thrown;
      });
  }
}
