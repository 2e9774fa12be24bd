import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import type { DeliveryView } from '../../../shared/model/alerts/deliveries';
import type { Alert } from '../../../shared/model/alerts/alert';

/** Alerts as the double of the core tells them: one of each kind. `now`: ms since the epoch. */
export function alertsDouble(now: number) {
  const os = implement(contract).alerts;
  const base = {
    clusterId: 'orders',
    clusterTitle: 'Orders',
    returned: 0,
    acknowledged: null,
    endedAt: null,
    hidden: false,
    notifiedAs: null,
  } as const;
  const alerts: readonly Alert[] = [
    {
      ...base,
      id: 'a1',
      rule: 'no_leader',
      subject: null,
      severity: 'critical',
      sentence: 'Nobody holds the leader lock for 42 s: the cluster takes no writes.',
      advice: 'Patroni chooses a new leader within its loop when a healthy replica is left.',
      since: now - 42_000,
      raisedAt: now - 32_000,
      seenAt: now,
    },
    {
      ...base,
      id: 'a2',
      rule: 'lag',
      subject: 'db3',
      severity: 'warning',
      sentence: 'db3 is 210 MB behind the leader.',
      advice: 'Look at its charts: disk, network and long queries on it slow the replay down.',
      since: now - 400_000,
      raisedAt: now - 340_000,
      seenAt: now,
      returned: 2,
      acknowledged: { by: 'dba', at: now - 200_000 },
    },
    {
      ...base,
      id: 'a3',
      rule: 'paused',
      subject: null,
      severity: 'warning',
      sentence: 'Automatic failover is paused: nobody takes over if the leader fails.',
      advice: 'Resume it when the work is done.',
      since: now - 9_000_000,
      raisedAt: now - 5_400_000,
      seenAt: now - 4_000_000,
      endedAt: now - 4_000_000,
    },
  ];
  return {
    watch: os.watch.handler(async function* () {
      yield await Promise.resolve({ alerts, settings: { version: 1 as const, quietHours: null, clusters: {} } });
      await new Promise(() => undefined);
    }),
    acknowledge: os.acknowledge.handler(() => null),
    mute: os.mute.handler(() => null),
    setRule: os.setRule.handler(() => null),
    deliveries: os.deliveries.handler(() => deliveriesAt(now)),
    setWebhook: os.setWebhook.handler(() => null),
    setMail: os.setMail.handler(() => null),
    testDelivery: os.testDelivery.handler(() => null),
    setQuietHours: os.setQuietHours.handler(() => null),
  };
}

/** A webhook that works, and mail whose server does not answer. */
function deliveriesAt(now: number): DeliveryView {
  return {
    webhook: {
      on: true,
      url: 'https://alerts.example.com/matriarch',
      hasToken: true,
      state: { waiting: 0, lastSentAt: now - 60_000, trouble: null, lost: [] },
    },
    mail: {
      on: true,
      host: 'mail.example.com',
      port: 25,
      security: 'offered',
      from: 'matriarch@example.com',
      to: ['dba@example.com'],
      username: '',
      hasPassword: false,
      state: {
        waiting: 2,
        lastSentAt: null,
        trouble: { at: now - 30_000, sentence: 'The server closed the connection.' },
        lost: [{ at: now - 3_600_000, what: 'Orders: No leader', why: 'The server closed the connection.' }],
      },
    },
  };
}
