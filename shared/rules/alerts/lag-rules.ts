import type { Member } from '../../model/cluster/member';
import { bytesInWords, spanInWords } from '../words/wording';
import type { AlertRule, AlertView } from './alert-rule';

const SECOND = 1_000;
const MB = 1024 ** 2;

/** Stands for a sentence where nobody can tell. */
const UNKNOWN = 'unknown';

/** Replicas by their lag; one whose position is not known now is hidden: it has not caught up for that. */
export function byReplica(
  meets: (member: Member, view: AlertView) => string | null,
  advice: string,
): AlertRule['look'] {
  return (view) => {
    const judged = view.state.members.map((member) => ({
      name: member.name,
      verdict: member.stale || (isReplica(member) && member.lag === null) ? UNKNOWN : meets(member, view),
    }));
    return {
      found: judged.flatMap(({ name, verdict }) =>
        verdict === null || verdict === UNKNOWN
          ? []
          : [{ subject: name, severity: 'warning', sentence: verdict, advice }],
      ),
      hidden: judged.flatMap(({ name, verdict }) => (verdict === UNKNOWN ? [name] : [])),
    };
  };
}

function isReplica({ role }: Member): boolean {
  return role !== 'leader' && role !== 'standby_leader';
}

/** What has not been replayed is more than the threshold, MB. */
export function lagInBytes(member: Member, { threshold }: AlertView): string | null {
  const { name, lag } = member;
  const behind = lag?.replay ?? lag?.receive ?? null;
  if (behind === null) return isReplica(member) ? UNKNOWN : null;
  return behind <= threshold * MB ? null : `${name} is ${bytesInWords(behind)} behind the leader.`;
}

/** What the leader has written has not been replayed for longer than the threshold, seconds. */
export function lagInTime(member: Member, { threshold, behindFor }: AlertView): string | null {
  const { name, lsn } = member;
  if (!isReplica(member)) return null;
  const behind = lsn === null ? null : behindFor(lsn);
  if (behind === null) return UNKNOWN;
  return behind <= threshold * SECOND
    ? null
    : `${name} has not replayed for at least ${spanInWords(behind)} what the leader has written.`;
}

/** What to do about a replica that lags. */
export const LAG_ADVICE = 'Look at its charts: disk, network and long queries on it slow the replay down.';
