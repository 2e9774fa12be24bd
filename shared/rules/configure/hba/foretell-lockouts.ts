import type { ConnectedClient } from '../../../model/configure/parameter';
import { readIp } from '../../connect/ip-address';
import { matchHba, type HbaVerdict } from './match-hba';

/** A member as far as its connections and its rules go. */
export interface HbaMember {
  readonly name: string;
  readonly address: string | null;
  /** What its PostgreSQL said; null where it was not asked. */
  readonly said: {
    readonly version: number;
    readonly memberships: Readonly<Record<string, readonly string[]>>;
    readonly clients: readonly ConnectedClient[];
  } | null;
}

/** A connection that rules refuse, or that cannot be judged. `members`: where it goes to. */
export interface ForetoldClient extends ConnectedClient {
  readonly members: readonly string[];
  /** It is not open now, but a member needs it to follow or rewind from another one. */
  readonly expected: boolean;
  readonly verdict: HbaVerdict;
}

/** What rules would do to the connections that there are, and to those that the members need among themselves. */
export interface ForetoldLockouts {
  readonly refused: readonly ForetoldClient[];
  readonly notKnown: readonly ForetoldClient[];
  /** How many sessions were looked at. */
  readonly sessions: number;
}

type Judged = Omit<ForetoldClient, 'members'> & { readonly member: string };

/** The usual names of the role that Patroni rewinds with. */
const REWIND_ROLES = ['rewind_user', 'rewind'];
const REPLICATION_ROLE = 'replicator';

/** Who would not get in any more with these rules: of the sessions of now, and of what Patroni needs from member to member. */
export function foretellLockouts(
  lines: readonly string[],
  members: readonly HbaMember[],
  usesRewind: boolean,
): ForetoldLockouts {
  const open = members.flatMap((member) => (member.said?.clients ?? []).map((client) => judge(lines, member, client)));
  const expected = expectedClients(members, usesRewind).map(({ to, client }) => judgeExpected(lines, to, client));
  const isOpen = new Set(open.filter(isRefused).map((one) => wayOf(one)));
  const all = joined([...open, ...expected.filter((one) => !isOpen.has(wayOf(one)))]);
  return {
    refused: all.filter(isRefused),
    notKnown: all.filter(({ verdict }) => verdict.kind === 'not_known'),
    sessions: open.reduce((sum, { sessions }) => sum + sessions, 0),
  };
}

const isRefused = ({ verdict }: { readonly verdict: HbaVerdict }): boolean => verdict.kind === 'refused';

const wayOf = ({ member, user, address, replication }: Judged): string =>
  JSON.stringify([member, user, address, replication]);

function judge(lines: readonly string[], member: HbaMember, client: ConnectedClient): Judged {
  const verdict = matchHba(
    lines,
    { ...client, database: client.database ?? '', roles: member.said?.memberships[client.user] ?? null },
    { addresses: member.address === null ? null : [member.address], version: member.said?.version ?? null },
  );
  return { ...client, member: member.name, expected: false, verdict };
}

/** libpq tries with TLS and without: only what both ways refuse is refused. */
function judgeExpected(lines: readonly string[], to: HbaMember, client: ConnectedClient): Judged {
  const ways = [true, false].map((tls) => judge(lines, to, { ...client, tls }));
  const best = ways.find((one) => !isRefused(one)) ?? ways[0] ?? judge(lines, to, client);
  return { ...best, expected: true };
}

/** Every member may have to follow, copy or rewind from every other one. */
function expectedClients(
  members: readonly HbaMember[],
  usesRewind: boolean,
): readonly { readonly to: HbaMember; readonly client: ConnectedClient }[] {
  const names = new Set(members.map(({ name }) => name));
  const known = members.flatMap(({ said }) => said?.clients ?? []);
  const roles = new Set(members.flatMap(({ said }) => Object.keys(said?.memberships ?? {})));
  const replicator = known.find(({ replication, application }) => replication && names.has(application))?.user;
  const rewinds = usesRewind ? REWIND_ROLES.filter((name) => roles.has(name)) : [];
  return members.flatMap((to) =>
    members
      .filter(({ name, address }) => name !== to.name && address !== null && readIp(address) !== null)
      .flatMap(({ name, address }) => {
        const base = { address, tls: true, application: name, sessions: 0 };
        return [
          { to, client: { ...base, user: replicator ?? REPLICATION_ROLE, database: null, replication: true } },
          ...rewinds.map((user) => ({ to, client: { ...base, user, database: 'postgres', replication: false } })),
        ];
      }),
  );
}

/** The same client of several members is one. */
function joined(all: readonly Judged[]): readonly ForetoldClient[] {
  const groups = new Map<string, ForetoldClient>();
  for (const { member, ...one } of all) {
    const key = JSON.stringify([
      one.user,
      one.database,
      one.address,
      one.tls,
      one.application,
      one.expected,
      one.verdict,
    ]);
    const before = groups.get(key);
    groups.set(key, {
      ...one,
      members: [...(before?.members ?? []), member],
      sessions: (before?.sessions ?? 0) + one.sessions,
    });
  }
  return [...groups.values()];
}
