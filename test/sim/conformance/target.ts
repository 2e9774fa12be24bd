import { request } from 'node:http';
import { Etcd3 } from 'etcd3';
import { z } from 'zod';

/** A running cluster of three, simulated or real, with plain HTTP and no passwords on its REST API. */
export interface ConformanceTarget {
  readonly scope: string;
  /** e.g. `/service/` */
  readonly namespace: string;
  /** Patroni's version. */
  readonly version: string;
  /** Members by Patroni's name, with `http://host:port` of their REST API. */
  readonly restUrls: Readonly<Record<string, string>>;
  /** host:port or unix:path of one etcd member. */
  readonly etcdAddress: string;
  /** How many times faster than the clock the cluster runs; 1 for a real one. */
  readonly timeScale: number;
  /** Patroni and PostgreSQL of a member die at once and stay down. */
  killMember(name: string): Promise<void>;
  reviveMember(name: string): Promise<void>;
  close(): Promise<void>;
}

/** What came back: a status and a body, an empty reply, or no connection. */
export type RawAnswer =
  | {
      readonly kind: 'answer';
      readonly code: number;
      readonly text: string;
      readonly body: unknown;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    }
  | { readonly kind: 'empty' | 'unreachable' };

const REST_LIMIT_MS = 120_000;

/** Calls a member's REST API, one connection for each call. `body` text goes out as it is; `noLength` leaves Content-Length away. */
export function rest(target: ConformanceTarget, member: string, call: string, body?: unknown): Promise<RawAnswer> {
  const [method = 'GET', path = '/'] = call.split(' ');
  // JSON has no text for undefined, which is then no body.
  const text: string | undefined = typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve) => {
    const headers =
      text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const outgoing = request(
      `${target.restUrls[member] ?? ''}${path}`,
      { method, agent: false, headers, timeout: REST_LIMIT_MS },
      (response) => {
        let received = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          received += chunk;
        });
        response.on('end', () => {
          resolve({
            kind: 'answer',
            code: response.statusCode ?? 0,
            text: received,
            body: parsed(received),
            headers: response.headers,
          });
        });
      },
    );
    outgoing.on('timeout', () => {
      outgoing.destroy();
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ kind: error.code === 'ECONNRESET' ? 'empty' : 'unreachable' });
    });
    // Node gives a POST without a body a Content-Length of 0, as curl -d '' does.
    outgoing.end(text);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The code and the text of an answer, e.g. `412 candidate does not exists`; an empty reply is `empty`. */
export async function codeAndText(answer: Promise<RawAnswer>): Promise<string> {
  const got = await answer;
  return got.kind === 'answer' ? `${got.code} ${got.text}` : got.kind;
}

const clusterSchema = z.object({
  members: z.array(
    z.looseObject({
      name: z.string(),
      role: z.string(),
      state: z.string(),
      timeline: z.number().optional(),
      lag: z.union([z.number(), z.string()]).optional(),
    }),
  ),
});
/** The part of GET /cluster that the suite reads. */
export type ListedCluster = z.infer<typeof clusterSchema>;
const patroniSchema = z.looseObject({
  state: z.string(),
  role: z.string(),
  timeline: z.number().optional(),
  pending_restart: z.boolean().optional(),
  pause: z.boolean().optional(),
  replication: z.array(z.looseObject({ application_name: z.string(), state: z.string() })).optional(),
});
/** The part of GET /patroni that the suite reads. */
export type PatroniAnswer = z.infer<typeof patroniSchema>;

/** GET /cluster of a member, or null while it gives none. */
export async function clusterOf(target: ConformanceTarget, member: string): Promise<ListedCluster | null> {
  const answer = await rest(target, member, 'GET /cluster');
  return answer.kind === 'answer' && answer.code === 200 ? clusterSchema.parse(answer.body) : null;
}

/** GET /patroni of a member, or null while it gives none. */
export async function patroniOf(target: ConformanceTarget, member: string): Promise<PatroniAnswer | null> {
  const answer = await rest(target, member, 'GET /patroni');
  return answer.kind === 'answer' && answer.code === 200 ? patroniSchema.parse(answer.body) : null;
}

/** A member that answers, and what it sees. */
export async function readCluster(target: ConformanceTarget): Promise<ListedCluster> {
  for (const member of Object.keys(target.restUrls)) {
    const cluster = await clusterOf(target, member);
    if (cluster !== null) return cluster;
  }
  throw new Error('No member answers GET /cluster.');
}

/** The leader's name; throws when there is none. */
export async function requireLeader(target: ConformanceTarget): Promise<string> {
  const leader = (await readCluster(target)).members.find((member) => member.role === 'leader');
  if (leader === undefined) throw new Error('The cluster has no leader.');
  return leader.name;
}

/** The names of all other members. */
export async function replicasOf(target: ConformanceTarget): Promise<string[]> {
  return (await readCluster(target)).members.filter((member) => member.role !== 'leader').map((member) => member.name);
}

/**
 * Waits for something in the cluster's own time: 60 s of a cluster that runs five times as fast are 12 s. The error says
 * what was waited for.
 */
export async function eventuallyIn<T>(
  target: ConformanceTarget,
  what: string,
  clusterSeconds: number,
  check: () => Promise<T | null | false | undefined>,
  pauseMs = 100,
): Promise<T> {
  const end = Date.now() + (clusterSeconds * 1000) / target.timeScale + 3000;
  let last: unknown = null;
  for (;;) {
    const found = await check().catch((thrown: unknown) => {
      last = thrown;
      return null;
    });
    if (found !== null && found !== false && found !== undefined) return found;
    if (Date.now() > end)
      throw new Error(
        `Not within ${String(clusterSeconds)} s of the cluster's time: ${what}.${last instanceof Error ? ` Last: ${last.message}` : ''}`,
      );
    await new Promise((resolve) => {
      setTimeout(resolve, pauseMs);
    });
  }
}

/** Everybody runs, the replicas stream to the leader on its timeline, and the DCS says so. */
export function waitUntilHealthy(target: ConformanceTarget, clusterSeconds = 90): Promise<string> {
  return eventuallyIn(target, 'a leader with all others streaming on its timeline', clusterSeconds, async () => {
    const leader = await requireLeader(target);
    const status = await patroniOf(target, leader);
    const streaming = (status?.replication ?? []).filter((row) => row.state === 'streaming').length;
    const { members } = await readCluster(target);
    const level = members.every(
      (member) => member.timeline === status?.timeline && member.state === healthyState(target, member.name === leader),
    );
    return streaming === Object.keys(target.restUrls).length - 1 && members.length === streaming + 1 && level
      ? leader
      : null;
  });
}

/** The state of a healthy member in GET /cluster, which follows its heartbeat: up to one loop_wait late. */
export function healthyState(target: ConformanceTarget, leads: boolean): 'running' | 'streaming' {
  return leads || !isAtLeast(target, '3.0.4') ? 'running' : 'streaming';
}

/** A client of the target's etcd. */
export function openEtcd(target: ConformanceTarget): Etcd3 {
  return new Etcd3({
    hosts: target.etcdAddress,
    defaultCallOptions: (context) => (context.isStream ? {} : { deadline: Date.now() + 10_000 }),
  });
}

/** Whether the target's version is at least another. */
export function isAtLeast(target: ConformanceTarget, version: string): boolean {
  const [a, b] = [target.version, version].map((text) => text.split('.').map(Number));
  for (let i = 0; i < 3; i += 1) if ((a?.[i] ?? 0) !== (b?.[i] ?? 0)) return (a?.[i] ?? 0) > (b?.[i] ?? 0);
  return true;
}
