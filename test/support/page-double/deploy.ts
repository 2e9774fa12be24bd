import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import { appError } from '../../../shared/model/app-error';
import type { DeployDraft, DeployRun } from '../../../shared/model/deploy/deploy-views';
import type { Job } from '../../../shared/model/operate/job';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { runKindOf, changeTitle } from '../../../shared/rules/deploy/day2/describe-change';
import { printSpec } from '../../../shared/rules/deploy/spec/spec-file';
import { validateSpec } from '../../../shared/rules/deploy/spec/validate-spec';
import { bareServer } from '../deploy/facts';
import { createRuns, interruptedRun, runOf, type DoubleRuns } from './deploy-runs';
import { bundleFixture, sceneFacts, scenePreview, sceneSpec, standaloneFixture } from './deploy-scene';
import type { Topic } from './topic';

const none = () => Promise.reject(appError('demo.not_here', 'The double sets up no clusters.'));

/**
 * The deployment's part of the double: previews by the real rules on made-up servers, and runs that happen in the
 * page. `scene` `foreign` knows no spec.
 */
export function deployDouble(scene: string, jobs: Topic<Job | null>) {
  const os = implement(contract).deploy;
  const runs = createRuns();
  const spec = sceneSpec();
  const known: { spec: ClusterSpec | null } = { spec: scene === 'foreign' ? null : spec };
  runs.add(
    interruptedRun(
      spec,
      scenePreview(spec, {
        kind: 'add_server',
        server: { name: 'db9', ssh: { server: 'server-db9' }, address: '10.0.0.19', roles: ['postgres'], tags: {} },
      }),
    ),
    spec,
  );
  return {
    parse: os.parse.handler(none),
    print: os.print.handler(({ input }) => ({ fileName: `${input.spec.scope}.yml`, text: printSpec(input.spec) })),
    validate: os.validate.handler(({ input }) => validateSpec(input.spec)),
    presets: os.presets.handler(() => []),
    look: os.look.handler(({ input }) =>
      input.servers.map((server) => {
        const { paths: _paths, manifest: _manifest, ...facts } = bareServer(server.name, server.address);
        return {
          server: server.name,
          facts: {
            ...facts,
            hostname: server.address === '10.0.0.14' ? 'db4' : server.name,
            addresses: [server.address],
          },
          error: null,
        };
      }),
    ),
    available: os.available.handler(({ input }) =>
      input.spec.servers.map((server) => ({
        server: server.name,
        postgres: [{ major: 17, version: '17.5-1', origin: 'http://deb.example' }],
        patroni: '4.0.7',
        etcd: '3.5.16',
        haproxy: '3.0',
        pgbouncer: '1.24',
        keepalived: null,
        repositories: [],
        error: null,
      })),
    ),
    suggest: os.suggest.handler(() => []),
    ...preflightPart(),
    apply: os.apply.handler(none),
    check: os.check.handler(({ input }) => ({
      at: Date.now(),
      durationMs: 900,
      scope: input.spec.scope,
      steps: [],
      unchecked: [],
      unreachable: [],
      certificates: [{ server: 'db2', path: '/etc/patroni/tls/server.crt', endsAt: Date.now() + 90 * 86_400_000 }],
    })),
    ...undoPart(runs),
    secretNames: os.secretNames.handler(() => []),
    follow: os.follow.handler(({ input }) => ({
      clusterId: input.followed,
      title: 'Orders',
      ways: [
        { by: 'member', hosts: ['10.0.0.11', '10.0.0.12'], port: 5432 },
        { by: 'virtual_address', hosts: ['10.0.0.100'], port: 5000 },
      ],
      accounts: { superuser: 'postgres', replication: 'replicator', rewind: 'rewind_user' },
      postgresVersion: 17,
      passwords: ['superuser', 'replication', 'rewind'],
      authority: null,
      tls: 'off',
    })),
    setSecret: os.setSecret.handler(() => null),
    revealSecret: os.revealSecret.handler(() => ({ value: 'shown-once' })),
    runs: runsPart(runs),
    day2: day2Part(runs, known),
    bundle: bundlePart(jobs),
    drafts: draftsPart(),
  };
}

