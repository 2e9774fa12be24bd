import type { Finding } from '../../model/cluster/cluster-state';
import type { MemberReplication, ReplicationView, SlotReading } from '../../model/postgres/replication';
import { bytesInWords } from '../words/wording';
import { forecastSlot, type SlotForecast } from './slot-forecast';

const HOUR_MS = 3_600_000;

/** When a slot that retains WAL is told, and how seriously; also what alerts go by. */
const slotLimits = {
  /** The disk is full, or the slot is lost, within this time: ms. */
  criticalMs: 4 * HOUR_MS,
  warningMs: 48 * HOUR_MS,
  /** Of the free space, what a slot that nobody uses may retain before it is told, whatever the rate. */
  shareOfFree: 0.2,
  /** What a slot that nobody uses may retain where the disk is not seen, bytes. */
  unusedBytes: 1024 ** 3,
} as const;

type Known = Extract<MemberReplication, { kind: 'known' }>;

/** The length of time of a forecast, coarse as it is: "3 h", "2 days", "40 min". */
export function forecastInWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 72 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

/** Slots, archiver and streams of a cluster that are not as they should be, worst first. */
export function findPostgresTrouble(view: ReplicationView): readonly Finding[] {
  const known = view.members.filter((member): member is Known => member.kind === 'known');
  const found = known.flatMap((member) => [
    ...member.slots.flatMap((slot) => judgeSlot(member, slot)),
    ...judgeArchiver(member),
  ]);
  const order = { critical: 0, warning: 1, info: 2 } as const;
  return found.toSorted((a, b) => order[a.severity] - order[b.severity]);
}

const ADVICE =
  'Bring its receiver back, or drop the slot if nothing needs it. Slots that Patroni made for members are dropped by Patroni.';

function judgeSlot(member: Known, slot: SlotReading): readonly Finding[] {
  const forecast = forecastSlot(slot, member);
  const told = (code: string, severity: Finding['severity'], sentence: string, advice = ADVICE): readonly Finding[] => [
    {
      code,
      severity,
      member: member.member,
      subject: slot.name,
      sentence,
      evidence: evidenceOf(member, slot, forecast),
      advice,
    },
  ];
  switch (forecast.kind) {
    case 'lost':
      return told(
        'postgres.slot_lost',
        'warning',
        `The slot ${slot.name} on ${member.member} has lost WAL that its receiver needs.`,
        'Its receiver must be copied anew; drop the slot, and make it again.',
      );
    case 'fills_disk': {
      const severity = severityOf(forecast.inMs);
      const sentence =
        `The slot ${slot.name} on ${member.member} retains WAL: at the present rate the disk is full in ` +
        `${forecastInWords(forecast.inMs)}.`;
      return severity === null ? judgeUnused(member, slot, told) : told('postgres.slot_fills_disk', severity, sentence);
    }
    case 'loses_wal': {
      const severity = severityOf(forecast.inMs);
      const sentence =
        `The slot ${slot.name} on ${member.member} loses WAL that its receiver needs in ` +
        `${forecastInWords(forecast.inMs)} at the present rate.`;
      return severity === null ? judgeUnused(member, slot, told) : told('postgres.slot_loses_wal', severity, sentence);
    }
    case 'not_known':
    case 'steady':
      return judgeUnused(member, slot, told);
  }
}

function severityOf(ms: number): 'critical' | 'warning' | null {
  if (ms <= slotLimits.criticalMs) return 'critical';
  return ms <= slotLimits.warningMs ? 'warning' : null;
}

function judgeUnused(
  member: Known,
  slot: SlotReading,
  told: (code: string, severity: Finding['severity'], sentence: string) => readonly Finding[],
): readonly Finding[] {
  if (slot.active || slot.retained === null) return [];
  const limit = member.disk === null ? slotLimits.unusedBytes : member.disk.free * slotLimits.shareOfFree;
  if (slot.retained <= limit) return [];
  return told(
    'postgres.slot_unused',
    'warning',
    `Nobody uses the slot ${slot.name} on ${member.member}, and it retains ${bytesInWords(slot.retained)} of WAL.`,
  );
}

function evidenceOf(member: Known, slot: SlotReading, forecast: SlotForecast): string {
  const parts = [
    slot.active ? 'In use.' : 'Not in use.',
    slot.retained === null ? 'Retains nothing.' : `Retains ${bytesInWords(slot.retained)}.`,
    member.disk === null ? '' : `${bytesInWords(member.disk.free)} of the disk are free.`,
    'rate' in forecast ? `Grows by ${bytesInWords(forecast.rate)} a second.` : '',
    slot.walStatus === null ? '' : `wal_status is ${slot.walStatus}.`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function judgeArchiver({ archiver, member, recovery }: Known): readonly Finding[] {
  if (archiver === null || archiver.mode === 'off' || archiver.lastFailedAt === null) return [];
  if (recovery && archiver.mode !== 'always') return [];
  if (archiver.lastArchivedAt !== null && archiver.lastArchivedAt >= archiver.lastFailedAt) return [];
  return [
    {
      code: 'postgres.archiver_fails',
      severity: 'warning',
      member,
      subject: 'archiver',
      sentence: `The archiver on ${member} fails, so that WAL piles up and backups cannot reach the present.`,
      evidence: `Last failed: ${archiver.lastFailed ?? 'not told'}; ${archiver.failed} failures in all.`,
      advice: 'Look for the message of archive_command in the log of PostgreSQL, under Logs.',
    },
  ];
}
