import { adviceDouble } from './advice';
import { alertsDouble } from './alerts';
import { certificatesDouble } from './certificates';
import { diagnosticsDouble } from './diagnostics';
import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import { appError, toErrorData, type AppError } from '../../../shared/model/app-error';
import type { ClusterState, ClusterSummary } from '../../../shared/model/cluster/cluster-state';
import type { Job } from '../../../shared/model/operate/job';
import type { LogRecord, LogServer } from '../../../shared/model/logs/log-record';
import { etcdView } from './etcd';
import type { ServiceStatus } from '../../../shared/model/operate/service';
import type { Operation, OperationPreview } from '../../../shared/model/operate/operation';
import { settingsSchema, type Settings } from '../../../shared/model/app/settings';
import { candidatesFor } from '../../../shared/rules/cluster/candidates';
import { typeToConfirm } from '../../../shared/rules/operate/confirmation';
import { consequencesOf, operationTitle } from '../../../shared/rules/operate/consequences';
import { changesSince, fingerprintOf } from '../../../shared/rules/operate/fingerprint';
import { checkOperation, firstRefusal } from '../../../shared/rules/operate/operation-checks';
import { assessmentsDouble } from './assessments';
import { backupsDouble } from './backups';
import { chartsDouble } from './charts';
import { drillsDouble } from './drills';
import { postgresDouble } from './postgres';
import { createTopic, type Topic } from './topic';
import { repairsDouble } from './repairs';
import { upgradesDouble } from './upgrades';
import { configureDouble } from './configure';
import { passwordsDouble } from './passwords';
import { deployDouble } from './deploy';
import { eventFixtures, manySummaries, sceneState, summaryOf } from './states';

interface Double {
  readonly scene: string;
  readonly state: ClusterState;
  readonly settings: Topic<Settings>;
  readonly jobs: Topic<Job | null>;
}

/** A core made of fixtures: enough of the contract to draw every page. `scene` names the state of its one cluster. */
export function doubleRouter(scene: string, options: { readonly now: number; readonly theme: Settings['theme'] }) {
  const double: Double = {
    scene,
    state: sceneState(scene, options.now),
    settings: createTopic(settingsSchema.parse({ theme: options.theme })),
    jobs: createTopic<Job | null>(null),
  };
  const os = implement(contract);
  return os.router({
    ...quietParts(double),
    ...clusterParts(double),
    ...operationParts(double),
    ...drillsDouble(),
    configure: configureDouble(double.state, options.now),
    passwords: passwordsDouble(double.state),
    backups: backupsDouble(double.state.at),
    deploy: deployDouble(scene, double.jobs),
    app: {
      info: os.app.info.handler(() => ({
        version: '0.1.0',
        shell: 'headless',
        platform: 'linux',
        user: 'dba',
        demo: false,
        dataDirectory: '/home/dba/.local/share/matriarch',
        sshAgent: true,
        problems: [],
      })),
      settings: os.app.settings.handler(({ signal }) => double.settings.follow(signal)),
      saveSettings: os.app.saveSettings.handler(({ input }) => {
        double.settings.set(input);
        return null;
      }),
      exportInventory: os.app.exportInventory.handler(() => ({ fileName: 'inventory.json', text: '{}' })),
      importInventory: os.app.importInventory.handler(() => ({ servers: 1, clusters: 0, skipped: ['db1'] })),
    },
  });
}

function rowsOf(scene: Double['scene'], state: ClusterState): readonly ClusterSummary[] {
  if (scene === 'empty') return [];
  return scene === 'many' ? manySummaries(100, state.at) : [summaryOf(state), ...manySummaries(8, state.at)];
}

