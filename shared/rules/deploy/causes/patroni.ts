import type { KnownCause } from './known-cause';

/** What Patroni says of the data it finds (patroni/ha.py). */
export const patroniDataCauses: readonly KnownCause[] = [
  {
    code: 'deploy.system_id_mismatch',
    pattern: /system ID mismatch, node (\S+) belongs to a different cluster/i,
    sentence: (m) => `${m[1] ?? 'This member'} holds the data of another cluster.`,
    hint: 'The data directory was left by another cluster with this scope. Move it away, or choose another scope.',
  },
];

/** What Patroni says of its DCS (patroni/dcs). It waits for etcd whatever the reason is, so that others come first. */
export const patroniDcsCauses: readonly KnownCause[] = [
  {
    code: 'deploy.no_quorum',
    pattern: /failed to get list of machines|waiting on etcd|EtcdConnectionFailed/i,
    sentence: () => 'etcd has no majority or cannot be reached.',
    hint: 'See that a majority of its members runs and that the servers reach each other on its ports.',
  },
  {
    code: 'deploy.dcs_not_configured',
    pattern: /can not find suitable configuration of distributed configuration store/i,
    sentence: () => 'Patroni has no library for etcd.',
    hint: 'Install python3-etcd on the server.',
  },
];
