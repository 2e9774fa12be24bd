import { describe, expect, it } from 'vitest';
import { adviceRuleIds, type AdviceRuleId, type AdviceSeverity } from '../../../../shared/model/advice/advice';
import type { AdviceFacts, BackupsAdviceFacts } from '../../../../shared/model/advice/advice-facts';
import type { DynamicConfig } from '../../../../shared/model/cluster/cluster-state';
import type { Member } from '../../../../shared/model/cluster/member';
import { adviceRule } from '../../../../shared/rules/advice/make-report';
import {
  ADVICE_DAY,
  backupsReading,
  changeMembers,
  etcdFixture,
  etcdReading,
  hbaFixture,
  notRead,
  valuesOf,
  wellAdviceFacts,
} from '../../../support/advice/advice-facts';

type Change = (facts: AdviceFacts) => AdviceFacts;

const config =
  (change: Partial<DynamicConfig>, raw: Record<string, unknown> = {}): Change =>
  (facts) => {
    const before = facts.state.config;
    if (before === null) throw new Error('The fixture has a configuration.');
    return { ...facts, state: { ...facts.state, config: { ...before, ...change, raw: { ...before.raw, ...raw } } } };
  };
const noConfig: Change = (facts) => ({ ...facts, state: { ...facts.state, config: null } });
const parameter =
  (name: string, value: string): Change =>
  (facts) => {
    const [first] = facts.members;
    const values = first?.postgres.kind === 'read' ? first.postgres.value.values : {};
    return changeMembers(facts, { postgres: { values: { ...values, ...valuesOf({ [name]: value }) } } });
  };
const without =
  (name: string): Change =>
  (facts) => {
    const [first] = facts.members;
    const values = first?.postgres.kind === 'read' ? first.postgres.value.values : {};
    const rest = Object.fromEntries(Object.entries(values).filter(([one]) => one !== name));
    return changeMembers(facts, { postgres: { values: rest } });
  };
const hba =
  (change: Parameters<typeof hbaFixture>[0]): Change =>
  (facts) =>
    changeMembers(facts, { postgres: { hba: [hbaFixture(change)] } }, 'db2');
const own =
  (change: Parameters<typeof changeMembers>[1]['own'] & object): Change =>
  (facts) =>
    changeMembers(facts, { own: change }, 'db2');
const server =
  (change: Parameters<typeof changeMembers>[1]['server'] & object, ...names: string[]): Change =>
  (facts) =>
    changeMembers(facts, { server: change }, ...names);
const state =
  (change: Partial<AdviceFacts['state']>): Change =>
  (facts) => ({ ...facts, state: { ...facts.state, ...change } });
const members =
  (change: (member: Member) => readonly Member[]): Change =>
  (facts) => ({ ...facts, state: { ...facts.state, members: facts.state.members.flatMap(change) } });
const access =
  (change: Partial<AdviceFacts['access']>): Change =>
  (facts) => ({ ...facts, access: { ...facts.access, ...change } });
const etcdOf =
  (...names: string[]): Change =>
  (facts) => ({ ...facts, etcd: etcdReading(names.map((name) => etcdFixture(name))) });
const etcdVersions =
  (version: string): Change =>
  (facts) => ({
    ...facts,
    etcd: etcdReading(
      ['e1', 'e2', 'e3'].map((name) => {
        const { status } = etcdFixture(name);
        return etcdFixture(name, { status: status === null ? null : { ...status, version } });
      }),
    ),
  });
const roles =
  (change: { readonly form?: 'md5'; readonly weak?: string; readonly notCompared?: string }): Change =>
  (facts) =>
    facts.roles.kind === 'read'
      ? { ...facts, roles: { ...facts.roles, value: facts.roles.value.map((role) => ({ ...role, ...change })) } }
      : facts;
const both =
  (...changes: readonly Change[]): Change =>
  (facts) =>
    changes.reduce((changed, change) => change(changed), facts);
const blind =
  (part: 'postgres' | 'own' | 'server'): Change =>
  (facts) => ({ ...facts, members: facts.members.map((member) => ({ ...member, [part]: notRead() })) });
const noEtcd: Change = (facts) => ({ ...facts, etcd: notRead('No member of etcd answered.') });
const backups =
  (change: Partial<BackupsAdviceFacts>): Change =>
  (facts) =>
    facts.backups.kind === 'read'
      ? { ...facts, backups: { ...facts.backups, value: { ...facts.backups.value, ...change } } }
      : facts;
