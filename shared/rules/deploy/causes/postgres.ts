import type { KnownCause } from './known-cause';

/** What PostgreSQL, initdb and pg_basebackup say of their data. */
export const postgresDataCauses: readonly KnownCause[] = [
  {
    code: 'deploy.replica_diverged',
    pattern: new RegExp(
      'requested start(?:ing)? point \\S+ (?:on timeline \\d+ )?is ahead of' +
        '|new timeline \\d+ forked off current database system timeline \\d+ before current recovery point',
      'i',
    ),
    sentence: () => 'This replica has WAL that the leader does not have, and cannot follow it.',
    hint: "Its copy is of no use: reinitialize this member (on the cluster's page, or patronictl reinit), then resume.",
  },
  {
    code: 'deploy.data_torn',
    pattern: /could not locate a valid checkpoint record/i,
    sentence: () => 'PostgreSQL cannot start with the data on this server: the WAL it has to begin at was cut off.',
    hint:
      "While another member leads, reinitialize this one (on the cluster's page, or patronictl reinit), then resume. " +
      'Never clear the only copy.',
  },
  {
    code: 'deploy.locale_missing',
    pattern: /invalid locale (?:name|settings)|locale "?([\w.-]+)"? (?:does not exist|not found)/i,
    sentence: () => 'The locale of the spec does not exist on this server.',
    hint: 'Install it (package locales), or use C.UTF-8, which is always there.',
  },
  {
    code: 'deploy.data_not_empty',
    pattern: /data directory .* (?:is|exists but is) not empty|exists but is not empty/i,
    sentence: () => 'The data directory is not empty.',
    hint: 'Move what is in it away, or choose another directory.',
  },
];

/** What PostgreSQL says to those it does not let in. */
export const postgresAccessCauses: readonly KnownCause[] = [
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
];
