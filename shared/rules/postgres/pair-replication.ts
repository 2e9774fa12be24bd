import type { MemberReplication, ReceivedStream, ReplicationView, SentStream } from '../../model/postgres/replication';

/** One stream of WAL, from both ends. An end that did not tell is null. */
export interface ReplicationPair {
  /** Member names; `from` is null where no member sends to this receiver, `to` is null for a receiver that is no member. */
  readonly from: string | null;
  readonly to: string | null;
  readonly sent: SentStream | null;
  readonly received: ReceivedStream | null;
  /** What the two ends do not say alike, as a sentence; null where they agree or one did not tell. */
  readonly disagreement: string | null;
}

type Known = Extract<MemberReplication, { kind: 'known' }>;

/** Every stream of a cluster. Patroni gives a standby's own name as `application_name` (postgresql/config.py, primary_conninfo). */
export function pairReplication(view: ReplicationView): readonly ReplicationPair[] {
  const known = view.members.filter((member): member is Known => member.kind === 'known');
  const seen = new Set<string>();
  const pairs = known.flatMap((sender) =>
    sender.sent.map((sent): ReplicationPair => {
      const receiver = known.find(({ member, recovery }) => recovery && member === sent.application);
      if (receiver !== undefined) seen.add(receiver.member);
      const isMember = view.members.some(({ member }) => member === sent.application);
      return {
        from: sender.member,
        to: isMember ? sent.application : null,
        sent,
        received: receiver?.received ?? null,
        disagreement: receiver === undefined ? null : disagreementOf(sent, receiver),
      };
    }),
  );
  return [...pairs, ...known.filter((member) => member.recovery && !seen.has(member.member)).map(alone)];
}

function disagreementOf(sent: SentStream, receiver: Known): string | null {
  const { received } = receiver;
  if (received === null) return `The sender streams to it, but ${receiver.member} has no WAL receiver.`;
  if (received.status !== 'streaming' && sent.state === 'streaming')
    return `The sender says streaming, ${receiver.member} says ${received.status ?? 'nothing'}.`;
  if (sent.slot !== null && received.slot !== null && sent.slot !== received.slot)
    return `The sender uses the slot ${sent.slot}, ${receiver.member} says ${received.slot}.`;
  return null;
}

function alone(receiver: Known): ReplicationPair {
  const { received, member } = receiver;
  const from = received === null ? 'It has no WAL receiver' : `It receives from ${received.senderHost ?? 'a server'}`;
  return { from: null, to: member, sent: null, received, disagreement: `${from}, and no member sends to it.` };
}
