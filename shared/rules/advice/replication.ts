import type { PostgresAdviceFacts } from '../../model/advice/advice-facts';
import {
  parameterOf,
  advise,
  evidenceOf,
  lookAtMembers,
  notChecked,
  untold,
  well,
  type AdviceRule,
} from './advice-rule';

const form = { tab: 'configuration', view: 'form', label: 'Open the form' } as const;
const NO_CONFIG = 'The dynamic configuration in the DCS is not known.';

const rewind: AdviceRule = {
  id: 'rewind',
  title: 'A former leader can rejoin by pg_rewind',
  area: 'Recovery',
  why:
    'After a failover the former leader has transactions that the new one does not. Without pg_rewind its data ' +
    'must be copied anew, and until then a copy is missing.',
  look: (facts) => {
    const { config } = facts.state;
    if (config === null) return notChecked(NO_CONFIG);
    const section = config.raw['postgresql'];
    const isOn =
      typeof section === 'object' && section !== null && 'use_pg_rewind' in section && section.use_pg_rewind === true;
    return lookAtMembers(facts, ({ postgres }) => postgres, {
      judge: (values) => {
        const [hints, checksums] = [parameterOf(values, 'wal_log_hints'), parameterOf(values, 'data_checksums')];
        if (!isOn) return { kind: 'wrong', text: 'use_pg_rewind is off in the dynamic configuration.' };
        if (hints === 'on' || checksums === 'on') return { kind: 'well' };
        if (hints === null || checksums === null) return untold(hints === null ? 'wal_log_hints' : 'data_checksums');
        return { kind: 'wrong', text: 'wal_log_hints and data_checksums are off: pg_rewind refuses such data.' };
      },
      severity: 'warning',
      words: (names) => ({
        sentence: `A former leader cannot be rewound: ${names}.`,
        todo: 'Switch use_pg_rewind on, and wal_log_hints where the data has no checksums.',
        place: form,
      }),
      seen: 'use_pg_rewind is on, and the data can be rewound.',
    });
  },
};

const checksums: AdviceRule = {
  id: 'checksums',
  title: 'Data checksums',
  area: 'Recovery',
  why: 'Without checksums a page that the disk damaged is read as if it were right, and is copied to replicas and backups.',
  look: (facts) =>
    lookAtMembers(facts, ({ postgres }) => postgres, {
      judge: (values) => {
        const value = parameterOf(values, 'data_checksums');
        if (value === null) return untold('data_checksums');
        return value === 'on' ? { kind: 'well' } : { kind: 'wrong', text: 'data_checksums is off.' };
      },
      severity: 'warning',
      words: (names) => ({
        sentence: `The data has no checksums: ${names}.`,
        todo: 'Stop one replica after the other and run pg_checksums --enable on it; the former leader last, after a switchover.',
        place: { tab: 'servers', label: 'Open servers and services' },
      }),
      seen: 'data_checksums is on.',
    }),
};

const slotLimit: AdviceRule = {
  id: 'slot_limit',
  title: 'A limit for what slots retain',
  area: 'Recovery',
  why: 'A slot whose receiver is gone retains WAL until the disk of the leader is full, and then the cluster stops.',
  look: (facts) =>
    lookAtMembers(facts, ({ postgres }) => postgres, {
      judge: (values) => {
        if (values.version < 130000) return { kind: 'well' };
        const value = parameterOf(values, 'max_slot_wal_keep_size');
        if (value === null) return untold('max_slot_wal_keep_size');
        return value === '-1'
          ? { kind: 'wrong', text: 'max_slot_wal_keep_size is -1, which is no limit.' }
          : { kind: 'well' };
      },
      severity: 'warning',
      words: (names) => ({
        sentence: `Slots may retain WAL without limit on ${names}.`,
        todo: 'Set max_slot_wal_keep_size to less than the free space of the disk that has the WAL.',
        place: form,
      }),
      seen: 'max_slot_wal_keep_size is set, or PostgreSQL is older than 13.',
    }),
};

const MB = 1024 ** 2;

/** Parameters in MB (`max_wal_size`, `wal_keep_size`) as bytes; null: not told. */
function megabytesOf(values: PostgresAdviceFacts, name: string): number | null {
  const value = parameterOf(values, name);
  return value === null || !/^-?\d+$/.test(value) ? null : Number(value) * MB;
}

const walKeep: AdviceRule = {
  id: 'wal_keep',
  title: 'WAL is kept for replicas',
  area: 'Recovery',
  why: 'Without slots a replica that is away for longer than wal_keep_size lasts has to be copied anew.',
  look: (facts) => {
    const { config } = facts.state;
    if (config === null) return notChecked(NO_CONFIG);
    const section = config.raw['postgresql'];
    const hasSlots = !(
      typeof section === 'object' &&
      section !== null &&
      'use_slots' in section &&
      section.use_slots === false
    );
    if (hasSlots) return well('use_slots is on.');
    return lookAtMembers(facts, ({ postgres }) => postgres, {
      judge: (values) => {
        if (values.version < 130000)
          return { kind: 'unknown', why: 'PostgreSQL before 13 has wal_keep_segments, which is not looked at.' };
        const bytes = megabytesOf(values, 'wal_keep_size');
        if (bytes === null) return untold('wal_keep_size');
        return bytes >= 1024 * MB
          ? { kind: 'well' }
          : { kind: 'wrong', text: `wal_keep_size is ${bytes / MB} MB, and use_slots is off.` };
      },
      severity: 'warning',
      words: (names) => ({
        sentence: `${names} keeps little WAL for replicas, and there are no slots.`,
        todo: 'Switch use_slots on, or raise wal_keep_size.',
        place: form,
      }),
      seen: 'wal_keep_size is 1 GB or more.',
    });
  },
};

