import type { NetworkRoute } from '../../../shared/model/deploy/spec/source-spec';

/** Where servers get their packages from, as the end of a sentence. */
export function packageRoute(route: NetworkRoute): string {
  switch (route.kind) {
    case 'direct':
      return "from the server's own package repositories";
    case 'through_workstation':
      return 'through this workstation, over the SSH connection';
    case 'bundle':
      return `from the bundle ${route.file}, uploaded over the SSH connection`;
  }
}