/** A preflight that blocks the set-up until its fix was applied. */
function preflightPart() {
  const os = implement(contract).deploy;
  let fixed = false;
  const report = (spec: ClusterSpec) => {
    const facts = Object.values(sceneFacts(spec).servers).map(({ paths: _paths, manifest: _manifest, ...one }) => ({
      server: one.server,
      facts: one,
      error: null,
    }));
    const check = {
      id: 'apt',
      name: 'Package system',
      server: spec.servers[0]?.name ?? 'db1',
      evidence: 'An installation was interrupted.',
      reason: 'dpkg must come to its end first.',
      verdict: 'blocks' as const,
      fix: { id: 'configure', label: 'Bring it to its end', command: 'dpkg --configure -a' },
    };
    return {
      at: Date.now(),
      durationMs: 700,
      problems: [],
      facts,
      checks: fixed ? [{ ...check, verdict: 'ok' as const, evidence: 'In order.', reason: '', fix: null }] : [check],
      blocked: !fixed,
    };
  };
  return {
    preflight: os.preflight.handler(({ input }) => report(input.spec)),
    fix: os.fix.handler(({ input }) => {
      fixed = true;
      return report(input.spec);
    }),
    plan: os.plan.handler(
      ({ input }) =>
        scenePreview(input.spec, {
          kind: 'add_server',
          server: { name: 'nobody', ssh: { server: 'x' }, address: '10.0.0.99', roles: ['etcd'], tags: {} },
        }).plan,
    ),
  };
}

function undoPart(runs: DoubleRuns) {
  const os = implement(contract).deploy;
  const start = (kind: 'undo' | 'rotate_certificates', title: string, spec: ClusterSpec) => {
    const run = runs.add(
      runOf(`${kind}-${Date.now()}`, kind, title, spec, scenePreview(spec, { kind: 'remove_etcd', name: 'db3' }).plan),
      spec,
    );
    void run.play();
    return { job: jobFixture('deploy_undo', title), runId: run.read().id };
  };
  return {
    undo: os.undo.handler(({ input }) => {
      if (input.typed !== input.spec.scope)
        throw appError('deploy.not_confirmed', `Type ${input.spec.scope} to take this cluster away.`);
      return start('undo', `Undo the set-up of ${input.spec.title ?? input.spec.scope}`, input.spec);
    }),
    rotateCertificates: os.rotateCertificates.handler(({ input }) =>
      start('rotate_certificates', `New certificates for ${input.spec.title ?? input.spec.scope}`, input.spec),
    ),
  };
}

function runsPart(runs: DoubleRuns) {
  const os = implement(contract).deploy.runs;
  const find = (runId: string) => {
    const run = runs.find(runId);
    if (run === undefined) throw appError('deploy.run_unknown', 'There is no record of this run.', { target: runId });
    return run;
  };
  return {
    list: os.list.handler(() => []),
    spec: os.spec.handler(({ input }) => find(input.runId).spec),
    watch: os.watch.handler(async function* ({ input, signal }) {
      for await (const run of find(input.runId).topic.follow(signal)) yield { kind: 'snapshot' as const, run };
    }),
    watchAll: os.watchAll.handler(async function* ({ signal }) {
      yield* runs.all.follow(signal);
    }),
    resume: os.resume.handler(({ input }) => {
      void find(input.runId).play();
      return jobFixture('deploy', 'Resume');
    }),
    stop: os.stop.handler(({ input }) => {
      find(input.runId).stop();
      return null;
    }),
  };
}

