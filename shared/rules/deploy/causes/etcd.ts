import { clockSkew, diskFull, type KnownCause } from './known-cause';

/** What etcd says (its server's log, and the errors of its API that clients pass on). */
export const etcdCauses: readonly KnownCause[] = [
  diskFull(/mvcc: database space exceeded/i),
  {
    code: 'deploy.etcd_cluster_mismatch',
    pattern: /cluster ID mismatch|member .* has already been bootstrapped|request cluster ID mismatch/i,
    sentence: () => 'This member of etcd holds the data of another etcd cluster.',
    hint: 'Move its data directory away, or choose another one.',
  },
  clockSkew(
    /clock difference .* too high|prober found high clock drift|certificate (?:has expired or )?is not yet valid/i,
  ),
  {
    code: 'deploy.no_quorum',
    pattern: /etcdserver: (?:no leader|request timed out)|no healthy endpoints/i,
    sentence: () => 'etcd has no majority or cannot be reached.',
    hint: 'See that a majority of its members runs and that the servers reach each other on its ports.',
  },
];
