import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { ClusterSpecInput } from '../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import type { Lab, LabUser, NodeName } from './lab';
import { waitFor } from './run';

/** The scope that all deployments of the tests use, and the application that logs in. */
export const SCOPE = 'dep';
const root = fileURLToPath(new URL('../../..', import.meta.url));
const MINUTE = 60_000;

/** A step as a run reports it. */
const stepUpdate = z.object({ kind: z.literal('step'), step: z.object({ id: z.string(), status: z.string() }) });
/** The part of a preflight's report that tests read. */
const report = z.object({
  durationMs: z.number(),
  blocked: z.boolean(),
  checks: z.array(
    z.object({
      id: z.string(),
      server: z.string().nullable(),
      verdict: z.enum(['ok', 'warning', 'blocks']),
      evidence: z.string(),
      reason: z.string(),
    }),
  ),
});
/** A preflight's report as the command line prints it. */
export type Report = z.infer<typeof report>;
/** How each user of the lab becomes root. */
const SUDO_OF = { root: 'root', admin: 'passwordless', dba: 'password' } as const;
const secretsFile = z.record(z.string(), z.string());

/** How the deployment program ended, and how long it took. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly ms: number;
}

/** The deployment program while it runs. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** Kills the program, which gets no chance to clean up. */
  kill(): void;
}

/**
 * A cluster deployed from the command line in a process of its own, with its own spec, secrets file and journals.
 */
export class CliDeployment {
  /** How the application connects: with TLS where the cluster has it. */
  #sslMode: 'disable' | 'require' = 'disable';

  private constructor(
    readonly lab: Lab,
    readonly directory: string,
    readonly nodes: readonly NodeName[],
  ) {}

  /**
   * Writes the spec of a cluster on these servers, without TLS and without parameters of its own; `change` overrides what a test is
   * about, and `undefined` leaves out what the file is to leave open.
   */
  static async write(
    lab: Lab,
    nodes: readonly NodeName[],
    change: Partial<ClusterSpecInput> = {},
  ): Promise<CliDeployment> {
    const deployment = new CliDeployment(lab, await mkdtemp(join(tmpdir(), 'matriarch-deploy-')), nodes);
    await deployment.spec(change);
    return deployment;
  }

  /** Writes the spec anew. */
  async spec(change: Partial<ClusterSpecInput> = {}, user: LabUser = 'root'): Promise<void> {
    const servers = this.nodes.map((name) => this.server(name, user));
    const spec = { tls: 'off', ...change };
    this.#sslMode = spec.tls === 'off' ? 'disable' : 'require';
    await writeFile(
      this.path('spec.yml'),
      stringify({
        version: 1,
        scope: SCOPE,
        servers,
        users: [{ name: 'app' }],
        databases: [{ name: 'appdb', owner: 'app' }],
        ...spec,
        postgres: { parameters: {}, ...change.postgres },
      }),
    );
  }

  server(name: NodeName, user: LabUser = 'root'): ServerSpec {
    const { ip } = this.lab.node(name);
    return {
      name,
      address: ip,
      roles: ['etcd', 'postgres', 'haproxy', 'pgbouncer'],
      ssh: { host: ip, port: 22, user, key: this.lab.keyPath, sudo: SUDO_OF[user], jump: [] },
      tags: {},
    };
  }

  /** A command on the spec to its end; 15 minutes at most. */
  run(command: 'plan' | 'preflight' | 'apply' | 'check' | 'undo' | 'rotate', ...options: string[]): Promise<Ended> {
    return this.start([command, this.path('spec.yml'), ...options]).ended;
  }

  /** As `run`, but rejects with the output unless the command succeeds. */
  async done(command: 'apply' | 'check' | 'undo' | 'rotate', ...options: string[]): Promise<Ended> {
    const ended = await this.run(command, ...options);
    if (ended.code !== 0)
      throw new Error(`${command} ended with ${ended.code ?? 'a signal'}:\n${ended.output.slice(-3000)}`);
    return ended;
  }

