import { createHash, randomBytes, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { appError, type AppError } from '../../../shared/model/app-error';
import type { SnapshotPart } from '../etcd/etcd-client';

/** A snapshot that was written and verified. */
export interface SavedSnapshot {
  readonly file: string;
  /** Of the file, bytes. */
  readonly size: number;
  /** Of the database, hexadecimal: what etcd itself wrote behind it. */
  readonly sha256: string;
}

/** SHA-256 of all but the last 32 bytes of what passes, which are kept: etcd writes the hash there (client/v3/snapshot/v3_snapshot.go). */
class TrailerCheck {
  readonly #hash: Hash = createHash('sha256');
  #tail: Buffer = Buffer.alloc(0);

  take(bytes: Buffer): void {
    const all = Buffer.concat([this.#tail, bytes]);
    const cut = Math.max(0, all.length - TRAILER_BYTES);
    this.#hash.update(all.subarray(0, cut));
    this.#tail = all.subarray(cut);
  }

  /** Whether the trailer is the hash of what came before it; the hash, or null. */
  verdict(): string | null {
    const digest = this.#hash.digest();
    return digest.equals(this.#tail) ? digest.toString('hex') : null;
  }
}

const TRAILER_BYTES = 32;
/** etcd's database is made of pages that are a multiple of it, so that a file with a trailer has a rest. */
const SECTOR = 512;

/**
 * Writes a snapshot to a file that does not exist yet (0600), part by part, and verifies the hash at its end. Nothing is left of one
 * that was stopped, cut off or wrong. Rejects with `etcd.snapshot_damaged`, `etcd.snapshot_exists`, `etcd.snapshot_unwritable`,
 * or as the parts do.
 */
export async function saveSnapshot(
  file: string,
  parts: AsyncIterable<SnapshotPart>,
  onProgress: (written: number, whole: number) => void,
): Promise<SavedSnapshot> {
  const partial = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.part`);
  const handle = await opened(file, partial);
  try {
    const { size, sha256 } = await written(handle, parts, onProgress).finally(() => handle.close());
    await link(partial, file).catch((thrown: unknown) => {
      throw unwritable(file, thrown);
    });
    return { file, size, sha256 };
  } finally {
    await rm(partial, { force: true });
  }
}

/**
 * Reads a snapshot that lies on this computer, and verifies the hash at its end. Rejects with `etcd.snapshot_damaged` where it is none or
 * not whole, and with `etcd.snapshot_unread` where it cannot be read.
 */
export async function checkSnapshot(file: string): Promise<SavedSnapshot> {
  const check = new TrailerCheck();
  let size = 0;
  try {
    for await (const part of createReadStream(file)) {
      const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
      check.take(bytes);
      size += bytes.length;
    }
  } catch (thrown) {
    throw appError('etcd.snapshot_unread', `${file} cannot be read.`, {
      target: file,
      cause: thrown,
      hint: 'Choose a file that is there and that you may read.',
    });
  }
  const sha256 = check.verdict();
  if (sha256 !== null && size % SECTOR === TRAILER_BYTES) return { file, size, sha256 };
  throw appError('etcd.snapshot_damaged', `${file} is no whole snapshot of etcd: the hash at its end is wrong.`, {
    target: file,
    hint: 'Choose another one. A copy of the file member/snap/db has no hash and is no snapshot.',
  });
}

async function opened(file: string, partial: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    return await open(partial, 'wx', 0o600);
  } catch (thrown) {
    throw unwritable(file, thrown);
  }
}

async function written(
  handle: FileHandle,
  parts: AsyncIterable<SnapshotPart>,
  onProgress: (written: number, whole: number) => void,
): Promise<{ readonly size: number; readonly sha256: string }> {
  const check = new TrailerCheck();
  let size = 0;
  let left = 0;
  for await (const part of parts) {
    check.take(part.bytes);
    await handle.writeFile(part.bytes);
    size += part.bytes.length;
    left = part.left;
    onProgress(size, size + left);
  }
  await handle.sync();
  const sha256 = check.verdict();
  if (sha256 === null || left > 0 || size % SECTOR !== TRAILER_BYTES) throw damaged(size);
  return { size, sha256 };
}

function damaged(size: number): AppError {
  return appError('etcd.snapshot_damaged', `The snapshot is not whole: ${size} bytes came, and their hash is wrong.`, {
    retryable: true,
    hint: 'Nothing of it was kept. Save it again; when that fails, too, read it from another member.',
  });
}

function unwritable(file: string, thrown: unknown): AppError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code === 'EEXIST')
    return appError('etcd.snapshot_exists', `${file} exists already. It was not touched.`, {
      target: file,
      hint: 'Choose another name.',
    });
  return appError('etcd.snapshot_unwritable', `The snapshot cannot be written to ${file}.`, {
    target: file,
    cause: thrown,
    hint: 'Choose a file in a directory that exists and may be written to.',
  });
}
