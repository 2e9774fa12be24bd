import { Readable } from 'node:stream';
import type { IMember, IResponseStream, ISnapshotResponse, IStatusResponse } from 'etcd3';
import { ETCD_CLIENT_PORT, hostPortOfUrl, printHostPort } from '../../../shared/model/connect/host-port';
import { appError, toErrorData, type AppErrorData } from '../../../shared/model/app-error';
import type {
  EtcdAlarm,
  EtcdAlarmKind,
  EtcdMemberStatus,
  EtcdMemberView,
  EtcdReading,
} from '../../../shared/model/etcd/etcd-view';
import type { EtcdMaintenance, SnapshotPart } from './etcd-client';
import type { EtcdLink } from './etcd-link';
import { alarmsInWords } from './alarm-words';
import { clientAddress, type EtcdSession } from './etcd-session';

const STATUS_DEADLINE_MS = 2_500;
const SNAPSHOT_SILENCE_MS = 60_000;

const hexOf = (id: string): string => BigInt(id).toString(16);
const decimalOf = (hex: string): string => BigInt(`0x${hex}`).toString();

interface Said {
  readonly address: string;
  readonly status: IStatusResponse | null;
  readonly quota: number | null;
  readonly latencyMs: number;
  readonly error: AppErrorData | null;
}

async function askStatus(session: EtcdSession, address: string): Promise<Said> {
  const silent = { address, status: null, quota: null, latencyMs: 0 };
  try {
    const link = await session.linkTo(address);
    if (link === null) return { ...silent, error: null };
    const quota = link.quota();
    const before = performance.now();
    const status = await link.status(STATUS_DEADLINE_MS);
    const latencyMs = performance.now() - before;
    return { address, status, latencyMs, quota: await quota, error: null };
  } catch (thrown) {
    return { ...silent, error: toErrorData(thrown) };
  }
}

function statusOf(said: Said): EtcdMemberStatus | null {
  const { status } = said;
  if (status === null) return null;
  return {
    version: status.version,
    dbSize: Number(status.dbSize),
    dbInUse: Number(status.dbSizeInUse),
    quota: said.quota,
    raftTerm: Number(status.raftTerm),
    raftIndex: Number(status.raftIndex),
    raftApplied: Number(status.raftAppliedIndex),
    revision: Number(status.header.revision),
    errors: status.errors,
    latencyMs: said.latencyMs,
  };
}

/** What was said by a member: the one that named itself so, or that has one of its addresses. */
function saidBy(member: IMember, said: readonly Said[]): Said | undefined {
  const addresses = member.clientURLs.map(clientAddress);
  return (
    said.find(({ status }) => status?.header.member_id === member.ID) ??
    said.find(({ status, address }) => status === null && addresses.includes(address))
  );
}

function viewOf(member: IMember, said: readonly Said[]): EtcdMemberView {
  const mine = saidBy(member, said);
  const leads = said.map(({ status }) => status?.leader).find((id) => id !== undefined && id !== '0');
  const own = mine?.status?.leader;
  return {
    id: hexOf(member.ID),
    name: member.name,
    clientUrls: member.clientURLs,
    peerUrls: member.peerURLs,
    learner: member.isLearner,
    leader: leads === undefined || own === '0' ? null : leads === member.ID,
    status: mine === undefined ? null : statusOf(mine),
    error: mine?.error ?? null,
  };
}

function alarmOf({ memberID, alarm }: { readonly memberID: string; readonly alarm: string }): readonly EtcdAlarm[] {
  const kind: EtcdAlarmKind | null = { Nospace: 'nospace' as const, Corrupt: 'corrupt' as const }[alarm] ?? null;
  return kind === null ? [] : [{ memberId: hexOf(memberID), kind }];
}

/** The alarms as the members' own words have them, for a user who may not ask for them; null when nobody answered. */
function alarmsInStatus(said: readonly Said[]): readonly EtcdAlarm[] | null {
  const answers = said.flatMap(({ status }) => (status === null ? [] : [status]));
  return answers.length === 0 ? null : alarmsInWords(answers.flatMap(({ errors }) => errors));
}

