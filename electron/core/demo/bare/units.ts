import type { BareServer } from './site';

/** Starts a unit that is installed; why it does not start, as its log says it, or null. */
export function startUnit(host: BareServer, unit: string): string | null {
  switch (unit) {
    case 'etcd.service':
      return host.site === null ? 'etcd: no settings in /etc/default/etcd' : host.site.startEtcd(host);
    case 'patroni.service':
      return host.site === null ? 'patroni: no configuration' : host.site.startPatroni(host);
    default:
      host.machine.setUnit(unit, { active: true });
      return null;
  }
}

/** Stops a unit. */
export function stopUnit(host: BareServer, unit: string): void {
  switch (unit) {
    case 'etcd.service':
      return host.site?.stopEtcd(host);
    case 'patroni.service':
      return host.site?.stopPatroni(host);
    default:
      if (host.machine.hasUnit(unit)) host.machine.setUnit(unit, { active: false });
  }
}

/** Whether a unit runs; null where it is not installed. */
export function unitRuns({ machine, member }: BareServer, unit: string): boolean | null {
  const known = machine.unit(unit);
  if (known === null) return null;
  switch (unit) {
    case 'etcd.service':
      return member.hasEtcd && !member.etcdStopped;
    case 'patroni.service':
      return member.agent;
    default:
      return known.active;
  }
}
