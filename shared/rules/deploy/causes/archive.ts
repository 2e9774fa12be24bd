import type { KnownCause } from './known-cause';

/** What the script that unpacks a release archive says (electron/core/deploy/resources/scripted/archive.ts). */
export const archiveCauses: readonly KnownCause[] = [
  {
    code: 'deploy.archive_checksum',
    pattern: /the SHA-256 of the archive (\S+) is \S+, and the spec says/i,
    sentence: (m) => `The archive ${m[1] ?? ''} is not the one the spec means.`,
    hint: 'Compare the sum with the one its makers publish. Nothing of it was unpacked.',
  },
  {
    code: 'deploy.archive_unreachable',
    pattern: /the archive \S+ cannot be fetched from (\S+)\./i,
    sentence: (m) => `The archive cannot be fetched from ${m[1] ?? ''}.`,
    hint:
      'Check the address and the network of the server, let it come through this workstation, or name a file of this ' +
      'workstation (file:///…).',
  },
  {
    code: 'deploy.archive_unusable',
    pattern:
      /archive \S+ (?:cannot be unpacked|holds no program \S+|did not arrive)|programs of the archive \S+ do not run/i,
    sentence: () => 'The archive is not a release of etcd for this server.',
    hint: 'Name the archive etcd-vX-linux-ARCH.tar.gz of its makers for this architecture, with its SHA-256.',
  },
];
