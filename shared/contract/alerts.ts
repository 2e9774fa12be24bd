import { z } from 'zod';
import { alertRuleIds, quietHoursSchema, ruleSettingsSchema, type AlertsUpdate } from '../model/alerts/alert';
import { deliveryChannels, mailInputSchema, webhookInputSchema, type DeliveryView } from '../model/alerts/deliveries';
import { ask, call, feed, of } from './procedures';

/** The alerts of all clusters, and what the user sets of them. */
export const alerts = {
  /** First everything, then everything again with each change. */
  watch: feed(of<AlertsUpdate>()),
  /** Rejects with `alert.unknown`. */
  acknowledge: call(z.object({ id: z.string().max(64) }), of<null>()),
  /** `until`: ms since the epoch; null ends it. */
  mute: call(
    z.object({ clusterId: z.string().max(200), until: z.number().min(0).max(8.64e15).nullable() }),
    of<null>(),
  ),
  /** What is left out of the settings is as the rule has it. */
  setRule: call(
    z.object({ clusterId: z.string().max(200), rule: z.enum(alertRuleIds), settings: ruleSettingsSchema }),
    of<null>(),
  ),
  /** The webhook and mail as they are set, without secrets, and how they fare. */
  deliveries: ask(of<DeliveryView>()),
  /** Rejects with `alert.delivery_refused`. */
  setWebhook: call(webhookInputSchema, of<null>()),
  /** Rejects with `alert.delivery_refused`. */
  setMail: call(mailInputSchema, of<null>()),
  /** Sends a test by what is kept. Rejects with `alert.not_delivered`. */
  testDelivery: call(z.object({ channel: z.enum(deliveryChannels) }), of<null>()),
  setQuietHours: call(z.object({ hours: quietHoursSchema.nullable() }), of<null>()),
};