const maxWalSize: AdviceRule = {
  id: 'max_wal_size',
  title: 'Room between checkpoints',
  area: 'Performance',
  why: 'With a small max_wal_size checkpoints come early when much is written, and each one makes more WAL that replicas must receive.',
  look: (facts) =>
    lookAtMembers(facts, ({ postgres }) => postgres, {
      judge: (values) => {
        const bytes = megabytesOf(values, 'max_wal_size');
        if (bytes === null) return untold('max_wal_size');
        return bytes > 1024 * MB
          ? { kind: 'well' }
          : { kind: 'wrong', text: `max_wal_size is ${bytes / MB} MB; 1024 MB is the default.` };
      },
      severity: 'info',
      words: (names) => ({
        sentence: `max_wal_size is no more than the default on ${names}.`,
        todo: 'Raise it where the charts show many requested checkpoints; recovery after a crash takes longer then.',
        place: form,
      }),
      seen: 'max_wal_size is above the default.',
    }),
};

const feedback: AdviceRule = {
  id: 'feedback',
  title: 'Queries on replicas',
  area: 'Performance',
  why:
    'Without hot_standby_feedback a query on a replica is cancelled when the leader removes rows that it still ' +
    'reads. With it such queries hold up the vacuum on the leader.',
  look: (facts) =>
    lookAtMembers(facts, ({ postgres }) => postgres, {
      judge: (values) => {
        const value = parameterOf(values, 'hot_standby_feedback');
        if (value === null) return untold('hot_standby_feedback');
        return value === 'on' ? { kind: 'well' } : { kind: 'wrong', text: 'hot_standby_feedback is off.' };
      },
      severity: 'info',
      words: (names) => ({
        sentence: `Long queries may be cancelled on ${names}.`,
        todo: 'Switch hot_standby_feedback on where applications read from replicas.',
        place: form,
      }),
      seen: 'hot_standby_feedback is on.',
    }),
};

/** What is a member's own by its nature, or differs by its role: no difference there is worth a word. */
const OWN = new Set([
  'application_name',
  'cluster_name',
  'config_file',
  'data_directory',
  'event_source',
  'external_pid_file',
  'hba_file',
  'ident_file',
  'in_hot_standby',
  'listen_addresses',
  'log_directory',
  'log_filename',
  'port',
  'primary_conninfo',
  'primary_slot_name',
  'recovery_target_timeline',
  'restore_command',
  'session_replication_role',
  'shared_memory_size',
  'shared_memory_size_in_huge_pages',
  'num_os_semaphores',
  'statement_timeout',
  'lock_timeout',
  'synchronous_standby_names',
  'synchronized_standby_slots',
  'transaction_deferrable',
  'transaction_isolation',
  'transaction_read_only',
  'unix_socket_directories',
  'ssl_cert_file',
  'ssl_key_file',
  'ssl_ca_file',
  'ssl_crl_file',
]);
const MOST_NAMED = 8;

const sameParameters: AdviceRule = {
  id: 'same_parameters',
  title: 'The same parameters on all members',
  area: 'Availability',
  why: 'A parameter that only one member has changes how PostgreSQL works after a failover, at the worst moment.',
  look: ({ members }) => {
    const read = members.flatMap(({ name, postgres }) => (postgres.kind === 'read' ? [{ name, postgres }] : []));
    const unknown = members.flatMap(({ name, postgres }) =>
      postgres.kind === 'not_read' ? [{ about: name, why: postgres.why }] : [],
    );
    const names = [...new Set(read.flatMap(({ postgres }) => Object.keys(postgres.value.values)))].filter(
      (name) => !OWN.has(name),
    );
    const different = names
      .filter(
        (name) =>
          new Set(read.map(({ postgres }) => parameterOf(postgres.value, name)).filter((value) => value !== null))
            .size > 1,
      )
      .toSorted();
    if (different.length === 0)
      return {
        advice: null,
        notChecked: unknown,
        seen:
          read.length < 2
            ? 'Fewer than two members could be compared.'
            : `${names.length} parameters are alike on ${read.length} members.`,
      };
    const shown = different.slice(0, MOST_NAMED);
    const more = different.length - shown.length;
    return {
      ...advise(
        'warning',
        {
          sentence:
            `${different.length} ${different.length === 1 ? 'parameter differs' : 'parameters differ'} between ` +
            `members: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
          todo: 'Set them in the dynamic configuration, and take them from patroni.yml and postgresql.auto.conf of single members.',
          place: form,
        },
        read.map(({ postgres }) =>
          evidenceOf(
            postgres,
            shown.map((name) => `${name} = ${parameterOf(postgres.value, name) ?? 'not told'}`).join('; '),
          ),
        ),
        different,
      ),
      notChecked: unknown,
    };
  },
};

/** What replication and recovery rest on. */
export const replicationRules: readonly AdviceRule[] = [
  rewind,
  sameParameters,
  checksums,
  slotLimit,
  walKeep,
  maxWalSize,
  feedback,
];
