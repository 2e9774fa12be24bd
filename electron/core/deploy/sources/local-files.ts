import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appError } from '../../../../shared/model/app-error';
import type { ArchiveSource, PipSource } from '../../../../shared/model/deploy/spec/source-spec';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { isLocal } from '../../../../shared/rules/deploy/sources/programs';
import { notRegular, openRegular } from '../../platform/regular-file';

/** A file of the workstation that servers need; sizes in bytes. */
export interface LocalFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
}

const mostFiles = 400;
const mostBytes = 1024 ** 3;

/** What pip can install from. */
const installable = /\.(whl|tar\.gz|zip)$/;

/** The files and directories of this workstation that a spec names, as absolute paths. */
export function filesNamedBy({ sources: { etcd, patroni, route } }: Pick<ClusterSpec, 'sources'>): readonly string[] {
  return [
    ...(etcd.kind === 'archive' && isLocal(etcd) ? [fileURLToPath(etcd.url)] : []),
    ...(patroni.kind === 'pip' && patroni.wheelDirectory !== undefined ? [expanded(patroni.wheelDirectory)] : []),
    ...(route.kind === 'bundle' ? [resolve(route.file)] : []),
  ];
}

/**
 * The wheels of a directory of this workstation; none when the spec names no directory. Rejects with
 * `deploy.wheels_missing` when the directory cannot be read or holds no Patroni.
 */
export async function wheelsOf(source: PipSource): Promise<readonly LocalFile[]> {
  if (source.wheelDirectory === undefined) return [];
  const directory = expanded(source.wheelDirectory);
  const names = await readdir(directory).catch(() => {
    throw missing(directory, 'The directory cannot be read.');
  });
  const files = await Promise.all(
    names
      .filter((name) => installable.test(name))
      .slice(0, mostFiles + 1)
      .map((name) => described(join(directory, name))),
  );
  if (files.length > mostFiles || files.reduce((sum, file) => sum + file.bytes, 0) > mostBytes)
    throw missing(directory, `It holds more than ${mostFiles} files or 1 GB.`);
  if (!files.some((file) => /^patroni-/i.test(file.name))) throw missing(directory, 'It holds no wheel of Patroni.');
  return files;
}

function missing(directory: string, why: string) {
  return appError('deploy.wheels_missing', `${directory} cannot be installed from. ${why}`, {
    target: directory,
    hint: "Fill a directory of this workstation with: pip download 'patroni[psycopg3,etcd3]', for the Python of the servers.",
  });
}

/**
 * The archive of etcd where it is a file of this workstation, null where servers fetch it. Rejects with
 * `deploy.archive_missing`, or `deploy.archive_checksum` when it is not the one the spec means.
 */
export async function localArchive(source: ArchiveSource): Promise<LocalFile | null> {
  if (!isLocal(source)) return null;
  const path = fileURLToPath(source.url);
  const file = await described(path).catch(() => {
    throw appError('deploy.archive_missing', `The archive ${path} is not on this workstation.`, {
      target: path,
      hint: 'Choose the file again.',
    });
  });
  if (await isGzip(path).catch(() => false)) {
    if ((await sha256(path)) === source.sha256) return file;
    throw appError('deploy.archive_checksum', `The archive ${path} has not the SHA-256 that the spec says.`, {
      target: path,
      hint: 'Fetch it again, and compare the sum with the one its makers publish. Nothing was sent.',
    });
  }
  throw appError('deploy.archive_unreadable', `${path} is no archive (tar.gz).`, {
    target: path,
    hint: 'Choose the archive of a release of etcd. Nothing was sent.',
  });
}

async function described(path: string): Promise<LocalFile> {
  const found = await stat(path);
  if (!found.isFile()) throw notRegular(path);
  return { path, name: basename(path), bytes: found.size };
}

/** The first bytes of a gzip file, and nothing of a file that is none (RFC 1952, 2.3.1). */
async function isGzip(path: string): Promise<boolean> {
  const handle = await openRegular(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function expanded(path: string): string {
  return resolve(path.replace(/^~(?=$|[/\\])/, homedir()));
}
