import type { EtcdAction } from '../../model/etcd/etcd-action';
import type { EtcdReading, EtcdScope } from '../../model/etcd/etcd-view';
import { namesInWords } from '../words/wording';
import { shellWord } from '../words/shell-words';
import {
  defragmentOrder,
  etcdLeader,
  etcdMemberName,
  findEtcdMember,
  leaderSuccessor,
  newestRevision,
  snapshotSource,
} from './etcd-members';
import { quorumAfter } from './etcd-checks';
import { quorumInWords, quorumNow } from './etcd-quorum';

function nameOf(reading: EtcdReading, id: string): string {
  const member = findEtcdMember(reading, id);
  return member === undefined ? id : etcdMemberName(member);
}

/** What an action is called. */
export function etcdActionTitle(reading: EtcdReading, action: EtcdAction): string {
  switch (action.kind) {
    case 'move_leader':
      return `Move the leader of etcd to ${nameOf(reading, action.to)}`;
    case 'defragment':
      return action.member === null
        ? 'Defragment every member of etcd'
        : `Defragment etcd on ${nameOf(reading, action.member)}`;
    case 'compact':
      return 'Compact etcd';
    case 'disarm':
      return 'Disarm the alarm of etcd';
    case 'free_space':
      return 'Free space in etcd';
    case 'snapshot':
      return 'Save a snapshot of etcd';
    case 'add_member':
      return `Add ${action.peerUrl} to etcd`;
    case 'promote_member':
      return `Promote ${nameOf(reading, action.member)} to a voting member of etcd`;
    case 'remove_member':
      return `Remove ${nameOf(reading, action.member)} from etcd`;
    case 'replace_member':
      return `Replace ${nameOf(reading, action.member)} in etcd by ${action.peerUrl}`;
  }
}

/** The member that an action is about, by name; null when it is about all. */
export function etcdActionTarget(reading: EtcdReading, action: EtcdAction): string | null {
  if (action.kind === 'move_leader') return nameOf(reading, action.to);
  if ('member' in action && action.member !== null) return nameOf(reading, action.member);
  return action.kind === 'add_member' ? action.peerUrl : null;
}

function endpointsOf(reading: EtcdReading, ids: readonly string[] | null): string {
  const members = reading.members.filter(({ id, status }) => (ids === null ? status !== null : ids.includes(id)));
  return members.flatMap(({ clientUrls }) => clientUrls.slice(0, 1)).join(',');
}

/** The etcdctl commands that do the same, joined by `&&`. Users and certificates are those of the cluster and are left out. */
export function etcdctlCommand(reading: EtcdReading, action: EtcdAction): string {
  const ctl = (ids: readonly string[] | null): string => `etcdctl --endpoints ${shellWord(endpointsOf(reading, ids))}`;
  const leader = etcdLeader(reading);
  const atLeader = leader === undefined ? null : [leader.id];
  const defragment = (ids: readonly string[]): string => ids.map((id) => `${ctl([id])} defrag`).join(' && ');
  const all = defragmentOrder(reading).map(({ id }) => id);
  const compact = (keep: number): string =>
    `${ctl(null)} compact ${Math.max(1, newestRevision(reading) - keep)} --physical`;
  const add = (peerUrl: string): string => `${ctl(null)} member add NAME --learner --peer-urls=${shellWord(peerUrl)}`;
  switch (action.kind) {
    case 'move_leader':
      return `${ctl(atLeader)} move-leader ${action.to}`;
    case 'defragment':
      return defragment(action.member === null ? all : [action.member]);
    case 'compact':
      return compact(action.keep);
    case 'disarm':
      return `${ctl(null)} alarm disarm`;
    case 'free_space':
      return `${compact(action.keep)} && ${defragment(all)} && ${ctl(null)} alarm disarm`;
    case 'snapshot': {
      const from = action.member ?? snapshotSource(reading)?.id ?? null;
      return `${ctl(from === null ? null : [from])} snapshot save ${shellWord(action.file ?? 'etcd-snapshot.db')}`;
    }
    case 'add_member':
      return add(action.peerUrl);
    case 'promote_member':
      return `${ctl(null)} member promote ${action.member}`;
    case 'remove_member': {
      const successor = leader?.id === action.member ? leaderSuccessor(reading) : undefined;
      const move = successor === undefined ? '' : `${ctl(atLeader)} move-leader ${successor.id} && `;
      return `${move}${ctl(null)} member remove ${action.member}`;
    }
    case 'replace_member':
      return `${ctl(null)} member remove ${action.member} && ${add(action.peerUrl)}`;
  }
}

