import type { IMember, IStatusResponse } from 'etcd3';
import type { EtcdPace } from '../../../shared/rules/etcd/slow-members';
import type { AskedEtcdMember } from './etcd-client';
import type { EtcdLink } from './etcd-link';
import { alarmsInWords } from './alarm-words';
import { isSilence } from './errors';
import { clientAddress, type EtcdSession } from './etcd-session';

const STATUS_DEADLINE_MS = 1_500;
/**
 * Databases that Patroni alone writes into stay far below this. A quota is one more question for each connection, and the etcd of a
 * hundred healthy clusters is not asked for it.
 */
const QUOTA_MATTERS_BYTES = 16 * 1024 ** 2;

/** What a member said when it was asked. */
interface Asked {
  readonly address: string;
  /** null: it gave no status. */
  readonly status: IStatusResponse | null;
  readonly quota: number | null;
  /** How long the status took, ms. */
  readonly latencyMs: number | null;
  /** Whether it was asked and gave no answer; false also where the way to it was lost, and nothing is known of it. */
  readonly silent: boolean;
}

async function ask(address: string, findLink: () => Promise<EtcdLink | null>): Promise<Asked> {
  try {
    const link = await findLink();
    const before = performance.now();
    const status = link === null ? null : await link.status(STATUS_DEADLINE_MS);
    const latencyMs = status === null ? null : Math.round(performance.now() - before);
    const asksQuota = link !== null && Number(status?.dbSize ?? 0) >= QUOTA_MATTERS_BYTES;
    return { address, status, quota: asksQuota ? await link.quota() : null, latencyMs, silent: false };
  } catch (thrown) {
    return { address, status: null, quota: null, latencyMs: null, silent: isSilence(thrown) };
  }
}

function askAll(session: EtcdSession): Promise<Asked[]> {
  return Promise.all(session.addresses().map((address) => ask(address, () => session.linkTo(address))));
}

/** null where nothing is known: not asked, or the way to it was lost. */
function isReachable(asked: Asked | undefined): boolean | null {
  if (asked === undefined) return null;
  if (asked.status !== null) return true;
  return asked.silent ? false : null;
}

function paceOf(name: string, asked: Asked | undefined): EtcdPace {
  const status = asked?.status ?? null;
  return {
    name,
    latencyMs: asked?.latencyMs ?? null,
    committed: status === null ? null : Number(status.raftIndex),
    applied: status === null ? null : Number(status.raftAppliedIndex),
  };
}

function describe(member: IMember, asked: readonly Asked[]): AskedEtcdMember {
  const addresses = member.clientURLs.map(clientAddress);
  const found = asked.find((one) => addresses.includes(one.address));
  const status = found?.status ?? null;
  const alarms = alarmsInWords(asked.flatMap((one) => one.status?.errors ?? []));
  const leader = asked.map((one) => one.status?.leader).find((id) => id !== undefined && id !== '0');
  const name = member.name === '' ? (addresses[0] ?? member.ID) : member.name;
  return {
    name,
    pace: paceOf(name, found),
    clientUrls: member.clientURLs,
    leader: leader === undefined ? null : leader === member.ID,
    reachable: isReachable(found),
    seesLeader: status === null ? null : status.leader !== '0',
    version: status?.version ?? null,
    dbSize: status === null ? null : Number(status.dbSize),
    quota: found?.quota ?? null,
    alarms: alarms.filter(({ memberId }) => memberId === BigInt(member.ID).toString(16)).map(({ kind }) => kind),
  };
}

/**
 * etcd's members with what each says of itself, or (`all: false`) with what the one reports that the app is connected to.
 * A member that was not asked, for this reason or because no known address leads to it, is `reachable: null`.
 */
export async function readEtcdMembers(session: EtcdSession, all: boolean): Promise<readonly AskedEtcdMember[]> {
  const link = await session.answering();
  const [list, asked] = await Promise.all([
    link.memberList().catch(() => session.lastMembers()),
    all ? askAll(session) : Promise.all([ask(link.label, () => Promise.resolve(link))]),
  ]);
  session.rememberMembers(list);
  return list.map((member) => describe(member, asked));
}
