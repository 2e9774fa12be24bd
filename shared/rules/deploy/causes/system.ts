import { diskFull, nameUnresolved, type KnownCause } from './known-cause';

/** What the kernel and the C library say of disks, ports and names, in the words of whichever program asked them. */
export const systemCauses: readonly KnownCause[] = [
  diskFull(/no space left on device|disk quota exceeded/i),
  {
    code: 'deploy.port_in_use',
    pattern: /address already in use|port \d+ is already in use|cannot bind socket|bind: .*in use|could not bind/i,
    sentence: () => 'A port is taken by another program.',
    hint: 'Stop that program or choose another port.',
  },
  {
    code: 'deploy.address_missing',
    pattern: /cannot assign requested address/i,
    sentence: () => 'The address of the spec is not an address of this server.',
    hint: 'Give the address the server itself has on the private network.',
  },
];

/** What they say of names and memory: other programs may have told more. */
export const scarceCauses: readonly KnownCause[] = [
  nameUnresolved(/temporary failure in name resolution|name or service not known/i),
  {
    code: 'deploy.memory_short',
    pattern: /could not map anonymous shared memory|cannot allocate memory|out of memory/i,
    sentence: () => 'The server has not enough memory.',
    hint: 'Lower shared_buffers or give the server more memory.',
  },
];

/** What they say of permissions: the least telling of all. */
export const permissionCauses: readonly KnownCause[] = [
  {
    code: 'deploy.permission',
    pattern: /permission denied|operation not permitted/i,
    sentence: () => 'Something may not be read or written.',
    hint: 'Look at owner and mode of the path in the log line.',
  },
];
