import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeployRunSummary } from '../../../shared/model/deploy/deploy-views';
import type { Day2Change } from '../../../shared/model/deploy/day2';
import {
  clusterSpecSchema,
  type ClusterSpec,
  type ClusterSpecInput,
} from '../../../shared/model/deploy/spec/cluster-spec';
import type { ServerRole, ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import { createDeploy, type Deploy } from '../../../electron/core/deploy/create-deploy';
import type { StartedRun } from '../../../electron/core/deploy/runs/run';
import type { SecretBook } from '../../../electron/core/deploy/secrets/secret-book';
import { machineOf } from '../../../electron/core/deploy/identity/machine';
import { createJobEngine } from '../../../electron/core/jobs/create-job-engine';
import type { Remote } from '../../../electron/core/ssh/remote';
import { connectSpec } from '../../../electron/headless/deploy/connections';
import type { Lab, NodeName } from './lab';

/** The services of a deployment for the servers of a lab, as the command line builds them; passwords stay in memory. */
export interface DeployLab {
  readonly deploy: Deploy;
  readonly secrets: SecretBook;
  connectServer(server: ServerSpec): Remote;
  /** The result of a run; rejects with its error when it fails. */
  finish(started: StartedRun): Promise<DeployRunSummary>;
  /** A change as a user makes it: previewed, confirmed as shown, carried out. Returns the spec afterwards. */
  change(spec: ClusterSpec, change: Day2Change): Promise<ClusterSpec>;
  secret(clusterId: string, name: string): Promise<string>;
  close(): Promise<void>;
}

/** One server of a lab in a spec. */
export function labServer(lab: Lab, name: NodeName, roles: readonly ServerRole[]): ServerSpec {
  const host = lab.node(name).ip;
  return {
    name,
    ssh: { host, port: 22, user: 'root', key: lab.keyPath, jump: [] },
    address: host,
    roles: [...roles],
    tags: {},
  };
}

/** The members of etcd as etcd itself lists them, with whether each counts for the majority. */
export async function etcdMembers(lab: Lab, node: NodeName): Promise<readonly string[]> {
  const text = await lab.node(node).exec('ETCDCTL_API=3 etcdctl member list');
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(', '))
    .map(
      ([, state = '', name = '', , , learner = '']) => `${name} ${state} ${learner === 'true' ? 'learner' : 'voter'}`,
    )
    .sort();
}

/** Who streams from this leader, as PostgreSQL reports. */
export async function streaming(lab: Lab, node: NodeName): Promise<string> {
  return sql(
    lab,
    node,
    "select string_agg(application_name, ',' order by application_name) from pg_stat_replication where state = 'streaming'",
  );
}

/** When each service on a server was last started, by systemd. */
export function starts(lab: Lab, node: NodeName): Promise<string> {
  return lab
    .node(node)
    .exec(
      'systemctl show -p Id,ActiveEnterTimestampMonotonic,MainPID etcd patroni haproxy pgbouncer; ' +
        'head -n 1 /var/lib/postgresql/*/main/postmaster.pid',
    );
}

/** Asks a server's own PostgreSQL as its superuser, by its socket. */
export async function sql(lab: Lab, node: NodeName, text: string): Promise<string> {
  return (
    await lab
      .node(node)
      .exec(`runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 <<'END_OF_SQL'\n${text}\nEND_OF_SQL`)
  ).trimEnd();
}

/** A spec with the defaults for everything that is not given, without TLS unless a test says so. */
export function labSpec(input: Omit<ClusterSpecInput, 'version' | 'id'>): ClusterSpec {
  return clusterSpecSchema.parse({ version: 1, id: `lab-${input.scope}`, tls: 'off', ...input });
}

/** Opens the deployment for all servers that a lab may have. */
export async function openDeployLab(servers: readonly ServerSpec[]): Promise<DeployLab> {
  const directory = mkdtempSync(join(tmpdir(), 'deploy-lab-'));
  const kept = new Map<string, string>();
  const secrets: SecretBook = {
    read: (clusterId, name) => Promise.resolve(kept.get(`${clusterId} ${name}`)),
    write: (clusterId, name, value) => {
      kept.set(`${clusterId} ${name}`, value);
      return Promise.resolve();
    },
  };
  const connections = connectSpec({
    spec: { servers: [...servers] },
    inventory: [],
    secrets: null,
    dataDirectory: directory,
    acceptHostKeys: true,
  });
  const jobs = await createJobEngine({
    directory: join(directory, 'jobs'),
    now: Date.now,
    secrets: { known: () => [...kept.values()] },
    user: 'test',
  });
  const deploy = createDeploy({
    connectServer: (server) => connections.connectServer(server),
    secrets,
    jobs,
    directory: join(directory, 'deploy'),
    now: Date.now,
    machineOf: (server) => machineOf(server, []),
  });
  const finish = (started: StartedRun): Promise<DeployRunSummary> => ended(deploy, started.runId);
  return {
    deploy,
    finish,
    secrets,
    connectServer: (server) => connections.connectServer(server),
    async change(spec, change) {
      const seen = await deploy.changes.preview(spec, change);
      await finish(
        await deploy.changes.apply(
          { spec, change, fingerprint: seen.plan.fingerprint, typed: seen.typed },
          randomUUID(),
        ),
      );
      return seen.spec;
    },
    secret: (clusterId, name) => Promise.resolve(kept.get(`${clusterId} ${name}`) ?? ''),
    close: async () => {
      await jobs.close();
      await connections.pool.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function ended(deploy: Deploy, runId: string): Promise<DeployRunSummary> {
  return new Promise((resolve, reject) => {
    const log: string[] = [];
    const undo = deploy.watchRun(runId, (update) => {
      if (update.kind === 'log') log.push(...update.lines.map((line) => `${update.server} ${line.text}`));
      const run = update.kind === 'run' || update.kind === 'snapshot' ? update.run : null;
      if (run === null || run.status === 'running') return;
      queueMicrotask(() => {
        undo();
      });
      if (run.status === 'done') resolve({ ...run, stepsDone: 0, stepsTotal: 0 });
      else
        reject(
          new Error(
            `The run ended as ${run.status}: ${run.error?.message ?? ''} ${run.error?.hint ?? ''}\n${log.slice(-40).join('\n')}`,
          ),
        );
    });
  });
}
