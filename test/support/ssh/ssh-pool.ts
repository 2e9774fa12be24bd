import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AskUser, SshQuestion } from '../../../electron/core/ssh/authenticate/ask';
import { createHostKeys, type HostKeys } from '../../../electron/core/ssh/authenticate/host-keys';
import { createRemotePool } from '../../../electron/core/ssh/pool/pool';
import type { RemotePool } from '../../../electron/core/ssh/remote';
import type { SshTiming } from '../../../electron/core/ssh/connect/timing';
import { serverSchema, type Server } from '../../../shared/model/connect/server';

/** Waits short enough for tests. */
const QUICK: Partial<SshTiming> = {
  connectTimeoutMs: 5_000,
  answerTimeoutMs: 5_000,
  backoffMinMs: 20,
  backoffMaxMs: 100,
};

/** An inventory entry for a test server on loopback; what the test cares about is overridden. */
export function poolServer(port: number, change: Partial<Server> = {}): Server {
  return serverSchema.parse({
    id: 'db1',
    name: 'db1',
    host: '127.0.0.1',
    port,
    user: 'dba',
    auth: { kind: 'password', passwordSecret: 'login' },
    sudo: { kind: 'passwordless' },
    jump: [],
    tags: [],
    ...change,
  });
}

/** A user who trusts every host key and declines everything else, unless `answers` says otherwise; remembers the questions. */
export function recordingUser(answers: (question: SshQuestion) => readonly string[] | null = () => null): {
  ask: AskUser;
  questions: SshQuestion[];
} {
  const questions: SshQuestion[] = [];
  const ask: AskUser = (question) => {
    questions.push(question);
    const answer = answers(question);
    return Promise.resolve(answer === null && question.kind === 'host_key' ? ['yes'] : answer);
  };
  return { ask, questions };
}

/** Nobody is there to answer: every question is declined. */
export const declineEveryQuestion: AskUser = () => Promise.resolve(null);

/** What a test pool is made of. */
export interface TestPoolOptions {
  readonly servers: readonly Server[];
  readonly secrets?: Readonly<Record<string, string>>;
  readonly ask?: AskUser;
  readonly sshConfig?: string;
  readonly agentSocket?: string;
  readonly timing?: Partial<SshTiming>;
  /** known_hosts text of the user. */
  readonly hostKeys?: HostKeys;
}

/** A pool with its files in a directory of its own. */
export interface TestPool {
  readonly pool: RemotePool;
  readonly directory: string;
  readonly hostKeys: HostKeys;
  close(): Promise<void>;
}

/** Makes a pool on a private directory; every host key is trusted unless `ask` says otherwise. */
export async function makePool(options: TestPoolOptions): Promise<TestPool> {
  const directory = await mkdtemp(join(tmpdir(), 'ssh-pool-'));
  const hostKeys =
    options.hostKeys ??
    createHostKeys({ userFiles: [join(directory, 'known_hosts')], appFile: join(directory, 'app', 'known_hosts') });
  const pool = createRemotePool({
    servers: (id) => options.servers.find((server) => server.id === id),
    secrets: { read: (id) => Promise.resolve(options.secrets?.[id]) },
    ask: options.ask ?? recordingUser().ask,
    hostKeys,
    sshConfigText: () => Promise.resolve(options.sshConfig ?? ''),
    homeDirectory: directory,
    agentSocket: options.agentSocket,
    now: () => Date.now(),
    timing: { ...QUICK, ...options.timing },
  });
  return {
    pool,
    directory,
    hostKeys,
    close: async () => {
      await pool.close();
      // An attempt that the close has cut off may still be writing the host key that it had just learned.
      await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    },
  };
}
