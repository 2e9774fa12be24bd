import type { Day2Change } from '../../../shared/model/deploy/day2';

/** The text of the button that starts a change. */
export function changeStartText(change: Day2Change): string {
  switch (change.kind) {
    case 'add_server':
      return `Add ${change.server.name}`;
    case 'add_monitoring':
      return `Set up Prometheus on ${change.server.name}`;
    case 'remove_server':
      return change.keepData ? `Remove ${change.name}` : `Remove ${change.name} and its data`;
    case 'remove_etcd':
      return `Remove ${change.name} from etcd`;
    case 'replace_etcd':
      return `Replace ${change.name} with ${change.server.name}`;
    case 'convert':
      return `Let Patroni manage ${change.name}`;
  }
}