function clusterParts({ scene, state }: Double) {
  const os = implement(contract).clusters;
  const rows = rowsOf(scene, state);
  const none = () => Promise.reject(refused('demo.not_here', 'The double does not do this.'));
  return {
    clusters: {
      fleet: os.fleet.handler(async function* ({ signal }) {
        yield { kind: 'snapshot' as const, clusters: rows };
        await ended(signal);
      }),
      watch: os.watch.handler(async function* ({ signal }) {
        yield { kind: 'snapshot' as const, state, events: eventFixtures(state.at) };
        await ended(signal);
      }),
      discover: os.discover.handler(none),
      addDiscovered: os.addDiscovered.handler(none),
      addNewGroups: os.addNewGroups.handler(none),
      addDirect: os.addDirect.handler(none),
      list: os.list.handler(() => [
        {
          id: state.clusterId,
          title: state.title,
          scope: state.scope,
          namespace: state.namespace,
          tags: [...state.tags],
          production: false,
          readOnly: false,
          members: state.members.map((member) => ({ name: member.name, serverId: null, apiUrl: member.apiUrl ?? '' })),
          etcd: null,
          rest: { tls: null, auth: null },
          origin: 'user' as const,
        },
      ]),
      update: os.update.handler(none),
      remove: os.remove.handler(() => null),
      assignServer: os.assignServer.handler(() => null),
      events: os.events.handler(() => eventFixtures(state.at)),
      refresh: os.refresh.handler(() => null),
    },
  };
}

function previewOf(state: ClusterState, operation: Operation): OperationPreview {
  const checks = checkOperation(state, operation, Date.now());
  const kind = operation.kind === 'failover' ? 'failover' : 'switchover';
  const candidates =
    operation.kind === 'failover' || operation.kind === 'switchover' || operation.kind === 'schedule_switchover'
      ? candidatesFor(state, kind)
      : [];
  return {
    operation,
    title: operationTitle(state, operation),
    checks,
    candidates,
    consequences: consequencesOf(state, operation),
    command: `patronictl -c /etc/patroni/config.yml ${operation.kind} ${state.scope}`,
    typeToConfirm: typeToConfirm(state, operation),
    fingerprint: fingerprintOf(state, operation),
    allowed: firstRefusal(checks) === null,
  };
}

function operationParts({ state, jobs }: Double) {
  const os = implement(contract);
  return {
    operations: {
      preview: os.operations.preview.handler(({ input }) => previewOf(state, input.operation)),
      start: os.operations.start.handler(({ input }) => {
        if (changesSince(input.fingerprint, state, input.operation).length > 0)
          throw refused('operation.state_changed', 'The leader is another one now.');
        const job = jobFixture(state, input.operation, input.requestId);
        jobs.set(job);
        return job;
      }),
    },
    jobs: {
      watch: os.jobs.watch.handler(async function* ({ signal }) {
        yield { kind: 'snapshot' as const, jobs: [] };
        for await (const job of jobs.follow(signal)) if (job !== null) yield { kind: 'job' as const, job };
      }),
      cancel: os.jobs.cancel.handler(() => null),
    },
  };
}

function jobFixture(state: ClusterState, operation: Operation, id: string): Job {
  const now = Date.now();
  return {
    id,
    kind: 'switchover',
    clusterId: state.clusterId,
    title: operationTitle(state, operation),
    target: 'db2',
    command: 'patronictl switchover orders-prod --leader db1 --candidate db2 --force',
    status: 'done',
    startedAt: now - 4200,
    endedAt: now,
    cancellable: false,
    phases: [
      ['check', 'Check the state again'],
      ['ask', 'Ask Patroni'],
      ['demote', 'db1 steps down'],
      ['promote', 'db2 is promoted'],
      ['stream', 'The others stream'],
    ].map(([phase = '', label = ''], index) => ({
      id: phase,
      label,
      status: 'done',
      startedAt: now - 4200 + index * 700,
      endedAt: now - 3500 + index * 700,
      detail: index === 3 ? 'db2 leads on timeline 8' : null,
      progress: null,
    })),
    lines: [
      { at: now - 4000, level: 'info', text: 'POST /switchover on db1: 200 Successfully switched over to "db2"' },
      { at: now - 900, level: 'good', text: 'db1 streams from db2 on timeline 8.' },
    ],
    result: { sentence: 'db2 leads on timeline 8; db1 and db3 stream from it.', withoutPrimaryMs: 1340, facts: {} },
    error: null,
    confirmation: 'db1 to db2',
    startedBy: 'dba',
  };
}

