import { describe, expect, it } from 'vitest';
import { judgeConfig, judgeDraft, type ConfigContext } from '../../../../shared/rules/configure/judge-config';
import { knownParameters } from '../../../../shared/rules/configure/parameter-table';

const context: ConfigContext = {
  version: '4.0.7',
  definitions: new Map(knownParameters.map((one) => [one.name.toLowerCase(), one])),
  certain: true,
  members: 3,
  standbys: 2,
};
const parameter = (name: string, value: unknown) => ({ postgresql: { parameters: { [name]: value } } });

/** What is configured, and what is said of it, with what to do. */
const cases: readonly (readonly [string, Record<string, unknown>, string, RegExp, RegExp])[] = [
  ['a value of the wrong type', parameter('work_mem', 'much'), 'error', /must be a number/, /kB, MB/],
  ['a unit in the wrong case', parameter('work_mem', '4mb'), 'error', /case counts/, /Write MB/],
  ['a value out of range', parameter('checkpoint_timeout', '2d'), 'error', /30s to 1d/, /Choose/],
  [
    'a word that is none of the choices',
    parameter('wal_level', 'all'),
    'error',
    /does not take "all"/,
    /replica, logical/,
  ],
  ['no replication', parameter('wal_level', 'minimal'), 'error', /no replication/, /replica or logical/],
  ['a parameter below what Patroni takes', parameter('max_connections', 10), 'error', /at least 25/, /Correct/],
  ['a parameter that Patroni sets', parameter('listen_addresses', '*'), 'warning', /no effect/, /Remove/],
  ['a name that is a slip', parameter('work_men', '4MB'), 'warning', /has no parameter work_men/, /work_mem\?/],
  ['a list for one value', parameter('work_mem', ['4MB']), 'error', /not a list/, /one value/],
  ['a setting without a value', { ttl: null }, 'error', /has no value/, /remove its line/],
  ['a setting that is a slip', { loop_wat: 10 }, 'warning', /not a setting this app knows/, /loop_wait\?/],
  [
    'a parameter beside the section',
    { max_connections: 100 },
    'warning',
    /belongs to PostgreSQL/,
    /postgresql\.parameters/,
  ],
  [
    'a parameter above its section',
    { postgresql: { work_mem: '4MB' } },
    'warning',
    /does nothing here/,
    /parameters\.work_mem/,
  ],
  ['pg_hba at the top', { pg_hba: [] }, 'warning', /does nothing here/, /postgresql\.pg_hba/],
  ['what counts at the creation only', { initdb: [] }, 'warning', /only when a cluster is created/, /Remove/],
  ['what each member has for itself', { tags: {} }, 'warning', /own file only/, /Remove/],
  ['data_dir in the DCS', { postgresql: { data_dir: '/x' } }, 'warning', /own file only/, /own file/],
  ['times that do not fit', { ttl: 20, loop_wait: 10, retry_timeout: 10 }, 'error', /must not exceed ttl/, /Raise ttl/],
  [
    'more synchronous standbys than members',
    { synchronous_mode: true, synchronous_node_count: 3 },
    'warning',
    /only 2/,
    /2 or less/,
  ],
  [
    'more of them than members, strictly',
    { synchronous_mode: 'on', synchronous_node_count: 3, synchronous_mode_strict: true },
    'warning',
    /Patroni takes as many as there are/,
    /Lower/,
  ],
  ['a count without the mode', { synchronous_node_count: 2 }, 'info', /counts only while/, /synchronous_mode/],
  [
    'more reserved connections than there are',
    parameter('superuser_reserved_connections', 100),
    'error',
    /not start/,
    /Raise/,
  ],
  ['few WAL senders', parameter('max_wal_senders', 3), '', /./, /./],
  ['a slot that cannot be', { slots: { 'My-Slot': { type: 'physical' } } }, 'error', /name of a slot/, /lower-case/],
  [
    'a logical slot without plugin',
    { slots: { s: { type: 'logical', database: 'd' } } },
    'error',
    /database and a plugin/,
    /pgoutput/,
  ],
  [
    'slots under two names',
    { slots: { s: { type: 'physical' } }, permanent_slots: { t: { type: 'physical' } } },
    'error',
    /slots does nothing: Patroni takes the slots of permanent_slots/,
    /into slots/,
  ],
  ['slots under an earlier name', { permanent_slots: { s: { type: 'physical' } } }, '', /./, /./],
  ['slots to leave alone that name nothing', { ignore_slots: [{}] }, 'error', /name, type, database/, /Correct/],
  ['slots to leave alone as one section', { ignore_slots: { name: 's' } }, 'error', /must be a list/, /Correct/],
  ['slots to leave alone', { ignore_slots: [{ name: 's', type: 'logical', plugin: 'pgoutput' }] }, '', /./, /./],
  ['a time with a unit', { member_slots_ttl: '30min' }, '', /./, /./],
  ['a time that is none', { member_slots_ttl: 'soon' }, 'error', /e\.g\. 30min/, /Correct/],
  ['a setting of a release to come', { primary_race_backoff: 6 }, 'warning', /younger than Patroni 4\.1/, /Update/],
  ['a wrong value for it', { primary_race_backoff: -1 }, 'error', /at least 0/, /Correct/],
  [
    'a section of a release to come',
    { postgresql: { parameters_replica: {} } },
    'warning',
    /postgresql\.parameters_replica is younger than Patroni 4\.1; a member runs 4\.0\.7/,
    /Update/,
  ],
  [
    'a slip in standby_cluster',
    { standby_cluster: { host: 'db1', primary_slot: 's' } },
    'warning',
    /standby_cluster\.primary_slot is not a setting/,
    /Correct/,
  ],
  ['a port that is none', { standby_cluster: { host: 'db1', port: 99_999 } }, 'error', /1 to 65535/, /Correct/],
  ['a rule that is none', { postgresql: { pg_hba: ['host all'] } }, 'error', /Rule 1/, /Correct/],
];