  /** Starts the program; `onStep` is called for every step. */
  start(args: readonly string[], onStep: (id: string, status: string) => void = () => undefined): Running {
    const began = Date.now();
    const program = [
      '--import',
      'tsx',
      'electron/headless/deploy-main.ts',
      ...args,
      '--yes',
      '--accept-host-keys',
      '--secrets',
      this.path('secrets.yml'),
      '--data',
      this.path('data'),
    ];
    const child = spawn(process.execPath, program, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), 15 * MINUTE);
    let output = '';
    let rest = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) tellStep(line, onStep);
    });
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        clearTimeout(timer);
        resolve({ code, output, ms: Date.now() - began });
      });
    });
    return {
      ended,
      kill: () => {
        child.kill('SIGKILL');
      },
    };
  }

  async preflight(): Promise<Report> {
    const { output } = await this.run('preflight', '--json');
    return report.parse(JSON.parse(output.slice(output.indexOf('{'))));
  }

  /** The id of the latest run, to be resumed. */
  async lastRun(): Promise<string> {
    const directory = this.path('data/deploy/runs');
    const names = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'));
    const dated = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(join(directory, name))).mtimeMs })),
    );
    const last = dated.sort((a, b) => b.at - a.at)[0];
    if (last === undefined) throw new Error('No run was written down.');
    return last.name.replace('.jsonl', '');
  }

  /** Secrets by their names, as the program keeps them. */
  async secrets(): Promise<Readonly<Record<string, string>>> {
    return secretsFile.parse(parse(await readFile(this.path('secrets.yml'), 'utf8')));
  }

  writeSecrets(secrets: Readonly<Record<string, string>>): Promise<void> {
    return writeFile(this.path('secrets.yml'), stringify(secrets), { mode: 0o600 });
  }

  /** Asks PostgreSQL as the application, from a server's own psql, by the server's port: fields separated by |. */
  async sql(node: NodeName, port: number, sql: string, tls: 'disable' | 'require' = this.#sslMode): Promise<string> {
    const { 'user:app': password = '' } = await this.secrets();
    const { ip } = this.lab.node(node);
    return (
      await this.lab.node(node).console(`export PGPASSWORD='${password}' PGCONNECT_TIMEOUT=5
psql -XAtq -v ON_ERROR_STOP=1 'host=${ip} port=${port} user=app dbname=appdb sslmode=${tls}' <<'END_OF_SQL'
${sql}
END_OF_SQL`)
    ).trim();
  }

  /** The member whose PostgreSQL is writable, as it reports itself. */
  primary(timeoutMs = 2 * MINUTE): Promise<NodeName> {
    return waitFor('exactly one PostgreSQL is writable', timeoutMs, async () => {
      const answers = await Promise.all(
        this.nodes.map((name) => this.own(name, 'select not pg_is_in_recovery()').catch(() => 'f')),
      );
      const writable = this.nodes.filter((_, index) => answers[index] === 't');
      return writable.length === 1 ? writable[0] : undefined;
    });
  }

  /** Asks a server's own PostgreSQL as its superuser, by its socket. */
  async own(node: NodeName, sql: string): Promise<string> {
    return (
      await this.lab.node(node).console(`runuser -u postgres -- psql -XAtq -c "${sql}"`, { timeoutMs: 15_000 })
    ).trim();
  }

  /** The beginning of a command that asks a server's own member of etcd. */
  etcdctl(): string {
    return this.#sslMode === 'disable'
      ? 'ETCDCTL_API=3 etcdctl'
      : 'ETCDCTL_API=3 etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/etcd/tls/ca.crt ' +
          '--cert /etc/etcd/tls/etcd.crt --key /etc/etcd/tls/etcd.key';
  }

  /** Waits until one member leads, all others stream from it, and the applications' port leads there. */
  async healthy(timeoutMs = 4 * MINUTE): Promise<NodeName> {
    const leader = await this.primary(timeoutMs);
    await waitFor(
      `${this.nodes.length - 1} replicas stream`,
      timeoutMs,
      async () =>
        (await this.own(
          leader,
          "select count(distinct application_name) from pg_stat_replication where state = 'streaming'",
        )) === String(this.nodes.length - 1),
    );
    return leader;
  }

  /** Waits until a check finds no difference from the spec; the last difference is in the error. */
  async unchanged(timeoutMs = 2 * MINUTE): Promise<void> {
    await waitFor('a check finds nothing that differs', timeoutMs, async () => {
      const { code, output } = await this.run('check');
      if (code !== 0) throw new Error(output.slice(-2000));
      return true;
    });
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

function tellStep(line: string, onStep: (id: string, status: string) => void): void {
  if (!line.startsWith('{')) return;
  const read = stepUpdate.safeParse(JSON.parse(line));
  if (read.success) onStep(read.data.step.id, read.data.step.status);
}
