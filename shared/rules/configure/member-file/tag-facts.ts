/** A tag of a member as a switch or a field: what it does, and the release of Patroni that knows it where that is younger than 3.0. */
export interface TagFacts {
  readonly name: string;
  readonly kind: 'switch' | 'number' | 'member';
  readonly explain: string;
  readonly since: string | null;
}

/** The tags of a member that Patroni itself acts upon (docs/yaml_configuration.rst, patroni/tags.py). */
export const tagFacts: readonly TagFacts[] = [
  {
    name: 'nofailover',
    kind: 'switch',
    explain: 'Patroni never promotes this member.',
    since: null,
  },
  {
    name: 'failover_priority',
    kind: 'number',
    explain: 'Of replicas that have received the same WAL, the highest number is promoted; 0 is never promoted.',
    since: '3.2.0',
  },
  {
    name: 'noloadbalance',
    kind: 'switch',
    explain: 'GET /replica answers 503, so that load balancers send no reads here.',
    since: null,
  },
  {
    name: 'clonefrom',
    kind: 'switch',
    explain: 'New replicas may be copied from this member, which spares the leader.',
    since: null,
  },
  {
    name: 'nosync',
    kind: 'switch',
    explain: 'This member is never chosen as a synchronous standby.',
    since: null,
  },
  {
    name: 'nostream',
    kind: 'switch',
    explain: 'It replays archived WAL and does not stream; it is neither promoted nor a synchronous standby.',
    since: '3.3.0',
  },
  {
    name: 'replicatefrom',
    kind: 'member',
    explain: 'It streams from this other replica in place of the leader.',
    since: null,
  },
];

/** What is known of a tag; undefined for one that Patroni only passes on. */
export function findTag(name: string): TagFacts | undefined {
  return tagFacts.find((one) => one.name === name);
}