describe('a dynamic configuration', () => {
  it.each(cases)('%s is said with what to do', (_name, config, severity, sentence, advice) => {
    const issues = judgeConfig(config, context);
    if (severity === '') {
      expect(issues).toEqual([]);
      return;
    }
    expect(issues).toContainEqual({
      path: expect.anything(),
      severity,
      sentence: expect.stringMatching(sentence),
      advice: expect.stringMatching(advice),
    });
  });

  it('that is as it should be is not remarked upon', () => {
    const config = {
      ttl: 30,
      loop_wait: 10,
      retry_timeout: 10,
      synchronous_mode: true,
      postgresql: {
        use_pg_rewind: true,
        parameters: {
          max_connections: 200,
          shared_buffers: '1GB',
          wal_level: 'logical',
          'auto_explain.log_nested_statements': 'on',
        },
        pg_hba: [
          'local all all peer',
          'host replication replicator 10.0.0.0/8 scram-sha-256',
          'hostssl all all all scram-sha-256',
        ],
      },
      slots: { analytics: { type: 'logical', database: 'shop', plugin: 'pgoutput' } },
    };
    expect(judgeConfig(config, context)).toEqual([]);
  });

  it('may hold what is younger than this app where the members are, too', () => {
    const config = { primary_race_backoff: 6, postgresql: { pg_hba_replica: ['local all all peer'] } };
    expect(judgeConfig(config, { ...context, version: '5.0.0' })).toEqual([]);
  });

  it('may name a port for each host of the cluster that it follows', () => {
    const standby = { host: 'db1,db2', port: '5432,5433' };
    const [found] = judgeConfig({ standby_cluster: standby }, context);
    expect(found?.sentence).toMatch(/follows another one/);
  });

  it('that no server has confirmed is warned of, not refused', () => {
    const [issue] = judgeConfig(parameter('checkpoint_timeout', '2d'), { ...context, certain: false });
    expect(issue?.severity).toBe('warning');
  });

  it.each([
    [0, 'error', /all writes would stop/],
    [1, 'warning', /when it stops, all writes stop/],
  ] as const)(
    'with %i members to wait for, synchronous_mode_strict is judged by what it stops',
    (standbys, severity, sentence) => {
      const config = { synchronous_mode: true, synchronous_mode_strict: true };
      expect(judgeConfig(config, { ...context, standbys })).toEqual([
        expect.objectContaining({ severity, sentence: expect.stringMatching(sentence) as string }),
      ]);
    },
  );

  it('what is empty in the DCS already keeps no other change from being applied, but nothing new may be empty', () => {
    const base = { ttl: 30, postgresql: { parameters: null } };
    const found = judgeDraft(base, { ...base, ttl: 40, loop_wait: null }, context);
    expect(found.map(({ path, severity }) => [path.join('.'), severity])).toEqual([
      ['loop_wait', 'error'],
      ['postgresql.parameters', 'info'],
    ]);
  });
});
