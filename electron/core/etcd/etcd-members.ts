import type { IMember, IStatusResponse } from 'etcd3';
import { ETCD_CLIENT_PORT, hostPortOfUrl, printHostPort } from '../../../shared/model/connect/host-port';
import type { EtcdMember } from '../../../shared/model/cluster/cluster-state';
import type { EtcdLink } from './etcd-link';
import type { EtcdSession } from './etcd-session';

const STATUS_DEADLINE_MS = 1_500;

function addressOf(url: string): string {
  const address = hostPortOfUrl(url, ETCD_CLIENT_PORT);
  return address === null ? url : printHostPort(address);
}

interface Asked {
  readonly address: string;
  /** null: it does not answer. */
  readonly status: IStatusResponse | null;
}

async function ask(address: string, link: EtcdLink | null): Promise<Asked> {
  return { address, status: link === null ? null : await link.status(STATUS_DEADLINE_MS).catch(() => null) };
}

function askAll(session: EtcdSession): Promise<Asked[]> {
  return Promise.all(session.addresses().map(async (address) => ask(address, await session.linkTo(address))));
}

function describe(member: IMember, asked: readonly Asked[]): EtcdMember {
  const addresses = member.clientURLs.map(addressOf);
  const found = asked.find((one) => addresses.includes(one.address));
  const status = found?.status ?? null;
  const leader = asked.map((one) => one.status?.leader).find((id) => id !== undefined && id !== '0');
  return {
    name: member.name === '' ? (addresses[0] ?? member.ID) : member.name,
    clientUrls: member.clientURLs,
    leader: leader === undefined ? null : leader === member.ID,
    reachable: found === undefined ? null : status !== null,
    seesLeader: status === null ? null : status.leader !== '0',
    version: status?.version ?? null,
    dbSize: status === null ? null : Number(status.dbSize),
  };
}

/**
 * etcd's members with what each says of itself, or (`all: false`) with what the one reports that the app is connected to.
 * A member that was not asked, for this reason or because no known address leads to it, is `reachable: null`.
 */
export async function readEtcdMembers(session: EtcdSession, all: boolean): Promise<readonly EtcdMember[]> {
  const link = await session.answering();
  const [list, asked] = await Promise.all([
    link.memberList().catch(() => session.lastMembers()),
    all ? askAll(session) : Promise.all([ask(link.label, link)]),
  ]);
  session.rememberMembers(list);
  return list.map((member) => describe(member, asked));
}