function quietParts(_double: Double) {
  const os = implement(contract);
  const now = Date.now();
  const server = {
    id: 'server-db1',
    name: 'db1',
    host: '10.0.0.11',
    port: 22,
    user: 'admin',
    auth: { kind: 'agent' as const },
    sudo: { kind: 'passwordless' as const },
    jump: [],
    tags: [],
    ssh: { kind: 'connected' as const, since: now - 90_000 },
  };
  return {
    vault: {
      status: os.vault.status.handler(async function* ({ signal }) {
        yield { kind: 'absent' as const, method: 'passphrase' as const };
        await ended(signal);
      }),
      create: os.vault.create.handler(() => null),
      unlock: os.vault.unlock.handler(() => null),
      useSession: os.vault.useSession.handler(() => null),
    },
    terminals: {
      open: os.terminals.open.handler(() => ({
        id: 'terminal-1',
        kind: 'shell' as const,
        server: 'db1',
        user: 'admin',
        command: 'ssh admin@10.0.0.11',
        clusters: [],
      })),
      output: os.terminals.output.handler(async function* ({ signal }) {
        yield { kind: 'output' as const, data: btoa('admin@db1:~$ ') };
        await ended(signal);
      }),
      write: os.terminals.write.handler(() => null),
      resize: os.terminals.resize.handler(() => null),
      acknowledge: os.terminals.acknowledge.handler(() => null),
      activity: os.terminals.activity.handler(() => ({ kind: 'idle' as const })),
      close: os.terminals.close.handler(() => null),
    },
    servers: {
      list: os.servers.list.handler(() => [
        server,
        { ...server, id: 'server-db4', name: 'db4', host: '10.0.0.14' },
        {
          ...server,
          id: 'bastion',
          name: 'bastion',
          host: 'bastion.example.net',
          ssh: {
            kind: 'lost' as const,
            since: now,
            retryAt: now,
            error: toErrorData(refused('ssh.unreachable', 'bastion does not answer on port 22.')),
          },
        },
      ]),
      add: os.servers.add.handler(() => server),
      update: os.servers.update.handler(() => server),
      remove: os.servers.remove.handler(() => null),
      test: os.servers.test.handler(() => ({
        steps: [
          { name: 'TCP', verdict: 'ok' as const, sentence: '10.0.0.11 answers on port 22.', durationMs: 12 },
          { name: 'Login', verdict: 'ok' as const, sentence: 'admin is logged in by the agent.', durationMs: 180 },
          {
            name: 'sudo',
            verdict: 'warning' as const,
            sentence: 'sudo works, but only for systemctl.',
            durationMs: 90,
          },
        ],
        error: null,
      })),
      sshConfigHosts: os.servers.sshConfigHosts.handler(() => [
        { alias: 'prod-db1', host: '10.1.0.4', user: 'ops', port: 22, jump: [], identityFile: '~/.ssh/id_ed25519' },
      ]),
    },
    balancers: {
      read: os.balancers.read.handler(() => ({ hosts: [], others: [], answers: [], findings: [], asOf: now })),
      search: os.balancers.search.handler(() => ({
        host: { server: 'lb1', error: null, haproxy: null, pgbouncer: null, vip: null },
        members: [],
      })),
      setServers: os.balancers.setServers.handler(() => null),
    },
    upgrades: upgradesDouble(now),
    assessments: assessmentsDouble(now),
    certificates: certificatesDouble(now),
    diagnostics: diagnosticsDouble(now),
    prompts: {
      watch: os.prompts.watch.handler(async function* ({ signal }) {
        yield [];
        await ended(signal);
      }),
      answer: os.prompts.answer.handler(() => null),
    },
    repair: repairsDouble(now),
    alerts: alertsDouble(now),
    advice: adviceDouble(now),
    history: {
      list: os.history.list.handler(() => [
        {
          id: 'h1',
          at: now - 90_000,
          endedAt: now - 84_000,
          who: 'dba',
          clusterId: 'orders',
          clusterTitle: 'Orders',
          kind: 'switchover' as const,
          target: 'db2',
          command: 'patronictl switchover orders-prod',
          status: 'done' as const,
          sentence: 'db2 leads on timeline 8.',
          withoutPrimaryMs: 1340,
          answers: ['200 Successfully switched over to "db2"'],
          error: null,
        },
      ]),
      check: os.history.check.handler(() => ({
        sealed: 214,
        unsealed: 12,
        lastHash: '9f2c'.repeat(16),
        firstBreak: null,
      })),
      export: os.history.export.handler(({ input }) => ({ fileName: `history.${input.format}`, text: '' })),
    },
    logs: logParts(now),
    statistics: chartsDouble(now),
    services: {
      read: os.services.read.handler(({ input }) => ({
        member: input.member,
        server: input.member,
        services: serviceFixtures(now),
        asOf: now,
      })),
      log: os.services.log.handler(({ input }) => ({
        service: input.service,
        from: `journalctl -u ${input.service}.service`,
        lines: Array.from(
          { length: 40 },
          (_, index) => `2025-03-01T12:00:${String(index).padStart(2, '0')} line ${index}`,
        ),
        cause: null,
        asOf: now,
      })),
      act: os.services.act.handler(() => Promise.reject(refused('demo.not_here', 'The double does not do this.'))),
    },
    postgres: postgresDouble(now),
    etcd: {
      look: os.etcd.look.handler(() => etcdView(now)),
      keys: os.etcd.keys.handler(() => ({ prefix: '/service/orders-prod/', revision: '4211', asOf: now, rows: [] })),
      preview: os.etcd.preview.handler(() => Promise.reject(refused('demo.not_here', 'The double does not do this.'))),
      act: os.etcd.act.handler(() => Promise.reject(refused('demo.not_here', 'The double does not do this.'))),
    },
    demo: {
      start: os.demo.start.handler(() => ({ clusterIds: ['orders'] })),
      stop: os.demo.stop.handler(() => null),
      faults: os.demo.faults.handler(() => [
        {
          id: 'crash',
          label: 'Crash PostgreSQL',
          description: 'The server process is killed.',
          target: 'member' as const,
        },
      ]),
      active: os.demo.active.handler(() => []),
      inject: os.demo.inject.handler(() => null),
      heal: os.demo.heal.handler(() => null),
    },
  };
}

