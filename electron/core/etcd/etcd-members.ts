import type { IMember, IStatusResponse } from 'etcd3';
import type { EtcdMember } from '../../../shared/model/cluster-state';
import type { EtcdSession } from './etcd-session';

const STATUS_DEADLINE_MS = 1_500;

function addressOf(url: string): string {
  try {
    const { hostname, port } = new URL(url);
    return `${hostname.replace(/^\[|\]$/g, '')}:${port === '' ? '2379' : port}`;
  } catch {
    return url;
  }
}

interface Asked {
  readonly address: string;
  /** null: it does not answer. */
  readonly status: IStatusResponse | null;
}

async function askAll(session: EtcdSession, openWays: boolean): Promise<Asked[]> {
  const ask = async (address: string): Promise<Asked[]> => {
    const link = await session.linkTo(address, openWays);
    if (link === null && !openWays) return [];
    const status = link === null ? null : await link.status(STATUS_DEADLINE_MS).catch(() => null);
    return [{ address, status }];
  };
  return (await Promise.all(session.addresses().map(ask))).flat();
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
    version: status?.version ?? null,
    dbSize: status === null ? null : Number(status.dbSize),
  };
}

/**
 * etcd's members with what each says of itself. One that was not asked, because no known address leads to it or because the
 * way to it is not open and is not to be opened for this, is `reachable: null`.
 */
export async function readEtcdMembers(session: EtcdSession, openWays: boolean): Promise<readonly EtcdMember[]> {
  const link = await session.answering();
  const [list, asked] = await Promise.all([link.memberList().catch(() => session.lastMembers()), askAll(session, openWays)]);
  session.rememberMembers(list);
  return list.map((member) => describe(member, asked));
}