const noRoles: Change = (facts) => ({ ...facts, roles: notRead() });
const noMembers: Change = (facts) => ({ ...facts, members: [], state: { ...facts.state, members: [] } });
const noLeaderKnown: Change = (facts) => state({ leader: { ...facts.state.leader, known: false } })(facts);

/** What makes a rule speak and how gravely, and what keeps it from looking. */
const cases: Readonly<
  Record<
    AdviceRuleId,
    { readonly wrong: readonly (readonly [AdviceSeverity, Change])[]; readonly blind: readonly Change[] }
  >
> = {
  only_copy: {
    wrong: [
      ['critical', members((one) => (one.name === 'db1' ? [one] : []))],
      ['info', members((one) => (one.name === 'db3' ? [] : [one]))],
    ],
    blind: [noMembers],
  },
  same_machine: {
    wrong: [['critical', server({ machineId: 'one' }, 'db1', 'db3')]],
    blind: [blind('server'), server({ machineId: null }, 'db2')],
  },
  nobody_may_take_over: {
    wrong: [
      ['critical', members((one) => [{ ...one, tags: { nofailover: true } }])],
      ['critical', members((one) => [{ ...one, tags: { failover_priority: 0 } }])],
    ],
    blind: [noLeaderKnown],
  },
  etcd_odd: {
    wrong: [
      ['critical', etcdOf('e1')],
      ['critical', etcdOf('e1', 'e2')],
      ['warning', etcdOf('e1', 'e2', 'e3', 'e4')],
    ],
    blind: [noEtcd],
  },
  etcd_apart: {
    wrong: [['warning', server({ etcdDevice: '/dev/vda on /' }, 'db1')]],
    blind: [blind('server'), server({ etcdDevice: null }, 'db1')],
  },
  timing: {
    wrong: [
      ['warning', config({ ttl: 20 })],
      ['warning', config({ ttl: 15, loopWait: 5, retryTimeout: 5 })],
      ['info', config({ ttl: 300 })],
    ],
    blind: [noConfig],
  },
  sync_count: {
    wrong: [
      ['critical', config({}, { synchronous_node_count: 3 })],
      ['warning', config({}, { synchronous_node_count: 3, synchronous_mode_strict: false })],
      ['critical', members((one) => [{ ...one, tags: { nosync: true } }])],
    ],
    blind: [noConfig, noLeaderKnown],
  },
  sync_strict: { wrong: [['warning', config({}, { synchronous_node_count: 2 })]], blind: [noConfig, noLeaderKnown] },
  sync_off: { wrong: [['info', config({}, { synchronous_mode: false })]], blind: [noConfig] },
  maximum_lag: {
    wrong: [
      ['warning', config({ maximumLagOnFailover: 1024 ** 3 })],
      ['warning', config({ maximumLagOnFailover: 0 })],
    ],
    blind: [noConfig],
  },
  failsafe: {
    wrong: [['info', config({ failsafeMode: false })]],
    blind: [
      noConfig,
      both(
        config({ failsafeMode: false }),
        members((one) => [{ ...one, patroniVersion: null }]),
      ),
    ],
  },
  watchdog: {
    wrong: [
      ['warning', own({ watchdogMode: 'off' })],
      ['warning', server({ watchdogThere: false }, 'db1')],
    ],
    blind: [blind('own'), blind('server'), server({ watchdogThere: null }, 'db1')],
  },
  paused: { wrong: [['warning', state({ paused: true })]], blind: [state({ paused: null })] },
  one_server: {
    wrong: [
      [
        'warning',
        both(
          (facts) => ({
            ...facts,
            etcd: etcdReading(['e1', 'e2', 'e3'].map((name) => etcdFixture(name, { leader: name === 'e1' }))),
          }),
          server({ haproxyRuns: false }, 'db2', 'db3'),
        ),
      ],
    ],
    blind: [noEtcd, noLeaderKnown, blind('server')],
  },
  clock: {
    wrong: [
      ['critical', server({ clock: { least: 60_000, most: 60_010 } }, 'db2')],
      ['warning', server({ clock: { least: 3_000, most: 3_010 } }, 'db2')],
      ['info', server({ clockKept: false }, 'db3')],
    ],
    blind: [blind('server'), server({ clock: null }, 'db2')],
  },
  rewind: {
    wrong: [
      ['warning', config({}, { postgresql: { use_pg_rewind: false } })],
      ['warning', both(parameter('wal_log_hints', 'off'), parameter('data_checksums', 'off'))],
    ],
    blind: [noConfig, blind('postgres'), both(without('wal_log_hints'), parameter('data_checksums', 'off'))],
  },
  same_parameters: {
    wrong: [
      [
        'warning',
        (facts) => changeMembers(facts, { postgres: { values: valuesOf({ max_connections: '500' }) } }, 'db2'),
      ],
    ],
    blind: [blind('postgres')],
  },
  hba_trust: {
    wrong: [
      ['critical', hba({ method: 'trust' })],
      ['critical', hba({ method: 'trust', address: 'all', netmask: null })],
    ],
    blind: [blind('postgres'), (facts) => changeMembers(facts, { postgres: { hba: null } })],
  },
  hba_world: {
    wrong: [
      ['warning', hba({ address: '0.0.0.0', netmask: '0.0.0.0' })],
      ['warning', hba({ address: '::', netmask: '::' })],
      ['warning', hba({ address: 'all', netmask: null })],
    ],
    blind: [blind('postgres')],
  },
  hba_plain: {
    wrong: [
      ['warning', hba({ method: 'md5' })],
      ['warning', hba({ method: 'password' })],
    ],
    blind: [blind('postgres')],
  },
  weak_passwords: {
    wrong: [
      ['critical', roles({ weak: 'the password is the name of the user' })],
      ['critical', own({ weakAccounts: [{ use: 'superuser', username: 'postgres', why: 'the password is empty' }] })],
    ],
    blind: [blind('own'), noRoles, roles({ notCompared: 'Its verifier has 100000 rounds.' })],
  },
  md5_passwords: { wrong: [['warning', roles({ form: 'md5' })]], blind: [noRoles] },
  rest_open: {
    wrong: [
      ['critical', own({ restAuthentication: false })],
      ['warning', own({ restAuthentication: false, restAllowlist: true })],
    ],
    blind: [blind('own')],
  },
  rest_tls: {
    wrong: [
      ['warning', own({ restTls: false })],
      ['info', own({ restTls: false, restAuthentication: false })],
    ],
    blind: [blind('own')],
  },
  etcd_open: {
    wrong: [
      ['critical', access({ etcd: { tls: false, login: false, certificate: false } })],
      ['warning', access({ etcd: { tls: true, login: false, certificate: false } })],
      ['warning', access({ etcd: { tls: false, login: true, certificate: false } })],
      [
        'critical',
        both(access({ etcd: null }), (facts) => changeMembers(facts, { own: { dcsTls: false, dcsLogin: false } })),
      ],
    ],
    blind: [both(access({ etcd: null }), blind('own'))],
  },
  postgres_tls: { wrong: [['warning', parameter('ssl', 'off')]], blind: [blind('postgres'), without('ssl')] },
  backup: {
    wrong: [
      ['critical', backups({ standing: { kind: 'none', why: 'pgBackRest is not installed on any of its servers.' } })],
      ['warning', (facts) => ({ ...facts, backups: backupsReading(ADVICE_DAY - 27 * 3_600_000) })],
      ['warning', backups({ proof: { at: ADVICE_DAY, label: 'F', good: false, sentence: 'It did not start.' } })],
    ],
    blind: [
      (facts) => ({ ...facts, backups: notRead() }),
      backups({ standing: { kind: 'not_known', why: ['db1 could not be looked at.'] } }),
    ],
  },
  archive: {
    wrong: [
      ['warning', parameter('archive_mode', 'off')],
      ['critical', parameter('archive_command', '')],
      ['critical', parameter('archive_command', '/bin/true')],
      ['critical', parameter('archive_command', 'exit 0')],
    ],
    blind: [blind('postgres'), without('archive_mode'), without('archive_command')],
  },
  checksums: {
    wrong: [['warning', parameter('data_checksums', 'off')]],
    blind: [blind('postgres'), without('data_checksums')],
  },
  slot_limit: {
    wrong: [['warning', parameter('max_slot_wal_keep_size', '-1')]],
    blind: [blind('postgres'), without('max_slot_wal_keep_size')],
  },
  wal_keep: {
    wrong: [['warning', config({}, { postgresql: { use_slots: false } })]],
    blind: [noConfig, both(config({}, { postgresql: { use_slots: false } }), blind('postgres'))],
  },
  max_wal_size: {
    wrong: [['info', parameter('max_wal_size', '1024')]],
    blind: [blind('postgres'), without('max_wal_size')],
  },
  feedback: {
    wrong: [['info', parameter('hot_standby_feedback', 'off')]],
    blind: [blind('postgres'), without('hot_standby_feedback')],
  },
  postgres_version: {
    wrong: [
      ['critical', (facts) => changeMembers(facts, { postgres: { version: 140003 } })],
      ['warning', (facts) => changeMembers(facts, { postgres: { version: 130023 } })],
      ['warning', (facts) => changeMembers(facts, { postgres: { version: 90624 } })],
      ['warning', (facts) => changeMembers(facts, { postgres: { version: 170010 } }, 'db2')],
      ['info', (facts) => changeMembers(facts, { postgres: { version: 170005 } })],
    ],
    blind: [blind('postgres')],
  },
  patroni_version: {
    wrong: [
      [
        'warning',
        both(
          access({ etcd: null }),
          members((one) => [{ ...one, patroniVersion: '3.0.2' }]),
        ),
      ],
      [
        'warning',
        both(
          access({ etcd: null }),
          members((one) => [{ ...one, patroniVersion: '2.1.7' }]),
        ),
      ],
      ['critical', members((one) => [{ ...one, patroniVersion: '4.0.7' }])],
    ],
    blind: [members((one) => [{ ...one, patroniVersion: null }])],
  },
  etcd_version: {
    wrong: [
      ['critical', etcdVersions('3.5.2')],
      ['warning', etcdVersions('3.4.42')],
      ['info', etcdVersions('3.5.16')],
    ],
    blind: [noEtcd, (facts) => ({ ...facts, etcd: etcdReading([etcdFixture('e1', { status: null })]) })],
  },
  etcd_api: { wrong: [['warning', own({ dcs: 'etcd' })]], blind: [blind('own'), own({ dcs: null })] },
  pooler: { wrong: [['info', server({ pgbouncerRuns: false })]], blind: [blind('server')] },
  monitoring: { wrong: [['info', access({ prometheus: false })]], blind: [] },
  rehearsal: {
    wrong: [
      [
        'info',
        state({ history: [{ timeline: 1, lsn: 1, reason: '', at: ADVICE_DAY - 400 * 86_400_000, newLeader: null }] }),
      ],
      ['info', state({ history: [] })],
    ],
    blind: [
      state({ history: [{ timeline: 1, lsn: 1, reason: '', at: null, newLeader: null }] }),
      state({ history: [], dcs: { kind: 'connecting' } }),
    ],
  },
};

