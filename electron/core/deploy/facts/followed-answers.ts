import type pg from 'pg';
import type { FollowedFacts } from '../../../../shared/model/deploy/facts';
import type { SecretName } from '../../../../shared/model/deploy/secret-name';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import { serversWith } from '../../../../shared/rules/deploy/layout';
import type { FollowedFound } from '../../../../shared/rules/deploy/preflight/input';
import { hasCode, toErrorData } from '../../../../shared/model/app-error';
import { openPgClient, type PgLogin, type PgTarget } from '../../postgres/pg-session';
import type { Remote } from '../../ssh/remote';

const LIMITS = { dialMs: 6_000, loginMs: 8_000, queryMs: 8_000 };

/**
 * Logs in at the followed cluster from every server that may come to follow it, as Patroni will there: with the role for replication, to
 * the walsender, and with the one for rewind. Nothing is written. Null for a cluster that follows nobody.
 */
export async function askFollowed(
  spec: ClusterSpec,
  inspected: Readonly<Record<string, unknown>>,
  connectServer: (server: ServerSpec) => Remote,
  secrets: ReadonlyMap<SecretName, string>,
): Promise<FollowedFound | null> {
  const { standby, accounts } = spec;
  if (standby === undefined) return null;
  const missing = (['superuser', 'replication', 'rewind'] as const)
    .filter((name) => secrets.get(name) === undefined)
    .map((name) => accounts[name]);
  if (missing.length > 0) return { missing, answers: [] };
  const servers = serversWith(spec, 'postgres').filter(({ name }) => inspected[name] !== undefined);
  const answers = await Promise.all(
    servers.flatMap((server) =>
      standby.hosts.map((host) => askOne(spec, { from: server.name, host }, connectServer(server), secrets)),
    ),
  );
  return { missing: [], answers };
}

interface Way {
  readonly from: string;
  readonly host: string;
}

type Said = Pick<FollowedFacts, 'verdict' | 'version' | 'systemIdentifier' | 'slot'>;

const nothing = { version: null, systemIdentifier: null, slot: 'not_known' } as const;

async function askOne(
  spec: ClusterSpec,
  way: Way,
  remote: Remote,
  secrets: ReadonlyMap<SecretName, string>,
): Promise<FollowedFacts> {
  const target: PgTarget = { name: way.host, host: way.host, port: spec.standby?.port ?? 5432 };
  const login = (name: 'replication' | 'rewind'): PgLogin => ({
    username: spec.accounts[name],
    password: () => Promise.resolve(secrets.get(name) ?? ''),
  });
  const dial = remote.dial.bind(remote);
  try {
    const said = await askWalSender(await openPgClient(dial, target, login('replication'), walSender), spec);
    const { close } = await openPgClient(dial, target, login('rewind'), { ...LIMITS, database: 'postgres' });
    await close();
    return { ...way, ...said, words: '' };
  } catch (thrown) {
    const verdict = hasCode(thrown, 'postgres.login_refused') ? 'refused' : 'silent';
    return { ...way, ...nothing, verdict, words: toErrorData(thrown).message };
  }
}

const walSender = { ...LIMITS, database: 'replication', replication: true } as const;

/** A replica knows its timeline and has slots too, and says of itself that it is in hot standby (from PostgreSQL 14 on). */
async function askWalSender(
  { client, close, drop }: Awaited<ReturnType<typeof openPgClient>>,
  { standby }: ClusterSpec,
): Promise<Said> {
  try {
    const number = Number(await show(client, 'SHOW server_version_num'));
    const system = await show(client, 'IDENTIFY_SYSTEM');
    const inRecovery = number >= 140_000 ? (await show(client, 'SHOW in_hot_standby')) === 'on' : false;
    const slot = standby?.slot;
    const kind = slot === undefined || number < 150_000 ? null : await show(client, `READ_REPLICATION_SLOT ${slot}`);
    await close();
    return {
      verdict: inRecovery ? 'replica' : 'primary',
      version: Math.floor(number / 10_000),
      systemIdentifier: system,
      slot: slotSaid(kind, number),
    };
  } finally {
    drop();
  }
}

function slotSaid(kind: string | null, number: number): FollowedFacts['slot'] {
  if (number < 150_000) return 'not_known';
  return kind === 'physical' ? 'there' : 'missing';
}

/** The first value of the first row; null where there is none. A walsender takes the simple protocol alone. */
async function show(client: pg.Client, command: string): Promise<string | null> {
  const { rows } = await client.query<Record<string, unknown>>(command);
  const [value] = Object.values(rows[0] ?? {});
  return typeof value === 'string' ? value : null;
}
