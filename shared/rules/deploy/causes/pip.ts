import { firstGroup, type KnownCause } from './known-cause';

/** What pip says. */
export const pipCauses: readonly KnownCause[] = [
  {
    code: 'deploy.index_unreachable',
    pattern: /NewConnectionError|ConnectTimeoutError|Max retries exceeded|ProxyError|ReadTimeoutError/,
    sentence: () => 'The index of pip cannot be reached.',
    hint:
      'Check the address of the index and the network of the server, or give a directory of wheels of this ' +
      'workstation.',
  },
  {
    code: 'deploy.wheel_missing',
    pattern: /no matching distribution found for (\S+)|could not find a version that satisfies the requirement (\S+)/i,
    sentence: (m) => `pip finds nothing for ${firstGroup(m) || 'a requirement'} that suits the Python of this server.`,
    hint: 'See that the index or the directory of wheels holds this version and all that it needs.',
  },
];
