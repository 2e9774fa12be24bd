import { appError, toErrorData } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../shared/model/cluster/member';
import type { PostgresFacts } from '../../../shared/model/configure/parameter';
import type { MemberSettings, ServerSettings } from '../../../shared/model/configure/server-settings';
import { knownParameters } from '../../../shared/rules/configure/parameter-table';
import type { ClusterHub } from '../clusters/hub';
import { runPsql } from '../postgres/ask-psql';
import { lastLineOf } from '../postgres/psql-session';
import type { Remote, RemotePool } from '../ssh/remote';
import { POSTGRES_FACTS_QUERY, readPostgresFacts } from './facts-query';

/** What the settings of running servers are read with. */
export interface PostgresFactsDeps {
  readonly hub: ClusterHub;
  readonly remotes: RemotePool;
  readonly now: () => number;
}

/** What running servers say of their configuration, over SSH. Kept for a while, with its age. */
export interface PostgresFactsService {
  /** Asks every member that has not been asked lately; `fresh` asks all of them. Rejects with `operation.unknown_cluster`. */
  settings(clusterId: string, fresh: boolean): Promise<ServerSettings>;
}

/** How long an answer counts before it is asked for again, ms. */
const KEEP_MS = 60_000;
const ASK_MS = 15_000;
const MOST_BYTES = 8 * 1024 * 1024;
const DEFAULT_PORT = 5432;

interface Kept {
  readonly facts: PostgresFacts;
  readonly asOf: number;
}

/** Makes the service. */
export function createPostgresFacts(deps: PostgresFactsDeps): PostgresFactsService {
  const kept = new Map<string, Kept>();
  return {
    settings: async (clusterId, fresh) => {
      const state = stateOf(deps.hub, clusterId);
      const answers = await Promise.all(
        state.members.map(
          async (member) => [member.name, await askMember(deps, kept, { clusterId, member, fresh })] as const,
        ),
      );
      return combine(answers);
    },
  };
}

function stateOf(hub: ClusterHub, clusterId: string): ClusterState {
  const state = hub.state(clusterId);
  if (state === null)
    throw appError('operation.unknown_cluster', 'This cluster is not in the app any more.', {
      hint: 'Choose one from the list.',
    });
  return state;
}

type Answer = Kept | { readonly error: unknown };

/** One member's answer, or what went wrong. An answer that is still fresh is given again. */
async function askMember(
  deps: PostgresFactsDeps,
  kept: Map<string, Kept>,
  { clusterId, member, fresh }: { readonly clusterId: string; readonly member: Member; readonly fresh: boolean },
): Promise<Answer> {
  const key = JSON.stringify([clusterId, member.name]);
  const before = kept.get(key);
  if (before !== undefined && !fresh && deps.now() - before.asOf < KEEP_MS) return before;
  try {
    const answer = { facts: await askServer(deps, member), asOf: deps.now() };
    kept.set(key, answer);
    return answer;
  } catch (error) {
    kept.delete(key);
    return { error };
  }
}

async function askServer({ remotes }: PostgresFactsDeps, member: Member): Promise<PostgresFacts> {
  if (member.serverId === null)
    throw appError(
      'operation.no_ssh',
      `${member.name} is reached without SSH, so its PostgreSQL cannot be asked from here.`,
      {
        target: member.name,
        hint: "Add its server, and choose it under the cluster's access as the way to this member.",
      },
    );
  const remote = remotes.remote(member.serverId);
  return readPostgresFacts(await query(remote, member), member.name);
}

async function query(remote: Remote, member: Member): Promise<string> {
  const { stdout, stderr, exitCode } = await runPsql(remote, {
    port: member.port ?? DEFAULT_PORT,
    database: 'postgres',
    input: POSTGRES_FACTS_QUERY,
    timeoutMs: ASK_MS,
    maxOutputBytes: MOST_BYTES,
  });
  if (exitCode === 0 || stdout.includes('\nend\t\n')) return stdout;
  throw appError('postgres.not_answered', `psql on ${remote.name} could not read the settings: ${lastLineOf(stderr)}`, {
    target: member.name,
    hint: 'See whether PostgreSQL runs there, and whether pg_hba lets the system user postgres in over the local socket.',
    retryable: true,
  });
}

function combine(answers: readonly (readonly [string, Answer])[]): ServerSettings {
  const known = answers.flatMap(([, answer]) => ('facts' in answer ? [answer.facts] : []));
  const newest = [...known].sort((a, b) => b.version - a.version)[0];
  return {
    definitions: newest?.definitions ?? knownParameters,
    from: newest === undefined ? 'table' : 'servers',
    members: Object.fromEntries(answers.map(([name, answer]) => [name, toMember(answer)])),
  };
}

function toMember(answer: Answer): MemberSettings {
  if ('error' in answer) return { kind: 'unknown', error: toErrorData(answer.error) };
  const { definitions: _same, ...facts } = answer.facts;
  return { kind: 'known', asOf: answer.asOf, ...facts };
}
