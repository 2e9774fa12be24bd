import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { appError, type AppError } from '../../../../shared/model/app-error';
import type { BundleManifest } from '../../../../shared/model/deploy/bundle';
import type { AptRepository } from '../../../../shared/model/deploy/spec/source-spec';
import { keyText, repositoryFiles, repositoryText } from '../../../../shared/rules/deploy/sources/repositories';
import { indexPackages, readStanzas, type FetchedFile } from '../../../../shared/rules/deploy/offline/stanzas';
import type { RunResult } from '../../ssh/remote';
import { clearScript, collectScript } from './collect-script';
import type { Collector } from './local-collector';
import type { PackageRoute } from '../package-routes/package-route';

/** What is collected, and for whom. */
export interface CollectRequest {
  readonly packages: readonly string[];
  /** dpkg's lists of the servers that the bundle is for; without one, nothing is taken to be installed there. */
  readonly statuses: readonly Buffer[];
  /** Repositories beside the collector's own, with their keys. */
  readonly repositories: readonly AptRepository[];
  readonly route: PackageRoute;
  readonly now: number;
  readonly signal: AbortSignal;
  readonly onLine: (text: string) => void;
}

/** Packages that wait on the collector, with what vouches for them. Each file is read and checked when it is written into the bundle. */
export interface Collection {
  readonly manifest: BundleManifest;
  readonly index: string;
  read(entry: FetchedFile): Promise<Buffer>;
  close(): Promise<void>;
}

const collectMs = 1_800_000;
const mostBytes = 2 * 1024 ** 3;

/**
 * Collects packages on a server or on this computer; apt checks them against the signed lists. Rejects with
 * `deploy.bundle_no_apt`, `deploy.repository_unreachable`, `deploy.bundle_not_offered` or `deploy.bundle_not_collected`.
 */
export async function collect(collector: Collector, request: CollectRequest): Promise<Collection> {
  const result = await collector.script(
    collectScript,
    [...aptConfiguration(request.route), '--', ...request.packages],
    {
      timeoutMs: collectMs,
      stdin: Buffer.concat([framed(request.statuses), framedRepositories(request.repositories)]),
      signal: request.signal,
      maxOutputBytes: 64 * 1024 * 1024,
      onOutput: (chunk, stream) => {
        if (stream === 'stderr') for (const line of chunk.split('\n')) if (line.trim() !== '') request.onLine(line);
      },
    },
  );
  if (result.exitCode !== 0) throw notCollected(collector.name, result);
  return collectionFrom(collector, result.stdout, request.now);
}

/** Lines of an apt configuration file for the route's `-o` words. */
function aptConfiguration(route: PackageRoute): readonly string[] {
  return route.options.flatMap((word) => {
    if (word === '-o') return [];
    const at = word.indexOf('=');
    return [`${word.slice(0, at)} "${word.slice(at + 1)}";`];
  });
}

/** One empty list stands for a server without anything. Equal lists are sent once. */
function framed(statuses: readonly Buffer[]): Buffer {
  const unique = [
    ...new Map(statuses.map((status) => [createHash('sha256').update(status).digest('hex'), status])).values(),
  ];
  const sent = unique.length === 0 ? [Buffer.alloc(0)] : unique;
  return Buffer.concat([
    Buffer.from(`${sent.length}\n`),
    ...sent.flatMap((status) => [Buffer.from(`${status.length}\n`), status]),
  ]);
}

function framedRepositories(repositories: readonly AptRepository[]): Buffer {
  const files = repositories.flatMap((repository) => {
    const { name } = repositoryFiles(repository);
    return [
      [`${name}.asc`, keyText(repository.keyPem ?? '')],
      [`${name}.sources`, repositoryText(repository, '@CODENAME@', `@KEYS@/${name}.asc`)],
    ] as const;
  });
  return Buffer.concat([
    Buffer.from(`${files.length}\n`),
    ...files.map(([name, text]) => Buffer.from(`${name} ${Buffer.byteLength(text)}\n${text}`)),
  ]);
}

