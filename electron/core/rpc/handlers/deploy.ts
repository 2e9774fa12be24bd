import { clusterSpecSchema, type ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../../shared/model/deploy/spec/server-spec';
import { neededSecrets } from '../../../../shared/rules/deploy/secrets';
import { printSpec, readSpec } from '../../../../shared/rules/deploy/spec/spec-file';
import { failoverPresets, suggestParameters } from '../../../../shared/rules/deploy/spec/suggest';
import { validateSpec } from '../../../../shared/rules/deploy/spec/validate-spec';
import { refuseUnwritable, secretUnknown, withoutLost } from '../../deploy/secrets/secret-book';
import { availableVersions } from '../../deploy/facts/available';
import { adopt } from '../../deploy/day2/adopt';
import { takeFollowed, type TakeFollowedDeps } from '../../standby/take-followed';
import { agreeToFiles } from '../agreed-files';
import type { Rpc } from '../implementer';
import type { Services } from '../services';
import { subscription } from '../subscription';
import { adoptDepsOf, day2Handlers } from './day2';

/** Setting up a cluster on bare servers. */
export function deployHandlers(rpc: Rpc['deploy'], services: Services) {
  const { deploy } = services.deployment;
  const agreed = (spec: ClusterSpec): Promise<ClusterSpec> => agreeToFiles(services.consent, spec);
  return {
    ...specHandlers(rpc, services),
    ...secretHandlers(rpc, services),
    look: rpc.look.handler(({ input }) => deploy.facts(minimalSpec(input.servers))),
    available: rpc.available.handler(async ({ input }) =>
      availableVersions(await agreed(input.spec), services.deployment.connectServer, input.refresh),
    ),
    preflight: rpc.preflight.handler(async ({ input }) => deploy.preflight(await agreed(input.spec))),
    fix: rpc.fix.handler(async ({ input }) => deploy.fix(await agreed(input.spec), input.server, input.fixId)),
    plan: rpc.plan.handler(async ({ input }) => deploy.plan(await agreed(input.spec))),
    apply: rpc.apply.handler(async ({ input }) =>
      deploy.apply(await agreed(input.spec), input.fingerprint, input.requestId),
    ),
    rotateCertificates: rpc.rotateCertificates.handler(async ({ input }) =>
      deploy.rotateCertificates(await agreed(input.spec), input.authority, input.requestId),
    ),
    check: rpc.check.handler(async ({ input }) => deploy.check(await agreed(input.spec))),
    undo: rpc.undo.handler(({ input }) => deploy.undo(input.spec, input.typed, input.keepData, input.requestId)),
    day2: day2Handlers(rpc.day2, services),
    runs: runHandlers(rpc.runs, services),
    bundle: bundleHandlers(rpc.bundle, services),
    drafts: draftHandlers(rpc.drafts, services),
  };
}

/** What needs no server: the spec as a text and as sense. */
function specHandlers(rpc: Rpc['deploy'], { deployment: { deploy } }: Services) {
  return {
    parse: rpc.parse.handler(({ input }) => {
      const read = readSpec(input.text);
      if (read.spec === null) return { spec: null, leavesParameters: false, problems: read.problems };
      const { spec, leavesParameters } = deploy.identify(read.spec, input.clusterId);
      return { spec, leavesParameters, problems: validateSpec(spec) };
    }),
    print: rpc.print.handler(({ input }) => ({ fileName: `${input.spec.scope}.yml`, text: printSpec(input.spec) })),
    validate: rpc.validate.handler(({ input }) => validateSpec(input.spec)),
    presets: rpc.presets.handler(() => failoverPresets),
    suggest: rpc.suggest.handler(({ input }) => suggestParameters(input)),
  };
}

function secretHandlers(rpc: Rpc['deploy'], services: Services) {
  const { consent, inventory, deployment } = services;
  const { secrets } = deployment;
  return {
    secretNames: rpc.secretNames.handler(({ input }) =>
      Promise.all(
        neededSecrets(input.spec).map(async ({ name, label }) => ({
          name,
          label,
          present: (await withoutLost(secrets).read(input.spec.id, name)) !== undefined,
        })),
      ),
    ),
    follow: rpc.follow.handler(({ input }) => takeFollowed(input.followed, input.clusterId, followDeps(services))),
    setSecret: rpc.setSecret.handler(async ({ input }) => {
      refuseUnwritable(input.name, input.value);
      await secrets.write(input.clusterId, input.name, input.value);
      return null;
    }),
    revealSecret: rpc.revealSecret.handler(async ({ input }) => {
      const value = await secrets.read(input.clusterId, input.name);
      if (value === undefined) throw secretUnknown(input.name, 'this cluster');
      await consent.reveal(input.name, inventory.cluster(input.clusterId)?.title ?? input.clusterId);
      return { value };
    }),
  };
}

function followDeps({ inventory, deployment, hub }: Services): TakeFollowedDeps {
  const { deploy, secrets } = deployment;
  return {
    entry: (clusterId) => inventory.cluster(clusterId),
    latestSpec: (clusterId) => deploy.latestSpec(clusterId),
    state: (clusterId) => hub.state(clusterId),
    server: (serverId) => inventory.server(serverId),
    describe: (entry) => adopt(entry, adoptDepsOf(deployment, hub)),
    secrets,
  };
}

function runHandlers(rpc: Rpc['deploy']['runs'], { deployment: { deploy } }: Services) {
  return {
    list: rpc.list.handler(() => deploy.runs()),
    watch: rpc.watch.handler(({ input, signal }) =>
      subscription((push) => deploy.watchRun(input.runId, push), { signal }),
    ),
    watchAll: rpc.watchAll.handler(({ signal }) => subscription((push) => deploy.watchRuns(push), { signal })),
    resume: rpc.resume.handler(async ({ input }) => (await deploy.resume(input.runId, input.requestId)).job),
    spec: rpc.spec.handler(({ input }) => deploy.specOf(input.runId)),
    stop: rpc.stop.handler(({ input }) => {
      deploy.stop(input.runId);
      return null;
    }),
  };
}

function bundleHandlers(rpc: Rpc['deploy']['bundle'], { consent, deployment: { bundler } }: Services) {
  return {
    make: rpc.make.handler(async ({ input }) => {
      await consent.file(input.file);
      return bundler.make({ ...input, spec: await agreeToFiles(consent, input.spec) });
    }),
    check: rpc.check.handler(async ({ input }) => {
      await consent.file(input.file);
      return bundler.check(input.file);
    }),
  };
}

function draftHandlers(rpc: Rpc['deploy']['drafts'], { deployment: { drafts } }: Services) {
  return {
    list: rpc.list.handler(() => drafts.list()),
    save: rpc.save.handler(async ({ input }) => {
      await drafts.save(input);
      return null;
    }),
    remove: rpc.remove.handler(async ({ input }) => {
      await drafts.remove(input.id);
      return null;
    }),
  };
}

/** Collecting facts needs a spec; what is not chosen yet has its defaults. */
function minimalSpec(servers: readonly ServerSpec[]): ClusterSpec {
  return clusterSpecSchema.parse({ version: 1, id: 'new', scope: 'new', tls: 'off', servers });
}
