import { z } from 'zod';
import type { OperationCheck } from '../operate/operation';
import type { EtcdReading } from './etcd-view';

const memberId = z.string().regex(/^[0-9a-f]{1,16}$/);
const peerUrl = z.string().regex(/^https?:\/\/[^\s/]+:\d+$/, 'A peer URL looks like http://10.0.0.4:2380');
const keep = z.number().int().min(100).max(10_000_000);

/** What a user may ask of an etcd cluster. */
export const etcdActionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('move_leader'), to: memberId }),
  /** `member: null` is all members, one after the other, the leader last. */
  z.object({ kind: z.literal('defragment'), member: memberId.nullable() }),
  /** Keeps the last `keep` revisions. */
  z.object({ kind: z.literal('compact'), keep }),
  z.object({ kind: z.literal('disarm') }),
  /** Compacts, defragments every member, and disarms the NOSPACE alarm where there is one. */
  z.object({ kind: z.literal('free_space'), keep }),
  /** `file: null` writes below the data directory; `member: null` asks a follower where there is one. */
  z.object({ kind: z.literal('snapshot'), member: memberId.nullable(), file: z.string().min(1).max(4096).nullable() }),
  z.object({ kind: z.literal('add_member'), peerUrl }),
  z.object({ kind: z.literal('promote_member'), member: memberId }),
  z.object({ kind: z.literal('remove_member'), member: memberId }),
  /** Removes a member that is lost, and adds another in its place. */
  z.object({ kind: z.literal('replace_member'), member: memberId, peerUrl }),
]);
/** One action on an etcd cluster. */
export type EtcdAction = z.infer<typeof etcdActionSchema>;

/** What is confirmed. `fingerprint` names the members, the leader and the alarms that it was made from. */
export interface EtcdActionPreview {
  readonly action: EtcdAction;
  readonly title: string;
  readonly checks: readonly OperationCheck[];
  readonly consequences: readonly string[];
  readonly command: string;
  /** When set, the user must type exactly this. */
  readonly typeToConfirm: string | null;
  readonly fingerprint: string;
  readonly reading: EtcdReading;
  readonly allowed: boolean;
}
