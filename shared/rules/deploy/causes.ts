import type { ErrorCode } from '../../model/app-error';

/** A known cause of a failure: what it is called, what it means, what to do. */
export interface Cause {
  readonly code: ErrorCode;
  readonly sentence: string;
  readonly hint: string;
  /** The line of the log it was recognised by. */
  readonly line: string;
}

interface KnownCause {
  readonly code: ErrorCode;
  readonly pattern: RegExp;
  readonly sentence: (match: RegExpExecArray) => string;
  readonly hint: string;
}

/** In the order of how much they explain: a full disk makes other lines appear, so it is asked first. */
const known: readonly KnownCause[] = [
  {
    code: 'deploy.disk_full',
    pattern:
      /no space left on device|you don't have enough free space|disk quota exceeded|mvcc: database space exceeded/i,
    sentence: () => 'A disk is full.',
    hint: 'Make room on the server, then resume.',
  },
  {
    code: 'deploy.system_id_mismatch',
    pattern: /system ID mismatch, node (\S+) belongs to a different cluster/i,
    sentence: (m) => `${m[1] ?? 'This member'} holds the data of another cluster.`,
    hint: 'The data directory was left by another cluster with this scope. Move it away, or choose another scope.',
  },
  {
    code: 'deploy.replica_diverged',
    pattern:
      /(?:requested start(?:ing)? point \S+ (?:on timeline \d+ )?is ahead of|new timeline \d+ forked off current database system timeline \d+ before current recovery point)/i,
    sentence: () => 'This replica has WAL that the leader does not have, and cannot follow it.',
    hint: "Its copy is of no use: reinitialize this member (on the cluster's page, or patronictl reinit), then resume.",
  },
  {
    code: 'deploy.data_torn',
    pattern: /could not locate a valid checkpoint record/i,
    sentence: () => 'PostgreSQL cannot start with the data on this server: the WAL it has to begin at was cut off.',
    hint: "While another member leads, reinitialize this one (on the cluster's page, or patronictl reinit), then resume. Never clear the only copy.",
  },
  {
    code: 'deploy.locale_missing',
    pattern: /invalid locale (?:name|settings)|locale "?([\w.-]+)"? (?:does not exist|not found)/i,
    sentence: () => 'The locale of the spec does not exist on this server.',
    hint: 'Install it (package locales), or use C.UTF-8, which is always there.',
  },
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
  {
    code: 'deploy.etcd_cluster_mismatch',
    pattern: /cluster ID mismatch|member .* has already been bootstrapped|request cluster ID mismatch/i,
    sentence: () => 'This member of etcd holds the data of another etcd cluster.',
    hint: 'Move its data directory away, or choose another one.',
  },
  {
    code: 'deploy.clock_skew',
    pattern:
      /clock difference .* too high|prober found high clock drift|certificate (?:has expired or )?is not yet valid|release file .* is not valid yet/i,
    sentence: () => 'The clocks of the servers differ too much.',
    hint: 'Set the clocks (systemd-timesyncd or chrony), then resume.',
  },
  {
    code: 'deploy.no_quorum',
    pattern:
      /etcdserver: (?:no leader|request timed out)|no healthy endpoints|failed to get list of machines|waiting on etcd|EtcdConnectionFailed/i,
    sentence: () => 'etcd has no majority or cannot be reached.',
    hint: 'See that a majority of its members runs and that the servers reach each other on its ports.',
  },
  {
    code: 'deploy.dcs_not_configured',
    pattern: /can not find suitable configuration of distributed configuration store/i,
    sentence: () => 'Patroni has no library for etcd.',
    hint: 'Install python3-etcd on the server.',
  },
  {
    code: 'deploy.data_not_empty',
    pattern: /data directory .* (?:is|exists but is) not empty|exists but is not empty/i,
    sentence: () => 'The data directory is not empty.',
    hint: 'Move what is in it away, or choose another directory.',
  },
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
    hint: 'Check the address and the network of the server, let it come through this workstation, or name a file of this workstation (file:///…).',
  },
  {
    code: 'deploy.archive_unusable',
    pattern:
      /archive \S+ (?:cannot be unpacked|holds no program \S+|did not arrive)|programs of the archive \S+ do not run/i,
    sentence: () => 'The archive is not a release of etcd for this server.',
    hint: 'Name the archive etcd-vX-linux-ARCH.tar.gz of its makers for this architecture, with its SHA-256.',
  },
  {
    code: 'deploy.index_unreachable',
    pattern: /NewConnectionError|ConnectTimeoutError|Max retries exceeded|ProxyError|ReadTimeoutError/,
    sentence: () => 'The index of pip cannot be reached.',
    hint: 'Check the address of the index and the network of the server, or give a directory of wheels of this workstation.',
  },
  {
    code: 'deploy.wheel_missing',
    pattern: /no matching distribution found for (\S+)|could not find a version that satisfies the requirement (\S+)/i,
    sentence: (m) => `pip finds nothing for ${m[1] ?? m[2] ?? 'a requirement'} that suits the Python of this server.`,
    hint: 'See that the index or the directory of wheels holds this version and all that it needs.',
  },
  {
    code: 'deploy.package_missing',
    pattern: /unable to locate package (\S+)|package '?(\S+?)'? has no installation candidate/i,
    sentence: (m) => `The sources of this server do not have the package ${m[1] ?? m[2] ?? ''}.`,
    hint: 'Choose other versions, or add a repository that has it.',
  },
  {
    code: 'deploy.name_unresolved',
    pattern:
      /temporary failure (?:in name resolution|resolving '?([^' ]+))|could not resolve '?([^' ]+)|name or service not known/i,
    sentence: (m) => `A name cannot be resolved${(m[1] ?? m[2]) ? `: ${m[1] ?? m[2] ?? ''}` : ''}.`,
    hint: 'Look at /etc/resolv.conf on the server, or let packages come through this workstation.',
  },
  {
    code: 'deploy.repository_unreachable',
    pattern: /failed to fetch (\S+)|could not connect to (\S+)|connection timed out \[IP/i,
    sentence: (m) => `A package repository cannot be reached: ${m[1] ?? m[2] ?? ''}.`,
    hint: 'Check the network of the server, or let packages come through this workstation.',
  },
  {
    code: 'deploy.repository_suite',
    pattern: /the repository '?(\S+) (\S+) (?:In)?Release'? (?:does not have|no longer has) a release file/i,
    sentence: (m) => `The package repository ${m[1] ?? ''} has nothing for ${m[2] ?? 'this release'}.`,
    hint: 'Look at its address and at the name of the release in the sources of apt on the server (/etc/apt/sources.list and sources.list.d), then resume.',
  },
  {
    code: 'deploy.repository_untrusted',
    pattern: /is not signed|NO_PUBKEY (\S+)|signatures couldn't be verified|signatures were invalid/i,
    sentence: () => 'The signature of a package repository cannot be checked.',
    hint: 'Give the right key of the repository.',
  },
  {
    code: 'deploy.apt_locked',
    pattern: /could not get lock (\S+)/i,
    sentence: () => 'Another program holds the lock of apt.',
    hint: 'Wait until it is done, then resume.',
  },
  {
    code: 'deploy.memory_short',
    pattern: /could not map anonymous shared memory|cannot allocate memory|out of memory/i,
    sentence: () => 'The server has not enough memory.',
    hint: 'Lower shared_buffers or give the server more memory.',
  },
  {
    code: 'deploy.password_refused',
    pattern: /password authentication failed for user "?([^" ]+)/i,
    sentence: (m) => `PostgreSQL refuses the password of ${m[1] ?? 'a role'}.`,
    hint: 'The data was made with other passwords. Give the right ones, then resume.',
  },
  {
    code: 'deploy.hba_refuses',
    pattern: /no pg_hba\.conf entry for (?:replication connection from )?host "?([^", ]+)/i,
    sentence: (m) => `pg_hba does not let ${m[1] ?? 'a member'} in.`,
    hint: 'Add the address to pg_hba.',
  },
  {
    code: 'deploy.permission',
    pattern: /permission denied|operation not permitted/i,
    sentence: () => 'Something may not be read or written.',
    hint: 'Look at owner and mode of the path in the log line.',
  },
];

/** The known cause in a text of log lines, or null when none is recognised. */
export function classify(text: string): Cause | null {
  const lines = text.split('\n');
  for (const cause of known) {
    for (const line of lines) {
      const match = cause.pattern.exec(line);
      if (match !== null)
        return { code: cause.code, sentence: cause.sentence(match), hint: cause.hint, line: line.trim().slice(0, 300) };
    }
  }
  return null;
}