function logParts(now: number) {
  const os = implement(contract).logs;
  return {
    follow: os.follow.handler(async function* ({ signal }) {
      const servers = ['db1', 'db2', 'db3'].map((member) => logServerFixture(member, now));
      yield { kind: 'started' as const, followId: 'logs-1', servers };
      yield { kind: 'batch' as const, number: 1, records: logFixtures(now), gaps: [], servers };
      await ended(signal);
    }),
    acknowledge: os.acknowledge.handler(() => null),
    page: os.page.handler(({ input }) => ({ records: [], gaps: [], from: input.from ?? input.before, atEnd: true })),
  };
}

function logServerFixture(member: string, now: number): LogServer {
  return {
    serverId: member,
    member,
    name: member,
    status: 'live',
    error: null,
    clock: { offsetMs: 12, uncertaintyMs: 3, measuredAt: now },
    sources: [{ service: 'patroni', name: 'patroni.service', kind: 'journal' }],
    notice: null,
  };
}

function logFixtures(now: number): readonly LogRecord[] {
  return ['db1', 'db2', 'db3'].map((member, index) => ({
    id: `${member}:1`,
    member,
    serverId: member,
    service: 'patroni',
    source: 'patroni.service',
    at: now - 1_000 + index,
    serverAt: now - 988 + index,
    level: 'info',
    text: `no action. I am (${member}), a secondary, and following a leader (db1)`,
    cutBytes: 0,
  }));
}

function serviceFixtures(now: number): readonly ServiceStatus[] {
  return [
    { name: 'patroni', unit: 'patroni.service', state: 'stopped', since: now - 60_000, enabled: true },
    { name: 'postgresql', unit: null, state: 'stopped', since: null, enabled: null },
    { name: 'etcd', unit: 'etcd.service', state: 'running', since: now - 7_200_000, enabled: true },
  ];
}

function refused(code: `${'demo' | 'operation' | 'ssh'}.${string}`, message: string): AppError {
  return appError(code, message, { hint: 'This is the double.' });
}

function ended(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
}