const look = (rule: AdviceRuleId, change: Change = (facts) => facts) =>
  adviceRule(rule).look(change(wellAdviceFacts()));

describe.each(adviceRuleIds)('the advice %s', (rule) => {
  it('is not given where nothing is wrong', () => {
    expect(look(rule)).toMatchObject({ advice: null, notChecked: [] });
    expect(look(rule).seen).not.toBe('');
  });

  it.each(cases[rule].wrong)('is given as %s, with what it rests on and what to do', (severity, change) => {
    const { advice } = look(rule, change);
    expect(advice?.severity).toBe(severity);
    expect(advice?.sentence).toMatch(/\.$/);
    expect(advice?.todo).toMatch(/\.$/);
    expect(advice?.evidence.length).toBeGreaterThan(0);
    for (const { text, where, at } of advice?.evidence ?? []) {
      expect(text).not.toBe('');
      expect(where).not.toBe('');
      expect(at).toBeGreaterThan(0);
    }
  });

  it.each(cases[rule].blind.map((change) => [change] as const))(
    'is said not to be checked, with why, where what it needs was not read',
    (change) => {
      const { advice, notChecked } = look(rule, change);
      expect(advice).toBeNull();
      expect(notChecked.length).toBeGreaterThan(0);
      for (const { why } of notChecked) expect(why).toMatch(/\.$/);
    },
  );
});

it('says nothing of trust for local connections and loopback, nor in a line that PostgreSQL does not read', () => {
  expect(look('hba_trust', hba({ type: 'local', address: null, netmask: null, method: 'trust' })).advice).toBeNull();
  expect(look('hba_trust', hba({ address: '::1', netmask: null, method: 'trust' })).advice).toBeNull();
  expect(look('hba_trust', hba({ method: 'trust', error: 'invalid' })).advice).toBeNull();
});

it('does not take a slow network for clocks that are apart', () => {
  expect(look('clock', server({ clock: { least: -5_000, most: 30_000 } }, 'db2')).advice).toBeNull();
});