async function collectionFrom(collector: Collector, output: string, now: number): Promise<Collection> {
  const cut = output.indexOf('\nstanzas\n');
  const rows = output
    .slice(0, cut)
    .split('\n')
    .map((line) => line.split('\t'));
  const of = (key: string): readonly string[] => rows.find((row) => row[0] === key)?.slice(1) ?? [];
  const directory = of('directory')[0] ?? '';
  const close = async (): Promise<void> => {
    await collector.script(clearScript, [directory], { timeoutMs: 60_000 });
  };
  try {
    const { packages, index, unknown } = indexPackages(
      filesOf(rows, 'file'),
      readStanzas(output.slice(cut + '\nstanzas\n'.length)),
    );
    if (unknown.length > 0)
      throw appError(
        'deploy.bundle_not_collected',
        `The signed lists of packages do not vouch for ${unknown.slice(0, 3).join(', ')}.`,
        { target: collector.name, hint: 'Only packages with a SHA-256 in a signed list go into a bundle.' },
      );
    const unsigned = rows.filter((row) => row[0] === 'unsigned').map((row) => row[1] ?? '');
    if (unsigned.length > 0)
      throw appError(
        'deploy.bundle_not_collected',
        `No archive signed the list that names ${unsigned.slice(0, 3).join(', ')}` +
          `${unsigned.length > 3 ? ` and ${unsigned.length - 3} more` : ''}.`,
        {
          target: collector.name,
          hint:
            'A server without a network could not tell who made these packages. Sign that repository, or collect from one that ' +
            'is signed.',
        },
      );
    if (packages.length === 0)
      throw appError(
        'deploy.bundle_not_needed',
        'The servers have all these packages already; there is nothing to put into a bundle.',
      );
    const [id = '', codename = '', architecture = ''] = of('system');
    const text = Buffer.from(index);
    const manifest: BundleManifest = {
      format: 'matriarch-bundle',
      version: 2,
      release: { id, codename },
      architecture,
      madeAt: now,
      madeFrom: collector.name,
      wanted: rows.filter((row) => row[0] === 'wanted').map((row) => row[1] ?? ''),
      index: { bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') },
      origins: filesOf(rows, 'origin'),
      packages: [...packages],
    };
    return {
      manifest,
      index,
      close,
      read: ({ file }) => readCollected(collector, `${directory}/${file.replace(/^debs\//, 'archives/')}`),
    };
  } catch (thrown) {
    await close().catch(() => undefined);
    throw thrown;
  }
}

/** The files that the script tells of, each in a row: what it is, its name, its bytes and its hash. */
function filesOf(rows: readonly (readonly string[])[], kind: 'file' | 'origin'): FetchedFile[] {
  return rows
    .filter((row) => row[0] === kind)
    .map((row) => ({ file: row[1] ?? '', bytes: Number(row[2]), sha256: row[3] ?? '' }));
}

async function readCollected(collector: Collector, path: string): Promise<Buffer> {
  const content = await collector.readFile(path, { maxBytes: mostBytes });
  if (content === null)
    throw appError('deploy.bundle_not_collected', `${path} is gone from ${collector.name}.`, {
      target: collector.name,
      hint: 'Collect the bundle again.',
      retryable: true,
    });
  return content;
}

function notCollected(name: string, result: RunResult): AppError {
  const said = result.stderr
    .trim()
    .split('\n')
    .filter((line) => /^(Not offered|There is no|The package|[A-Za-z].*:)/.test(line))
    .slice(-3)
    .join(' ')
    .slice(0, 400);
  switch (result.exitCode) {
    case 40:
      return appError('deploy.bundle_no_apt', `There is no apt on ${name}, so no packages can be collected there.`, {
        target: name,
        hint: 'Collect the bundle on a Debian server of the same release.',
      });
    case 42:
      return appError('deploy.repository_unreachable', `${name} could not fetch its package lists: ${said}`, {
        target: name,
        retryable: true,
        hint: 'Choose a server with access, or collect through this computer.',
      });
    case 43:
      return appError('deploy.bundle_not_offered', `The sources of ${name} do not have a package: ${said}`, {
        target: name,
        hint: 'Choose other versions, or another server.',
      });
    default:
      return appError(
        'deploy.bundle_not_collected',
        `The packages could not be collected on ${name}: ${said || `exit code ${result.exitCode}`}`,
        { target: name, retryable: true, hint: 'Look at the log of this job.' },
      );
  }
}