function day2Part(runs: DoubleRuns, known: { spec: ClusterSpec | null }) {
  const os = implement(contract).deploy.day2;
  return {
    spec: os.spec.handler(() => known.spec),
    preview: os.preview.handler(({ input }) => scenePreview(input.spec, input.change)),
    apply: os.apply.handler(({ input }) => {
      const preview = scenePreview(input.spec, input.change);
      if (preview.typed !== null && preview.typed !== input.typed)
        throw appError('deploy.not_confirmed', `Type ${preview.typed} to do this.`);
      const run: DeployRun = runOf(
        `change-${Date.now()}`,
        runKindOf(input.change),
        changeTitle(input.change, input.spec),
        preview.spec,
        preview.plan,
      );
      const made = runs.add(run, preview.spec);
      const steps = run.lanes.flatMap((lane) => lane.steps.filter((step) => step.status === 'todo'));
      // The first time a server comes, something is in its way: so stopping, causes and trying again can be seen.
      void made.play(input.change.kind === 'add_server' ? steps[Math.min(4, steps.length - 1)]?.id : undefined);
      known.spec = preview.spec;
      return { job: jobFixture('add_replica', run.title), runId: run.id };
    }),
    standalones: os.standalones.handler(({ input }) =>
      input.servers.map((server) => ({ ...standaloneFixture, server: server.name })),
    ),
    adopt: os.adopt.handler(() => ({
      spec: { ...sceneSpec(), tls: 'off' as const, adopted: ['db1', 'db2', 'db3'] },
      found: [
        { service: 'patroni' as const, on: ['db1', 'db2', 'db3'] },
        { service: 'postgresql' as const, on: ['db1', 'db2', 'db3'] },
        { service: 'etcd' as const, on: ['db1', 'db2', 'db3'] },
        { service: 'haproxy' as const, on: ['db1'] },
        { service: 'pgbouncer' as const, on: [] },
      ],
      notes: ["The lines of pg_hba stand in each member's own file, not in the dynamic configuration."],
      works: [
        { change: 'add_server' as const, works: false, sentence: 'A replica cannot be added by this app.' },
        { change: 'remove_server' as const, works: true, sentence: 'A replica can be removed.' },
      ],
    })),
    keep: os.keep.handler(({ input }) => {
      known.spec = input.spec;
      return null;
    }),
  };
}

function phaseStatus(index: number, active: number): 'done' | 'active' | 'todo' {
  if (index === active) return 'active';
  return index < active ? 'done' : 'todo';
}

/** A bundle that is made in three steps, each for a moment. */
function bundlePart(jobs: Topic<Job | null>) {
  const os = implement(contract).deploy.bundle;
  return {
    make: os.make.handler(({ input }) => {
      const title = `Collect packages for ${input.spec.scope}`;
      const phases = ['See what the servers have', 'Collect the packages', 'Write and check the bundle'];
      const at = (active: number): Job => ({
        ...jobFixture('bundle', title),
        id: input.requestId,
        status: active < phases.length ? 'running' : 'done',
        cancellable: active < phases.length,
        result:
          active < phases.length
            ? null
            : { sentence: `7 packages (96 MB) are in ${input.file}.`, withoutPrimaryMs: null, facts: {} },
        endedAt: active < phases.length ? null : Date.now(),
        phases: phases.map((label, index) => ({
          id: label,
          label,
          status: phaseStatus(index, active),
          startedAt: null,
          endedAt: null,
          detail: index === active && active === 1 ? 'postgresql-17 17.5-1' : null,
          progress: index === active && active === 2 ? 0.4 : null,
        })),
      });
      [1, 2, 3].forEach((active) => setTimeout(() => jobs.set(at(active)), active * 700));
      jobs.set(at(0));
      return at(0);
    }),
    check: os.check.handler(({ input }) => {
      if (!input.file.startsWith('/'))
        throw appError('deploy.bundle_missing', `There is no file ${input.file}.`, { target: input.file });
      return bundleFixture(input.file);
    }),
  };
}

function draftsPart() {
  const os = implement(contract).deploy.drafts;
  const drafts = new Map<string, DeployDraft>();
  return {
    list: os.list.handler(() => [...drafts.values()]),
    save: os.save.handler(({ input }) => {
      drafts.set(input.id, {
        id: input.id,
        title: input.title,
        step: input.step,
        savedAt: Date.now(),
        spec: input.spec,
      });
      return null;
    }),
    remove: os.remove.handler(({ input }) => {
      drafts.delete(input.id);
      return null;
    }),
  };
}

function jobFixture(kind: Job['kind'], title: string): Job {
  return {
    id: `job-${Date.now()}`,
    kind,
    clusterId: null,
    title,
    target: null,
    command: null,
    status: 'running',
    phases: [],
    lines: [],
    startedAt: Date.now(),
    endedAt: null,
    cancellable: true,
    result: null,
    error: null,
    confirmation: null,
    startedBy: 'dba',
  };
}
