import type { EtcdMemberStatus, EtcdReading } from '../../model/etcd/etcd-view';
import { bytesInWords } from '../words/wording';

/** The quota of an etcd that was started without --quota-backend-bytes (server/storage/quota.go), bytes. */
const DEFAULT_QUOTA = 2 * 1024 ** 3;
/** From this share of the quota on, the database is called nearly full. */
const NEARLY_FULL = 0.8;

/** The quota that a member's database is measured by: what it says, or what etcd takes without a setting. */
export function quotaOf({ quota }: Pick<EtcdMemberStatus, 'quota'>): number {
  return quota === null || quota <= 0 ? DEFAULT_QUOTA : quota;
}

/** How much of its quota a member's database takes, 0 to 1 and more. */
export function shareOfQuota(status: Pick<EtcdMemberStatus, 'quota' | 'dbSize'>): number {
  return status.dbSize / quotaOf(status);
}

/** Whether a database is so full that it should be compacted and defragmented. */
export function isNearlyFull(status: Pick<EtcdMemberStatus, 'quota' | 'dbSize'>): boolean {
  return shareOfQuota(status) >= NEARLY_FULL;
}

/** The size of a member's database in words, e.g. "1.2 MB of 2 GB, 0.4 MB in use". */
export function sizeInWords(status: Pick<EtcdMemberStatus, 'quota' | 'dbSize' | 'dbInUse'>): string {
  return `${bytesInWords(status.dbSize)} of ${bytesInWords(quotaOf(status))}, ${bytesInWords(status.dbInUse)} in use`;
}

/** How many entries of the log a member is behind the one that knows most; null when it did not answer. */
export function indexLag({ members }: Pick<EtcdReading, 'members'>, id: string): number | null {
  const status = members.find((member) => member.id === id)?.status ?? null;
  if (status === null) return null;
  const newest = Math.max(...members.map((member) => member.status?.raftIndex ?? 0));
  return Math.max(0, newest - status.raftApplied);
}
