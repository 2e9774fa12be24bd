import type { ClusterTab } from '../../../navigation/route';

/** The tab that shows what a finding is about; null for what the overview itself shows. */
export function tabOfFinding(code: string): Exclude<ClusterTab, 'overview'> | null {
  const [topic] = code.split('.');
  switch (topic) {
    case 'postgres':
      return 'postgres';
    case 'backup':
      return 'maintenance';
    case 'balancer':
      return 'balancers';
    case 'etcd':
    case 'dcs':
      return 'etcd';
    case 'certificate':
      return 'health';
    case 'config':
      return 'configuration';
    case 'standby':
      return 'maintenance';
    default:
      return null;
  }
}