async function read(session: EtcdSession, now: () => number): Promise<EtcdReading> {
  const link = await session.answering();
  const [list, asked, alarms] = await Promise.all([
    link.memberList().catch((thrown: unknown) => knownMembers(session, thrown)),
    Promise.all(session.addresses().map((address) => askStatus(session, address))),
    link.alarms().catch(() => null),
  ]);
  session.rememberMembers(list);
  const said = [...asked, ...(await askNamed(session, list, asked))];
  const first = said.find(({ status }) => status !== null)?.status;
  return {
    clusterId: first === undefined || first === null ? '' : hexOf(first.header.cluster_id),
    asOf: now(),
    members: list.map((member) => viewOf(member, said)),
    alarms: alarms === null ? alarmsInStatus(said) : alarms.flatMap(alarmOf),
  };
}

/** Asks the members that none of the entered addresses leads to, by the addresses that etcd lists for them. */
async function askNamed(
  session: EtcdSession,
  list: readonly IMember[],
  asked: readonly Said[],
): Promise<readonly Said[]> {
  const before = new Set(asked.map(({ address }) => address));
  const missing = list.filter((member) => saidBy(member, asked) === undefined);
  const found = missing.flatMap(({ clientURLs }) => {
    const address = hostPortOfUrl(clientURLs[0] ?? '', ETCD_CLIENT_PORT);
    return address === null || before.has(clientAddress(clientURLs[0] ?? '')) ? [] : [address];
  });
  for (const address of found) session.learnAddress(address);
  return Promise.all(found.map((address) => askStatus(session, printHostPort(address))));
}

function knownMembers(session: EtcdSession, thrown: unknown): IMember[] {
  const known = session.lastMembers();
  if (known.length === 0) throw thrown;
  return known;
}

/** The link to a member: by one of its addresses, or by what the member itself says its id is. */
async function linkToMember(session: EtcdSession, id: string): Promise<EtcdLink> {
  for (const address of session.addresses()) {
    const link = await session.linkTo(address).catch(() => null);
    const status = await link?.status(STATUS_DEADLINE_MS).catch(() => null);
    if (link !== null && status?.header.member_id === decimalOf(id)) return link;
  }
  throw appError('etcd.no_way', 'No address that the app knows leads to this etcd member.', {
    target: id,
    hint: 'Add its client address to the etcd access in the settings of the cluster.',
  });
}

/** The stream as Node's, which can be read at the pace of the disk. */
function readableOf(stream: IResponseStream<ISnapshotResponse>): Readable {
  if (stream instanceof Readable) return stream;
  throw appError('etcd.client', 'The etcd client library has changed: its streams cannot be read.');
}

function partOf(reply: ISnapshotResponse): SnapshotPart {
  return { bytes: reply.blob, left: Number(reply.remaining_bytes) };
}

async function* snapshotOf(link: EtcdLink, signal: AbortSignal): AsyncGenerator<SnapshotPart> {
  const stream = readableOf(await link.snapshotStream());
  const end = (error: unknown): void => {
    stream.destroy(error instanceof Error ? error : new Error('The snapshot was stopped.'));
  };
  const onAbort = (): void => {
    end(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  let silence: NodeJS.Timeout | undefined;
  const wait = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      end(new Error('DEADLINE_EXCEEDED: the snapshot came to a halt'));
    }, SNAPSHOT_SILENCE_MS);
  };
  wait();
  try {
    const replies: AsyncIterable<ISnapshotResponse> = stream;
    for await (const reply of replies) {
      wait();
      yield partOf(reply);
    }
  } catch (thrown) {
    throw signal.aborted ? thrown : link.errorOf(thrown);
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', onAbort);
    if ('cancel' in stream && typeof stream.cancel === 'function') stream.cancel();
    stream.destroy();
  }
}

/** The maintenance of etcd over a session. */
export function maintainEtcd(session: EtcdSession, now: () => number): EtcdMaintenance {
  const at = (id: string): Promise<EtcdLink> => linkToMember(session, id);
  return {
    read: () => read(session, now),
    moveLeader: async (from, to) => (await at(from)).moveLeader(decimalOf(to)),
    defragment: async (member) => (await at(member)).defragment(),
    compact: async (revision) => (await session.live()).compact(String(revision)),
    disarm: async ({ memberId, kind }) =>
      (await session.live()).disarm({
        memberID: decimalOf(memberId),
        alarm: kind === 'nospace' ? 'Nospace' : 'Corrupt',
      }),
    countKeys: async () => (await session.live()).countKeys(),
    snapshot: async function* (member, signal) {
      yield* snapshotOf(await at(member), signal);
    },
    addLearner: async (peerUrl) => (await session.live()).addLearner(peerUrl),
    promote: async (member) => (await session.live()).promoteMember(decimalOf(member)),
    remove: async (member) => (await session.live()).removeMember(decimalOf(member)),
  };
}
