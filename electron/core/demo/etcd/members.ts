import { status } from '@grpc/grpc-js';
import type { AddedLearner } from '../etcd-store/store';
import type { Header, MemberMessage } from './messages';
import type { EtcdNode } from './node';
import { grpcFailure } from './tokens';

/** Ids of learners that were added begin here: those of the members are smaller. */
const FIRST_LEARNER = 10_376_657_743_932_975_400n;

/** The answers that name members carry no revision (etcd's server/etcdserver/api/v3rpc/member.go). */
function memberHeaderOf(node: EtcdNode): Header {
  return { cluster_id: node.clusterId, member_id: node.memberId, revision: '0', raft_term: String(node.term()) };
}

const notFound = () => grpcFailure(status.NOT_FOUND, 'etcdserver: member not found');
const refused = (words: string) => grpcFailure(status.FAILED_PRECONDITION, `etcdserver: ${words}`);

/**
 * What the members of a simulated etcd answer to whoever changes them. One learner can be added, which nobody starts, and removed
 * again; its voters stay who they are. The texts are etcd's own (api/v3rpc/rpctypes/error.go).
 */
export class SimMembers {
  readonly #node: EtcdNode;

  constructor(node: EtcdNode) {
    this.#node = node;
  }

  list(): object {
    return { header: memberHeaderOf(this.#node), members: this.#all() };
  }

  add({ peerURLs, isLearner }: { readonly peerURLs: readonly string[]; readonly isLearner: boolean }): object {
    if (peerURLs.length === 0 || !peerURLs.every((url) => /^https?:\/\/[^/]+:\d+$/.test(url)))
      throw grpcFailure(status.INVALID_ARGUMENT, 'etcdserver: given member URLs are invalid');
    if (this.#all().some((member) => member.peerURLs.some((url) => peerURLs.includes(url))))
      throw refused('Peer URLs already exists');
    const { store } = this.#node;
    if (!isLearner) throw keepsVoters();
    if (store.learners.length > 0) throw refused('too many learner members in cluster');
    const id = String(FIRST_LEARNER + BigInt(store.revision));
    const member: AddedLearner = { ID: id, name: '', peerURLs: [...peerURLs], clientURLs: [], isLearner };
    store.learners = [member];
    return { header: memberHeaderOf(this.#node), member, members: this.#all() };
  }

  remove({ ID }: { readonly ID: string }): object {
    if (!this.#find(ID).isLearner) throw keepsVoters();
    this.#node.store.learners = [];
    return this.list();
  }

  update({ ID }: { readonly ID: string }): never {
    this.#find(ID);
    throw keepsVoters();
  }

  promote({ ID }: { readonly ID: string }): never {
    throw this.#find(ID).isLearner
      ? refused('can only promote a learner member which is in sync with leader')
      : refused('can only promote a learner member');
  }

  #all(): readonly MemberMessage[] {
    return [...this.#node.members(), ...this.#node.store.learners];
  }

  #find(id: string): MemberMessage {
    const member = this.#all().find(({ ID }) => ID === id);
    if (member === undefined) throw notFound();
    return member;
  }
}

function keepsVoters() {
  return grpcFailure(status.UNAVAILABLE, 'etcdserver: the simulated etcd does not change its voters');
}
