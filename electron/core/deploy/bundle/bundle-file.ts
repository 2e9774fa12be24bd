import { createHash, randomBytes, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, open, rename, rm } from 'node:fs/promises';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack, type Header, type Pack } from 'tar-stream';
import { z } from 'zod';
import { AppError, appError } from '../../../../shared/model/app-error';
import { bundleManifestSchema, type BundleManifest, type CheckedBundle } from '../../../../shared/model/deploy/bundle';
import { indexFault, type FetchedFile } from '../../../../shared/rules/deploy/offline/stanzas';
import { openRegular } from '../../platform/regular-file';

/** Names inside: the manifest first, then the list that apt reads, then what the archives signed and the packages, in its order. */
const manifestName = 'manifest.json';
const indexName = 'Packages';

/** More than this is no manifest and no index, bytes. */
const textLimit = 32 * 1024 * 1024;

/** Writes a bundle whole or not at all. `read` brings the bytes of one file in it; they are checked before they are written. */
export async function writeBundle(
  file: string,
  manifest: BundleManifest,
  index: string,
  read: (entry: FetchedFile) => Promise<Buffer>,
): Promise<void> {
  const partial = `${file}.${randomBytes(6).toString('hex')}.partial`;
  const tar = pack();
  tar.on('error', () => undefined);
  const written = pipeline(tar, createWriteStream(partial, { mode: 0o600, flags: 'wx' }));
  try {
    const filled = fill(tar, manifest, index, read);
    filled.catch(() => undefined);
    await Promise.race([filled, written]);
    await written;
    await flush(partial);
    await rename(partial, file);
  } catch (thrown) {
    tar.destroy();
    await written.catch(() => undefined);
    await rm(partial, { force: true });
    throw thrown instanceof AppError
      ? thrown
      : appError('deploy.bundle_not_written', `The bundle could not be written to ${file}: ${reason(thrown)}`, {
          target: file,
          hint: 'Check that the folder exists and has room.',
          cause: thrown,
        });
  }
}

