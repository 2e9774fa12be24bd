import { appError } from '../../../../shared/model/app-error';
import { adopt, type AdoptDeps } from '../../deploy/day2/adopt';
import { agreeToFiles } from '../agreed-files';
import type { Rpc } from '../implementer';
import type { Services } from '../services';

/** Changes of clusters that run. */
export function day2Handlers(rpc: Rpc['deploy']['day2'], services: Services) {
  const { deploy } = services.deployment;
  return {
    spec: rpc.spec.handler(({ input }) => deploy.latestSpec(input.clusterId)),
    preview: rpc.preview.handler(async ({ input }) =>
      deploy.changes.preview(await agreeToFiles(services.consent, input.spec), input.change),
    ),
    apply: rpc.apply.handler(async ({ input }) => {
      await agreeToFiles(services.consent, input.spec);
      return deploy.changes.apply(input, input.requestId);
    }),
    standalones: rpc.standalones.handler(({ input }) => deploy.changes.standalones(input.servers)),
    keep: rpc.keep.handler(({ input }) => {
      deploy.keepSpec(input.spec);
      return null;
    }),
    adopt: rpc.adopt.handler(({ input }) => {
      const entry = services.inventory.clusters().find((cluster) => cluster.id === input.clusterId);
      if (entry === undefined)
        throw appError('inventory.cluster_unknown', 'There is no such cluster.', { target: input.clusterId });
      return adopt(entry, adoptDepsOf(services.deployment, services.hub));
    }),
  };
}

/** How a cluster that others set up is described. */
export function adoptDepsOf(
  { connectServer, secrets }: Services['deployment'],
  hub: Pick<Services['hub'], 'refresh'>,
): AdoptDeps {
  return {
    connectEntry: (server) =>
      connectServer({ name: server, ssh: { server }, address: server, roles: ['postgres'], tags: {} }),
    readDynamic: async (clusterId) => (await hub.refresh(clusterId)).config?.raw ?? null,
    secrets,
  };
}
