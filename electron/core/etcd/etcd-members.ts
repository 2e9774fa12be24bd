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
  readonly status: IStatusResponse | null;
}

async function askAll(session: EtcdSession): Promise<Asked[]> {
  const ask = async (address: string): Promise<Asked> => {
    const link = session.linkTo(address);
    const status = link === null ? null : await link.status(STATUS_DEADLINE_MS).catch(() => null);
    return { address, status };
  };
  return Promise.all(session.addresses().map(ask));
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

/** etcd's members with what each says of itself; a member that no known address leads to is `reachable: null`. */
export async function readEtcdMembers(session: EtcdSession): Promise<readonly EtcdMember[]> {
  const link = await session.answering();
  const [list, asked] = await Promise.all([link.memberList().catch(() => session.lastMembers()), askAll(session)]);
  session.rememberMembers(list);
  return list.map((member) => describe(member, asked));
}
