import type { BackupProof } from '../../model/backups/backup-setup';
import type { KeptProofSchedule } from '../../model/backups/proof-schedule';
import type { Finding } from '../../model/cluster/cluster-state';
import { bytesInWords, momentInWords, spanInWords } from '../words/wording';

/** Exit codes by which the script that proves a backup says what it could not do. */
export const PROOF_EXIT = {
  noBackup: 89,
  noSpace: 90,
  noPrograms: 91,
  taken: 92,
  notRestored: 93,
  notStarted: 94,
  notRecovered: 95,
  notAnswered: 96,
} as const;

/** After how long without a proof by its timer it is said unless the user sets another time, days: a week with a day of grace. */
export const PROOF_LIMIT_DAYS = 8;
const DAY_MS = 86_400_000;
/** Beside the size of the backup: the scratch PostgreSQL's own files, bytes. */
const SPARE = 256 * 1024 ** 2;

/** How much room a proof needs, bytes; `size` is that of the data when restored. */
export function roomForProof(size: number): number {
  return Math.ceil(size * 1.1 + SPARE);
}

/** How a proof came out, as the script told it. */
export interface ToldProof {
  readonly label: string;
  readonly server: string;
  readonly exitCode: number;
  /** Whether it told all that it tells. */
  readonly whole: boolean;
  readonly needed: number;
  /** How long it took, ms. */
  readonly tookMs: number;
  readonly values: ReadonlyMap<string, string>;
}

/** What a script printed, by the first word of each line. */
export function valuesIn(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf(' ');
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
}

const WORDS: Readonly<Record<number, string>> = {
  [PROOF_EXIT.noPrograms]: 'has no PostgreSQL of this version with pgBackRest',
  [PROOF_EXIT.taken]: 'has the directory for the proof already',
  [PROOF_EXIT.notRestored]: 'could not restore it',
  [PROOF_EXIT.notStarted]: 'restored it, and PostgreSQL did not start on it',
  [PROOF_EXIT.notRecovered]: 'restored it, and its recovery did not end within an hour',
  [PROOF_EXIT.notAnswered]: 'restored it, and PostgreSQL did not answer',
};

/** Why a backup is not proved, as a sentence; null where it is. */
export function whyNotProved(told: ToldProof, systemIdentifier: string | null): string | null {
  const { label, server, exitCode, whole, needed, values } = told;
  if (exitCode === PROOF_EXIT.noBackup) return `Nothing is proved: pgBackRest on ${server} tells no backup.`;
  const not = (why: string): string => `${label} is not proved: ${server} ${why}.`;
  if (exitCode === PROOF_EXIT.noSpace)
    return not(`has ${bytesInWords(Number(values.get('free') ?? 0))} free, and ${bytesInWords(needed)} are needed`);
  if (exitCode !== 0 || !whole) return not(WORDS[exitCode] ?? `ended the proof with ${exitCode}`);
  if (values.get('left') !== undefined) return not(`kept ${values.get('left') ?? ''}, which could not be removed`);
  if (values.get('checksums') === 'bad') return not('found pages with wrong checksums in it');
  if (systemIdentifier !== null && values.get('system') !== systemIdentifier)
    return not('restored the data of another database system');
  return null;
}

/** What a proof that came out well has shown. */
export function provedInWords({ label, server, tookMs, values }: ToldProof): string {
  const sums = values.get('checksums') === 'good' ? 'every checksum is right' : 'it has no checksums to verify';
  return (
    `${label} was restored on ${server} in ${spanInWords(tookMs)}; PostgreSQL started on it and answered: ` +
    `${values.get('tables') ?? '?'} tables, and ${sums}. It was removed again.`
  );
}

/** What the timer of a proof wrote; null where it is cut off or somebody else's. */
export function readProofRecord(text: string, server: string, systemIdentifier: string | null): BackupProof | null {
  const lines = text.split('\n');
  const values = valuesIn(text);
  const [began, ended] = [Number(values.get('began')), Number(values.get('ended'))];
  const exitCode = Number(values.get('code') ?? 'none');
  if (!lines.includes('finished') || !(ended > 0) || !Number.isInteger(exitCode)) return null;
  const told: ToldProof = {
    label: values.get('label') ?? '',
    ...{ server, exitCode, values },
    whole: lines.includes('end'),
    needed: Number(values.get('needed') ?? 0),
    tookMs: Math.max(0, ended - began) * 1000,
  };
  const why = whyNotProved(told, systemIdentifier);
  const said = lines.filter((line) => line.startsWith('said ')).map((line) => line.slice(5).trim());
  const cause = said.findLast((line) => /ERROR|FATAL/.test(line)) ?? said.at(-1) ?? '';
  const proof = { at: ended * 1000, label: told.label };
  return why === null
    ? { ...proof, good: true, sentence: provedInWords(told) }
    : { ...proof, good: false, sentence: cause === '' ? why : `${why} It said: ${cause.slice(0, 300)}` };
}

/** The later of two proofs. */
export function laterProof(one: BackupProof | null, other: BackupProof | null): BackupProof | null {
  if (one === null || other === null) return one ?? other;
  return other.at >= one.at ? other : one;
}

/**
 * What is wrong with the proofs of a cluster's backups. That none was made for long is said only where a timer was set for it;
 * `limitDays`: how long that may be.
 */
export function findProofTrouble(
  proof: BackupProof | null,
  schedule: Pick<KeptProofSchedule, 'since'> | null,
  limitDays: number,
  now: number,
): readonly Finding[] {
  const about = { severity: 'warning', member: null } as const;
  if (proof !== null && !proof.good)
    return [
      {
        ...about,
        code: 'backup.proof_failed',
        sentence: 'The last restore that was tried of a backup failed.',
        evidence: `${momentInWords(proof.at)}: ${proof.sentence}`,
        advice: 'See why under Maintenance, Backups, and prove the newest backup again once that is mended.',
      },
    ];
  if (schedule === null) return [];
  const last = Math.max(proof?.at ?? 0, schedule.since);
  if (now - last <= limitDays * DAY_MS) return [];
  return [
    {
      ...about,
      code: 'backup.proof_too_old',
      sentence: `No backup was proved for ${spanInWords(now - last)}, more than ${limitDays} days.`,
      evidence:
        proof === null
          ? `The timer for it was set ${momentInWords(schedule.since)}, and no result of it is known.`
          : `${proof.label} was proved ${momentInWords(proof.at)}.`,
      advice:
        'See whether the timer of the proof still runs on its server (systemctl list-timers), or prove one by hand.',
    },
  ];
}
