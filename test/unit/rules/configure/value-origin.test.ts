import { describe, expect, it } from 'vitest';
import type { FileSetting, ParameterValue } from '../../../../shared/model/configure/parameter';
import { findKnownParameter } from '../../../../shared/rules/configure/parameter-table';
import { originOf, valuePlaces, type OwnValue } from '../../../../shared/rules/configure/value-origin';

const CONF = '/data/postgresql.conf';
const AUTO = '/data/postgresql.auto.conf';
const BASE = '/data/postgresql.base.conf';

const held = (value: string, source: string, file: string | null = null, pendingRestart = false): ParameterValue => ({
  value,
  source,
  file,
  line: file === null ? null : 7,
  pendingRestart,
});
const own = (value: unknown): OwnValue => ({ kind: 'set', value, file: '/etc/patroni.yml' });
const none: OwnValue = { kind: 'not_set' };
const unread: OwnValue = { kind: 'unknown' };

interface Case {
  readonly name: string;
  readonly running: ParameterValue;
  readonly inDcs?: unknown;
  readonly own: OwnValue;
  readonly files?: readonly FileSetting[];
  readonly from: RegExp;
  readonly why: RegExp;
  /** The place that wins among all that set it. */
  readonly wins: string;
}

const CASES: Readonly<Record<string, Case>> = {
  'nothing sets it': {
    ...{ name: 'work_mem', running: held('4096', 'default'), own: none },
    ...{ from: /^built into/, why: /Nothing sets work_mem/, wins: 'built into PostgreSQL' },
  },
  'the DCS sets it': {
    ...{ name: 'work_mem', running: held('8192', 'configuration file', CONF), inDcs: '8MB', own: none },
    ...{ from: /^DCS \(.*line 7\)/, why: /own file does not set it/, wins: 'DCS' },
  },
  'the own file sets it alone': {
    ...{ name: 'work_mem', running: held('8192', 'configuration file', CONF), own: own('8MB') },
    ...{
      from: /^patroni\.yml of the member \(\/etc\/patroni\.yml\)/,
      why: /DCS does not set it/,
      wins: 'patroni.yml of the member',
    },
  },
  'the own file wins over the DCS': {
    ...{ name: 'work_mem', running: held('8192', 'configuration file', CONF), inDcs: '64MB', own: own('8MB') },
    ...{ from: /^patroni\.yml/, why: /wins over the DCS, which has 64MB/, wins: 'patroni.yml of the member' },
  },
  'ALTER SYSTEM wins over both': {
    ...{ name: 'work_mem', running: held('2048', 'configuration file', AUTO), inDcs: '64MB', own: own('8MB') },
    ...{ from: /^ALTER SYSTEM/, why: /hides what Patroni has written/, wins: 'ALTER SYSTEM' },
  },
  'the command line carries the DCS': {
    ...{ name: 'max_connections', running: held('120', 'command line'), inDcs: 120, own: own(500) },
    ...{
      from: /^DCS, by the command line/,
      why: /What \/etc\/patroni\.yml says of it does nothing/,
      wins: 'command line',
    },
  },
  "the command line carries Patroni's default": {
    ...{ name: 'max_connections', running: held('100', 'command line'), own: none },
    ...{ from: /Patroni's default/, why: /Only the DCS/, wins: 'command line' },
  },
  'an address comes from another setting of the own file': {
    ...{ name: 'listen_addresses', running: held('*', 'command line'), own: none },
    ...{ from: /^postgresql\.listen of patroni\.yml/, why: /whatever stands elsewhere/, wins: 'command line' },
  },
  'what the server had before Patroni': {
    ...{ name: 'work_mem', running: held('8192', 'configuration file', BASE), own: none },
    ...{ from: /^postgresql\.base\.conf/, why: /everything else wins over it/, wins: '' },
  },
  'a file that is included': {
    ...{ name: 'work_mem', running: held('8192', 'configuration file', '/etc/more.conf'), own: none },
    ...{ from: /^another file \(\/etc\/more\.conf/, why: /custom_conf/, wins: '' },
  },
  'Patroni writes it by what it knows': {
    ...{ name: 'synchronous_standby_names', running: held('db2', 'configuration file', CONF), own: none },
    ...{ from: /^Patroni itself/, why: /knows of the cluster/, wins: '' },
  },
  'a change that waits for a restart': {
    ...{ name: 'shared_buffers', running: held('16384', 'configuration file', CONF, true), inDcs: '1GB', own: none },
    ...{
      from: /^what was there before/,
      why: /The DCS has 1GB: it counts after a restart/,
      wins: 'built into PostgreSQL',
    },
  },
  'an own file that is not read yet': {
    ...{ name: 'work_mem', running: held('8192', 'configuration file', CONF), own: own('64MB') },
    ...{ from: /^what was there before/, why: /has 64MB: it counts after a reload/, wins: '' },
  },
  'the environment of PostgreSQL': {
    ...{ name: 'data_directory', running: held('/data', 'environment variable'), own: none },
    ...{ from: /^environment/, why: /would win/, wins: 'environment of PostgreSQL' },
  },
  'an own file that could not be read': {
    ...{ name: 'work_mem', running: held('8192', 'configuration file', CONF), inDcs: '64MB', own: unread },
    ...{ from: /^own file of the member/, why: /wins over it, or the change has not arrived/, wins: '' },
  },
  'a role sets it': {
    ...{ name: 'work_mem', running: held('8192', 'user'), own: none },
    ...{ from: /^user/, why: /database, role or session/, wins: '' },
  },
};

describe('where a value comes from', () => {
  it.each(Object.entries(CASES))('%s', (_what, one) => {
    const definition = findKnownParameter(one.name);
    if (definition === undefined) throw new Error(`${one.name} is not in the table`);
    const question = { definition, held: one.running, fileSettings: one.files ?? [], inDcs: one.inDcs, own: one.own };
    const origin = originOf(question);
    expect(origin.from).toMatch(one.from);
    expect(origin.why).toMatch(one.why);
    expect(valuePlaces(question).find(({ wins }) => wins)?.place ?? '').toBe(one.wins);
  });

  it('every place that sets it is named, the strongest first', () => {
    const definition = findKnownParameter('work_mem');
    if (definition === undefined) throw new Error('work_mem is not in the table');
    const places = valuePlaces({
      definition,
      held: held('2048', 'configuration file', AUTO),
      fileSettings: [{ file: AUTO, line: 3, name: 'work_mem', value: '2MB', applied: true, error: null }],
      inDcs: '64MB',
      own: own('8MB'),
    });
    expect(places.map(({ place, value }) => `${place}: ${value}`)).toEqual([
      'ALTER SYSTEM: 2MB',
      'patroni.yml of the member: 8MB',
      'DCS: 64MB',
      'built into PostgreSQL: 4096',
    ]);
  });
});