/** What a new server must be told, so that its etcd joins; null where nobody joins. */
export function joinInWords(reading: EtcdReading, peerUrl: string, removed: string | null): string {
  const others = reading.members
    .filter(({ id, name }) => id !== removed && name !== '')
    .flatMap(({ name, peerUrls }) => peerUrls.map((url) => `${name}=${url}`));
  const { host, listenHost } = hostsOf(peerUrl);
  const [scheme, port] = clientSideOf(reading);
  return [
    `ETCD_INITIAL_CLUSTER="${[...others, `NAME=${peerUrl}`].join(',')}"`,
    'ETCD_INITIAL_CLUSTER_STATE="existing"',
    'ETCD_NAME="NAME"',
    `ETCD_INITIAL_ADVERTISE_PEER_URLS="${peerUrl}"`,
    `ETCD_LISTEN_PEER_URLS="${peerUrl.replace(host, listenHost)}"`,
    `ETCD_ADVERTISE_CLIENT_URLS="${scheme}://${host}:${port}"`,
    `ETCD_LISTEN_CLIENT_URLS="${scheme}://${listenHost}:${port}${listenHost === host ? `,${scheme}://127.0.0.1:${port}` : ''}"`,
  ].join('\n');
}

/** The host of a URL as it stands there, and where etcd listens for it: it binds to addresses alone, so that a name becomes all of them. */
function hostsOf(url: string): { readonly host: string; readonly listenHost: string } {
  const host = /^https?:\/\/(.+):\d+$/.exec(url)?.[1] ?? url;
  return { host, listenHost: /^(?:[\d.]+|\[.+\])$/.test(host) ? host : '0.0.0.0' };
}

/** The scheme and the port by which the members that are there serve clients. */
function clientSideOf({ members }: EtcdReading): readonly [scheme: string, port: string] {
  const url = members.flatMap(({ clientUrls }) => clientUrls)[0] ?? '';
  const [, scheme = 'http', port = '2379'] = /^(https?):\/\/.+:(\d+)$/.exec(url) ?? [];
  return [scheme, port];
}

const writesGoOn = 'Patroni and its databases go on: they notice nothing.';

/** What happens, in sentences; the last one says whose keys are in this etcd where there are several. */
export function etcdConsequences(
  reading: EtcdReading,
  action: EtcdAction,
  scopes: readonly EtcdScope[],
): readonly string[] {
  const after = quorumAfter(reading, action);
  const quorum =
    after === null ? [] : [`Before: ${quorumInWords(quorumNow(reading))}`, `After: ${quorumInWords(after)}`];
  const shared =
    scopes.length < 2
      ? []
      : [
          `${scopes.length} clusters keep their keys in this etcd and are all touched: ${namesInWords(scopes.map(({ scope }) => scope))}.`,
        ];
  return [...sentencesOf(reading, action), ...quorum, ...shared];
}

function sentencesOf(reading: EtcdReading, action: EtcdAction): readonly string[] {
  switch (action.kind) {
    case 'move_leader':
      return ['Writes to etcd pause for a fraction of a second. The primaries of Patroni stay where they are.'];
    case 'defragment':
      return defragmentSentences(reading, action.member);
    case 'compact':
      return [
        `Only the last ${action.keep} revisions can be read as they were. ${writesGoOn}`,
        "Patroni's watches begin at the present revision and survive it. The file does not shrink: defragment afterwards.",
      ];
    case 'disarm':
      return [
        'etcd takes writes again. When its database is still over the quota, the next write raises the alarm again.',
      ];
    case 'free_space':
      return [
        `First: compact, keeping the last ${action.keep} revisions.`,
        `Then: ${defragmentSentences(reading, null).join(' ')}`,
        'Last: disarm the NOSPACE alarm, if there is one and every database is below its quota.',
      ];
    case 'snapshot':
      return [
        'The whole database of etcd, of all clusters in it, is read into a file, and its SHA-256 is verified.',
        'The file has what Patroni keeps in etcd, among it its configuration. Only you may read it (0600).',
      ];
    case 'add_member':
      return [
        'The new member is announced as a learner. Then start etcd on its server with the settings that the job shows.',
        'It has no vote until it is promoted.',
      ];
    case 'promote_member':
      return ['The member has a vote from then on, and counts in the quorum.'];
    case 'remove_member':
      return [
        ...(etcdLeader(reading)?.id === action.member ? ['Another member takes the lead first.'] : []),
        'The etcd of this member ends and cannot come back with its data. Take its address out of the etcd hosts of ' +
          "Patroni's configuration.",
      ];
    case 'replace_member':
      return [
        'The lost member is removed, and the new one is announced as a learner in its place.',
        'Then start etcd on the new server with the settings that the job shows, and promote it.',
      ];
  }
}

function defragmentSentences(reading: EtcdReading, id: string | null): readonly string[] {
  const order = id === null ? defragmentOrder(reading) : [];
  const names = id === null ? order.map(etcdMemberName) : [nameOf(reading, id)];
  const moves =
    id !== null && etcdLeader(reading)?.id === id && leaderSuccessor(reading) !== undefined
      ? ['Another member takes the lead first.']
      : [];
  return [
    `${names.join(', then ')}: each answers nothing while its file is written anew, usually for less than a second per 100 MB.`,
    ...moves,
    ...(order.length < 2
      ? []
      : ['The next one begins only when all members answer again. The leader is last, and hands the lead over first.']),
  ];
}
