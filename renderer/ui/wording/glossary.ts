/** Terms that the page explains where they stand, each in one sentence or two; the sentences of docs/glossary.md. */
export const glossary = {
  DCS: 'Distributed configuration store: where Patroni keeps the leader key, the members and the configuration. Here it is etcd.',
  'DCS contact': 'When the member itself last reached the DCS, where Patroni keeps the leader lock.',
  alarm: 'What etcd raises when it stops taking writes: NOSPACE at its quota, CORRUPT when the data of members differ.',
  'failsafe mode':
    'The primary keeps running without the DCS as long as it reaches every known member by REST (failsafe_mode).',
  'HA loop': 'What Patroni does every loop_wait seconds on each member: look at the DCS and PostgreSQL, and act.',
  'leader key':
    'The key in the DCS that names the leader, also called the leader lock. It expires unless the leader renews it.',
  lease:
    'What etcd calls the time for which a key lives. Patroni attaches the leader key to one that lasts ttl seconds (TTL).',
  quota:
    'The size at which the database of an etcd member is full (--quota-backend-bytes); then it takes only reads and deletions.',
  'raft term':
    "etcd's count of elections. Each new leader begins a new term; a term that grows often means lost contact.",
  revision:
    "etcd's count of changes over all keys. Old revisions stay readable, and take space, until they are compacted.",
  'receive lag': 'WAL that the member has not yet received from the leader, in bytes.',
  'replay lag': 'WAL that the member has not yet replayed, including what it has not yet received, in bytes.',
  scope: "The name of a cluster in Patroni's configuration and in the DCS.",
  'standby cluster':
    'A cluster whose leader replicates from another cluster (standby_cluster). Its leader is called the standby leader.',
  timeline: "PostgreSQL's count of promotions. A replica on an older timeline than its leader does not follow it.",
} as const;

/** A term of the glossary. */
export type GlossaryTerm = keyof typeof glossary;
