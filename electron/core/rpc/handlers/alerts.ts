import type { Rpc } from '../implementer';
import type { Services } from '../services';
import { subscription } from '../subscription';

/** The alerts of all clusters. */
export function alertHandlers(rpc: Rpc['alerts'], { alerts, deliveries }: Services) {
  return {
    watch: rpc.watch.handler(({ signal }) => subscription((push) => alerts.watch(push), { signal })),
    acknowledge: rpc.acknowledge.handler(({ input }) => {
      alerts.acknowledge(input.id);
      return null;
    }),
    mute: rpc.mute.handler(({ input }) => {
      alerts.mute(input.clusterId, input.until);
      return null;
    }),
    setRule: rpc.setRule.handler(({ input }) => {
      alerts.setRule(input.clusterId, input.rule, input.settings);
      return null;
    }),
    deliveries: rpc.deliveries.handler(() => deliveries.view()),
    setWebhook: rpc.setWebhook.handler(async ({ input }) => {
      await deliveries.setWebhook(input);
      return null;
    }),
    setMail: rpc.setMail.handler(async ({ input }) => {
      await deliveries.setMail(input);
      return null;
    }),
    testDelivery: rpc.testDelivery.handler(async ({ input }) => {
      await deliveries.test(input.channel);
      return null;
    }),
    setQuietHours: rpc.setQuietHours.handler(({ input }) => {
      alerts.setQuietHours(input.hours);
      return null;
    }),
  };
}
