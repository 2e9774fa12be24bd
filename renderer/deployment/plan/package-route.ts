import type { NetworkRoute } from '../../../shared/model/deploy/spec/source-spec';

/** By which way servers get their packages, in a sentence's end. */
export function packageRoute(route: NetworkRoute): string {
  switch (route.kind) {
    case 'direct':
      return "by the server's own network and package sources";
    case 'through_workstation':
      return 'through this workstation, over the SSH connection';
    case 'bundle':
      return `from the bundle ${route.file}, uploaded over the SSH connection`;
  }
}
