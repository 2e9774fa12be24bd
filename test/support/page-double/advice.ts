import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import type { AdviceReport, AdviceUpdate } from '../../../shared/model/advice/advice';

/** The advice as the double of the core tells it: one of each kind. `now`: ms since the epoch. */
export function adviceDouble(now: number) {
  const os = implement(contract).advice;
  const report: AdviceReport = {
    clusterId: 'orders',
    title: 'Orders',
    scope: 'orders',
    from: now - 65_000,
    to: now - 60_000,
    advice: [
      {
        rule: 'backup',
        severity: 'critical',
        about: [],
        sentence: 'No sign of a backup was found.',
        evidence: [{ text: 'No configuration of a tool for backups.', where: 'db1', at: now - 61_000 }],
        todo: 'Set up backups, and try a restore.',
        place: null,
      },
      {
        rule: 'watchdog',
        severity: 'warning',
        about: ['db1', 'db2'],
        sentence: 'No watchdog guards db1 and db2.',
        evidence: [{ text: 'watchdog.mode is off.', where: '/etc/patroni/config.yml on db1', at: now - 61_000 }],
        todo: 'Load softdog.',
        place: { tab: 'configuration', view: 'member', label: 'Open patroni.yml' },
      },
      {
        rule: 'feedback',
        severity: 'info',
        about: ['db1'],
        sentence: 'Long queries may be cancelled on db1.',
        evidence: [{ text: 'hot_standby_feedback is off.', where: 'PostgreSQL of db1', at: now - 61_000 }],
        todo: 'Switch hot_standby_feedback on where applications read from replicas.',
        place: null,
      },
    ],
    notChecked: [{ rule: 'checksums', about: 'db3', why: 'PostgreSQL did not tell data_checksums.' }],
    well: [{ rule: 'timing', seen: 'ttl 30, loop_wait 10, retry_timeout 10 (seconds).' }],
  };
  const update: AdviceUpdate = {
    report,
    progress: null,
    asides: [
      {
        rule: 'feedback',
        severity: 'info',
        about: ['db1'],
        reason: 'Nobody reads from replicas here.',
        by: 'dba',
        at: now - 86_400_000,
      },
    ],
  };
  return {
    watch: os.watch.handler(async function* () {
      yield await Promise.resolve(update);
      await new Promise(() => undefined);
    }),
    read: os.read.handler(() => report),
    setAside: os.setAside.handler(() => null),
    bringBack: os.bringBack.handler(() => null),
  };
}
