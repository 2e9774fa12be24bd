import type { AppError } from '../../../shared/model/app-error';
import { AppError as AppErrorClass, appError } from '../../../shared/model/app-error';
import type { EtcdLink } from './etcd-link';
import { etcdError } from './errors';

/** What asking one etcd member came to. */
export type ProbeVerdict = { readonly kind: 'live' } | { readonly kind: 'lost'; readonly error: AppError };

/** No quorum must be known within 5 s: one missed probe (at most interval + deadline) and one round over all members. */
export const PROBE_INTERVAL_MS = 1_200;
/** A probe that has no answer by then is missed. */
export const PROBE_DEADLINE_MS = 1_500;

/** A read that etcd's leader must confirm. A user without rights on the key is refused only after that. */
async function confirmedRead(link: EtcdLink, key: string): Promise<ProbeVerdict> {
  try {
    await link.range(key, { keysOnly: true, limit: 1, timeoutMs: PROBE_DEADLINE_MS });
    return { kind: 'live' };
  } catch (thrown) {
    const error = etcdError(thrown, link.label);
    return error.code === 'etcd.permission_denied' ? { kind: 'live' } : { kind: 'lost', error };
  }
}

type Raft = 'has_leader' | 'no_leader' | 'silent';

/** What the member itself says of its leader; it answers this without a quorum. */
async function raftState(link: EtcdLink): Promise<Raft> {
  try {
    const status = await link.status(PROBE_DEADLINE_MS);
    return status.leader === '0' || status.leader === '' ? 'no_leader' : 'has_leader';
  } catch (thrown) {
    return thrown instanceof AppErrorClass && thrown.code === 'etcd.no_quorum' ? 'no_leader' : 'silent';
  }
}

const ASK_RAFT_AFTER_MS = 300;

/** Asks for the member's own word only when the read takes its time: a healthy etcd is asked one thing. */
function raftWhenSlow(link: EtcdLink): { readonly answer: () => Promise<Raft>; readonly end: () => void } {
  let asked: Promise<Raft> | null = null;
  const ask = (): Promise<Raft> => (asked ??= raftState(link));
  const timer = setTimeout(() => void ask(), ASK_RAFT_AFTER_MS);
  return {
    answer: ask,
    end: () => {
      clearTimeout(timer);
    },
  };
}

/**
 * Asks one member with bounded time. A read that is not confirmed while the member itself answers means that
 * it has no quorum behind it, whether or not it has noticed that its leader is gone.
 */
export async function probe(link: EtcdLink, key: string): Promise<ProbeVerdict> {
  const raft = raftWhenSlow(link);
  try {
    const read = await confirmedRead(link, key);
    if (read.kind === 'live') return read;
    if (read.error.code === 'etcd.no_quorum') return { kind: 'lost', error: noQuorum(link, read.error) };
    if (read.error.code !== 'etcd.timeout') return read;
    return (await raft.answer()) === 'silent' ? read : { kind: 'lost', error: noQuorum(link, read.error) };
  } finally {
    raft.end();
  }
}

function noQuorum(link: EtcdLink, cause: AppError): AppError {
  return appError('etcd.no_quorum', 'etcd has no quorum: its members answer, but none of them can confirm a read.', {
    target: link.label,
    retryable: true,
    hint: 'Start the missing etcd members, or look at the network between them.',
    cause,
  });
}

/** The verdict over all members: one that is live wins; then no quorum, then refused, then unreachable. */
export function worstNews(errors: readonly AppError[]): AppError {
  const rank = (error: AppError): number => {
    switch (error.code) {
      case 'etcd.no_quorum':
        return 0;
      case 'etcd.auth_failed':
      case 'etcd.permission_denied':
      case 'etcd.tls':
        return 1;
      default:
        return 2;
    }
  };
  const [first] = [...errors].sort((a, b) => rank(a) - rank(b));
  return (
    first ??
    appError('etcd.unreachable', 'No etcd address is known for this cluster.', {
      hint: 'Add the addresses of the etcd members.',
    })
  );
}
