import { z } from 'zod';
import { appError, hasCode, toErrorData } from '../../../shared/model/app-error';
import type {
  ArchivingView,
  BackupConfigFile,
  BackupHost,
  BackupTimer,
  PgbackrestView,
  ProofRecord,
} from '../../../shared/model/backups/backup';
import { readBackupInfo } from '../../../shared/rules/backups/read-backup-info';
import type { Remote, RunOptions, RunResult } from '../ssh/remote';
import { BACKUP_SCRIPT } from './backup-script';

/** Which server is looked at: its member and the port of its PostgreSQL, or neither for one that only keeps backups. */
export interface BackupPlace {
  readonly remote: Pick<Remote, 'name' | 'script'>;
  readonly member: string | null;
  readonly port: number | null;
}

/** A repository on another server may not answer: so long pgBackRest looks for each stanza, seconds. */
const LOOK_SECONDS = 20;
const READ_MS = 150_000;
const MOST_BYTES = 16 * 1024 * 1024;

const archivingAnswer = z.object({
  mode: z.string(),
  command: z.string(),
  library: z.string().nullable(),
  lastWal: z.string().nullable(),
  lastAt: z.number().nullable(),
  failedAt: z.number().nullable(),
  system: z.string().nullable(),
  directory: z.string().nullable(),
});

/** Looks at one server; a server that does not answer says why. It reads only. */
export async function readBackupHost({ remote, member, port }: BackupPlace): Promise<BackupHost> {
  const nothing = { pgbackrest: null, archiving: null, archivingProblem: null, timers: [], proofs: [], others: [] };
  try {
    const { stdout } = await asRoot(remote, [port === null ? '' : String(port), String(LOOK_SECONDS)]);
    return { server: remote.name, member, error: null, ...readParts(stdout, remote.name) };
  } catch (thrown) {
    return { server: remote.name, member, error: toErrorData(thrown), ...nothing };
  }
}

/** pgBackRest and PostgreSQL are asked as their own user; where the login user may not become root, what it sees is shown. */
async function asRoot(remote: BackupPlace['remote'], args: readonly string[]): Promise<RunResult> {
  const options: RunOptions = { timeoutMs: READ_MS, maxOutputBytes: MOST_BYTES };
  try {
    return await remote.script(BACKUP_SCRIPT, args, { ...options, sudo: true });
  } catch (thrown) {
    if (!hasCode(thrown, 'ssh.sudo_not_allowed')) throw thrown;
    return remote.script(BACKUP_SCRIPT, args, options);
  }
}

type Parts = readonly (readonly [name: string, text: string])[];

/** What the script printed. Throws where it did not come to its end: half an answer is none. */
export function readParts(output: string, server: string): Omit<BackupHost, 'server' | 'member' | 'error'> {
  const lines = output.split('\n');
  if (!lines.includes('end'))
    throw appError('backup.not_read', `${server} did not tell whole what there is of backups.`, {
      target: server,
      hint: 'Look again.',
      retryable: true,
    });
  const parts = lines.flatMap((line): Parts => {
    const at = line.indexOf(' ');
    return at < 1 ? [] : [[line.slice(0, at), Buffer.from(line.slice(at + 1), 'base64').toString('utf8')]];
  });
  const all = (name: string): readonly string[] => parts.filter(([one]) => one === name).map(([, text]) => text);
  return {
    pgbackrest: all('version')[0] === undefined ? null : pgbackrestOf(parts),
    ...archivingOf(all('archiving')[0]),
    timers: timersOf(all('timers')[0] ?? ''),
    proofs: all('proof').map(toProofRecord),
    others: all('other'),
  };
}

/** The name of its stanza, then what the timer wrote. */
function toProofRecord(text: string): ProofRecord {
  const at = text.indexOf('\n');
  return { stanza: text.slice(0, Math.max(0, at)), text: text.slice(at + 1) };
}

function pgbackrestOf(parts: Parts): PgbackrestView {
  const textsOf = (name: string): readonly string[] => parts.filter(([one]) => one === name).map(([, text]) => text);
  const told = textsOf('info').map((text) => ({ text, stanzas: readBackupInfo(text) }));
  const unread = told.find(({ stanzas }) => stanzas === null)?.text;
  const [problem] = textsOf('problem');
  // A stanza that was asked for by its name comes after, and in place of, what was told of it in passing.
  const stanzas = new Map(told.flatMap((one) => one.stanzas ?? []).map((stanza) => [stanza.name, stanza]));
  const isWhole = told.length > 0 && unread === undefined && problem === undefined;
  return {
    version: /\d[\w.]*/.exec(textsOf('version')[0] ?? '')?.[0] ?? null,
    files: filesOf(parts),
    stanzas: isWhole ? [...stanzas.values()] : null,
    problem: isWhole ? null : whyNoInfo(unread, problem ?? ''),
  };
}

function whyNoInfo(info: string | undefined, said: string): string {
  if (info !== undefined) return 'What it printed is not understood here.';
  const line = said
    .split('\n')
    .map((one) => one.trim())
    .findLast((one) => one !== '');
  return line ?? `It did not answer within ${LOOK_SECONDS} s: its repository may be on a server that does not answer.`;
}

function filesOf(parts: Parts): readonly BackupConfigFile[] {
  return parts.flatMap(([name, path], index) => {
    const next = parts[index + 1];
    return name === 'file' && next?.[0] === 'text' ? [{ path, text: next[1] }] : [];
  });
}

function archivingOf(said: string | undefined): Pick<BackupHost, 'archiving' | 'archivingProblem'> {
  if (said === undefined) return { archiving: null, archivingProblem: null };
  const line = said.split('\n').find((one) => one.startsWith('{')) ?? '';
  const answer = archivingAnswer.safeParse(jsonIn(line));
  if (answer.success) return { archiving: toArchiving(answer.data), archivingProblem: null };
  const words = said.trim().split('\n').at(-1) ?? '';
  return {
    archiving: null,
    archivingProblem: `PostgreSQL there could not be asked${words === '' ? '.' : `: ${words.slice(0, 300)}`}`,
  };
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function toArchiving(answer: z.infer<typeof archivingAnswer>): ArchivingView {
  const { mode, command, library, lastWal, lastAt, failedAt, system, directory } = answer;
  const isOff = mode === 'off' || command === '(disabled)';
  const byLibrary = library !== null && library !== '' ? `library ${library}` : null;
  return {
    mode,
    command: byLibrary ?? (isOff && command === '(disabled)' ? '' : command),
    lastWal: lastWal === '' ? null : lastWal,
    lastAt,
    failedAt,
    systemIdentifier: system,
    dataDirectory: directory,
  };
}

function timersOf(text: string): readonly BackupTimer[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const field = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? '';
    if (field('Id') === '') return [];
    return [
      {
        unit: field('Id'),
        active: field('ActiveState') === 'active',
        nextAt: momentOf(field('NextElapseUSecRealtime')),
        lastAt: momentOf(field('LastTriggerUSec')),
      },
    ];
  });
}

/** systemd's "Wed 2026-11-26 21:00:00 UTC" as ms since the epoch. */
function momentOf(text: string): number | null {
  const found = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)/.exec(text);
  return found === null ? null : Date.parse(`${found[1]}T${found[2]}Z`);
}
