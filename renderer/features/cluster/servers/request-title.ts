import type { ChangeRequest } from '../../../../shared/rules/deploy/day2/change-offers';

/** The title of the page on which a requested change is filled in. */
export function requestTitle(request: ChangeRequest): string {
  switch (request.kind) {
    case 'add':
      return 'Add a server';
    case 'roles':
      return `Add a role to ${request.name}`;
    case 'remove':
      return `Remove ${request.name}`;
    case 'remove_etcd':
      return `Remove ${request.name} from etcd`;
    case 'replace_etcd':
      return `Replace ${request.name} in etcd`;
  }
}