async function fill(
  tar: Pack,
  manifest: BundleManifest,
  index: string,
  read: (entry: FetchedFile) => Promise<Buffer>,
): Promise<void> {
  const mtime = new Date(manifest.madeAt);
  await put(tar, { name: manifestName, mode: 0o644, mtime }, Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`));
  await put(tar, { name: indexName, mode: 0o644, mtime }, Buffer.from(index));
  for (const entry of filesIn(manifest))
    await put(tar, { name: entry.file, mode: 0o644, mtime }, sound(entry, await read(entry)));
  tar.finalize();
}

function put(tar: Pack, header: Pick<Header, 'name' | 'mode' | 'mtime'>, content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const entry = tar.entry({ ...header, size: content.length }, content, (error) => {
      if (error == null) resolve();
      else reject(error);
    });
    entry.on('error', reject);
  });
}

/** Everything after the index, in its order. */
function filesIn({ origins, packages }: BundleManifest): readonly FetchedFile[] {
  return [...origins, ...packages];
}

function sound(entry: FetchedFile, content: Buffer): Buffer {
  if (content.length === entry.bytes && sha256(content) === entry.sha256) return content;
  throw appError('deploy.bundle_damaged', `${entry.file} did not arrive as the signed list of packages describes it.`, {
    target: entry.file,
    hint: 'Collect the bundle again.',
    retryable: true,
  });
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether something stands at this path already. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Reads the manifest alone: quick, and nothing of the rest is checked. Rejects as `checkBundle` does. */
export async function readManifest(file: string): Promise<BundleManifest> {
  let manifest: BundleManifest | null = null;
  await eachEntry(file, await readStream(file), async (header, stream) => {
    manifest = await manifestFrom(file, header, stream);
    return 'enough';
  });
  return manifest ?? unreadable(file, 'it is empty');
}

async function readStream(file: string): Promise<Readable> {
  try {
    return (await openRegular(file)).createReadStream({ highWaterMark: 1024 * 1024 });
  } catch (thrown) {
    throw readError(file, thrown);
  }
}

/**
 * Reads a bundle to its end and checks the hash of everything in it. Rejects with `deploy.bundle_missing`,
 * `deploy.bundle_unreadable` (no bundle at all), `deploy.bundle_incomplete` or `deploy.bundle_damaged`.
 */
export async function checkBundle(file: string): Promise<CheckedBundle> {
  const whole = createHash('sha256');
  const kinds = new TarKinds();
  const read = new BundleReader(file);
  let bytes = 0;
  const counter = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      whole.update(chunk);
      kinds.push(chunk);
      done(null, chunk);
    },
  });
  const source = await readStream(file);
  source.on('error', (error) => {
    counter.destroy(error);
  });
  try {
    await eachEntry(file, source.pipe(counter), (header, stream) => read.entry(header, stream));
  } finally {
    // A bundle that is given up half read must not stay open.
    source.destroy();
  }
  if (kinds.sawGlobal) damaged(file, 'it has a header for all files that follow');
  return { file, bytes, sha256: whole.digest('hex'), manifest: read.end() };
}

/** Follows the entries of a bundle in the one order they may have. */
class BundleReader {
  readonly #file: string;
  #manifest: BundleManifest | null = null;
  #indexRead = false;
  #next = 0;

  constructor(file: string) {
    this.#file = file;
  }

  async entry(header: Header, stream: Content): Promise<void> {
    if (this.#manifest === null) {
      this.#manifest = await manifestFrom(this.#file, header, stream);
      return;
    }
    if (!this.#indexRead) {
      await this.#readIndex(this.#manifest, header, stream);
      return;
    }
    const expected = filesIn(this.#manifest)[this.#next];
    if (expected === undefined || header.name !== expected.file || header.type !== 'file')
      damaged(this.#file, `${header.name} does not belong into it`);
    const { hash, bytes } = await digest(stream);
    if (bytes !== expected.bytes || hash !== expected.sha256)
      damaged(this.#file, `${expected.file} is not what it was`);
    this.#next += 1;
  }

  end(): BundleManifest {
    if (this.#manifest === null) return unreadable(this.#file, 'it is empty');
    const files = filesIn(this.#manifest).length;
    const missing = files - this.#next;
    if (missing > 0 || !this.#indexRead) incomplete(this.#file, `${missing} of ${files} files are missing`);
    return this.#manifest;
  }

  async #readIndex(manifest: BundleManifest, header: Header, stream: Content): Promise<void> {
    if (header.name !== indexName || header.type !== 'file')
      damaged(this.#file, `${header.name} stands where the list of packages should be`);
    const content = await text(this.#file, header, stream);
    if (sha256(content) !== manifest.index.sha256) damaged(this.#file, 'its list of packages is not what it was');
    const fault = indexFault(content.toString('utf8'), manifest.packages);
    if (fault !== null) damaged(this.#file, fault);
    this.#indexRead = true;
  }
}

/** The bytes of one entry. */
type Content = AsyncIterable<unknown>;

type OnEntry = (header: Header, stream: Content) => Promise<'enough' | void>;

/**
 * Where the server's tar reads more into an archive than this reader does: names in extended headers (`GNU.sparse.name`), and headers
 * for all files that follow. A bundle has neither.
 */
function ambiguous(file: string, { pax, name }: Header): void {
  const more = Object.keys(pax ?? {}).filter((key) => key !== 'path');
  if (more.length > 0) damaged(file, `${name} has a second name (${more.join(', ')})`);
}

/** Follows the headers of a tar by themselves, to see the kind of each: those for all files that follow are not told by the reader. */
class TarKinds {
  #header = Buffer.alloc(0);
  #skip = 0;
  sawGlobal = false;

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      const passed = Math.min(this.#skip, chunk.length - at);
      this.#skip -= passed;
      at += passed;
      const taken = chunk.subarray(at, at + tarBlock - this.#header.length);
      this.#header = Buffer.concat([this.#header, taken]);
      at += taken.length;
      if (this.#header.length === tarBlock) this.#read();
    }
  }

  #read(): void {
    const size = Number.parseInt(this.#header.toString('latin1', 124, 136).replaceAll('\0', ' ').trim() || '0', 8);
    if (this.#header.toString('latin1', 156, 157) === 'g') this.sawGlobal = true;
    this.#skip = Number.isSafeInteger(size) && size > 0 ? Math.ceil(size / tarBlock) * tarBlock : 0;
    this.#header = Buffer.alloc(0);
  }
}

/** What a tar is made of, bytes. */
const tarBlock = 512;

async function eachEntry(file: string, source: Readable, onEntry: OnEntry): Promise<void> {
  const tar = extract();
  source.on('error', (error) => {
    tar.destroy(error);
  });
  source.pipe(tar);
  try {
    for await (const entry of tar) {
      ambiguous(file, entry.header);
      if ((await onEntry(entry.header, entry)) === 'enough') break;
      entry.resume();
    }
  } catch (thrown) {
    throw readError(file, thrown);
  } finally {
    source.destroy();
    tar.destroy();
  }
}

function readError(file: string, thrown: unknown): AppError {
  if (thrown instanceof AppError && thrown.code.startsWith('deploy.')) return thrown;
  const said = reason(thrown);
  if (/ENOENT/.test(said))
    return appError('deploy.bundle_missing', `There is no bundle at ${file}.`, {
      target: file,
      hint: 'Collect one, or name the file where it is.',
    });
  if (/unexpected end/i.test(said))
    return appError('deploy.bundle_incomplete', `The bundle ${file} ends in the middle.`, {
      target: file,
      hint: 'Copy it again, or collect it again.',
    });
  return appError('deploy.bundle_unreadable', `${file} cannot be read as a bundle: ${said}`, {
    target: file,
    hint: 'Name a file that was made by "bundle".',
  });
}

async function manifestFrom(file: string, header: Header, stream: Content): Promise<BundleManifest> {
  if (header.name !== manifestName) return unreadable(file, 'it does not begin with a manifest');
  const content = await text(file, header, stream);
  const read = bundleManifestSchema.safeParse(json(content.toString('utf8')));
  if (read.success) return read.data;
  return unreadable(
    file,
    saysVersion(content, 1)
      ? 'an older version made it, without what the archives signed; collect it again'
      : 'its manifest says nothing that this version understands',
  );
}

function saysVersion(content: Buffer, version: number): boolean {
  const said = z.object({ version: z.literal(version) }).safeParse(json(content.toString('utf8')));
  return said.success;
}

function json(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}

async function text(file: string, header: Header, stream: Content): Promise<Buffer> {
  if ((header.size ?? 0) > textLimit) return unreadable(file, `${header.name} is too large`);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(asBuffer(chunk));
  return Buffer.concat(chunks);
}

async function digest(stream: Content): Promise<{ hash: string; bytes: number }> {
  const hash: Hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stream) {
    const piece = asBuffer(chunk);
    hash.update(piece);
    bytes += piece.length;
  }
  return { hash: hash.digest('hex'), bytes };
}

function asBuffer(chunk: unknown): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function unreadable(file: string, why: string): never {
  throw appError('deploy.bundle_unreadable', `${file} is no bundle: ${why}.`, {
    target: file,
    hint: 'Name a file that was made by "bundle".',
  });
}

function incomplete(file: string, why: string): never {
  throw appError('deploy.bundle_incomplete', `The bundle ${file} is not whole: ${why}.`, {
    target: file,
    hint: 'Copy it again, or collect it again.',
  });
}

function damaged(file: string, why: string): never {
  throw appError('deploy.bundle_damaged', `The bundle ${file} is damaged: ${why}.`, {
    target: file,
    hint: 'Copy it again, or collect it again; nothing was sent to any server.',
  });
}
