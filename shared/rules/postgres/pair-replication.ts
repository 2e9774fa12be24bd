import type { MemberReplication, ReceivedStream, ReplicationView, SentStream } from '../../model/postgres/replication';

/** One stream of WAL, from both ends. An end that did not tell is null. */
export interface ReplicationPair {
  /**
   * Member names; `from` is null where no member is known to send to this receiver, `to` for a receiver that is no member or
   * is not told.
   */
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
      const to = view.members.find(({ member }) => member === sent.application)?.member ?? null;
      return {
        from: sender.member,
        to,
        sent,
        received: receiver?.received ?? null,
        disagreement: receiver === undefined ? null : disagreementOf(sent, receiver),
      };
    }),
  );
  const unpaired = known.filter((member) => member.recovery && !seen.has(member.member));
  return [...pairs, ...unpaired.map((receiver) => alone(receiver, tellsEveryReceiver(view)))];
}

function disagreementOf(sent: SentStream, receiver: Known): string | null {
  const { received } = receiver;
  if (received === null) return `The sender streams to it, but ${receiver.member} has no WAL receiver.`;
  if (received.status === null) return null;
  if (received.status !== 'streaming' && sent.state === 'streaming')
    return `The sender says streaming, ${receiver.member} says ${received.status}.`;
  if (sent.slot !== null && received.slot !== null && sent.slot !== received.slot)
    return `The sender uses the slot ${sent.slot}, ${receiver.member} says ${received.slot}.`;
  return null;
}

/** Whether it can be said to whom no member sends: every member answered, and named each receiver. */
function tellsEveryReceiver({ members }: ReplicationView): boolean {
  return members.every(
    (member) => member.kind === 'known' && member.sent.every(({ application }) => application !== null),
  );
}

function alone(receiver: Known, receiversTold: boolean): ReplicationPair {
  const { received, member } = receiver;
  return { from: null, to: member, sent: null, received, disagreement: aloneInWords(received, receiversTold) };
}

function aloneInWords(received: ReceivedStream | null, receiversTold: boolean): string | null {
  if (received === null)
    return receiversTold ? 'It has no WAL receiver, and no member sends to it.' : 'It has no WAL receiver.';
  if (received.status === null || !receiversTold) return null;
  return `It receives from ${received.senderHost ?? 'a server'}, and no member sends to it.`;
}
