import { describe, expect, it } from 'vitest';
import { checkConfigPatch } from '../../../../shared/rules/configure/config-rules';
import { patroniSettings } from '../../../../shared/rules/configure/patroni-settings';
import { isSettingName, patchSetting } from '../../../../shared/rules/configure/setting-patch';
import { CONFIG } from '../../../support/cluster/operable-cluster';

describe('changing one setting', () => {
  it.each([
    ['max_connections', '200', { postgresql: { parameters: { max_connections: 200 } } }],
    ['work_mem', '64MB', { postgresql: { parameters: { work_mem: '64MB' } } }],
    ['auto_explain.log_min_duration', '1s', { postgresql: { parameters: { 'auto_explain.log_min_duration': '1s' } } }],
    ['postgresql.parameters.work_mem', '8MB', { postgresql: { parameters: { work_mem: '8MB' } } }],
    [
      'postgresql.parameters.pg_stat_statements.max',
      '9',
      { postgresql: { parameters: { 'pg_stat_statements.max': 9 } } },
    ],
    ['ttl', '45', { ttl: 45 }],
    ['primary_race_backoff', '5', { primary_race_backoff: 5 }],
    ['postgresql.use_slots', 'true', { postgresql: { use_slots: true } }],
    ['standby_cluster.host', '10.0.0.9', { standby_cluster: { host: '10.0.0.9' } }],
    ['slots.reporting.type', 'physical', { slots: { reporting: { type: 'physical' } } }],
  ])('puts %s = %s where Patroni reads it', (name, value, patch) => {
    expect(patchSetting(name, value)).toEqual(patch);
  });

  it('never sends a setting of Patroni to PostgreSQL as a parameter', () => {
    for (const name of Object.keys(patroniSettings)) expect(Object.keys(patchSetting(name, '1'))).toEqual([name]);
  });

  it('removes a setting whose value is left empty, so that its default applies again', () => {
    expect(patchSetting('work_mem', ' ')).toEqual({ postgresql: { parameters: { work_mem: null } } });
    expect(patchSetting('ttl', '')).toEqual({ ttl: null });
  });

  it('takes no name that neither Patroni nor PostgreSQL could have', () => {
    expect(['a b;', '1st', '', 'a-b'].filter(isSettingName)).toEqual([]);
  });

  it('knows every setting that it may put at the top of the configuration', () => {
    for (const name of Object.keys(patroniSettings)) {
      const codes = checkConfigPatch(CONFIG.raw, { [name]: 'x' }, '4.1.0').map((check) => check.code);
      expect(codes, name).not.toContain('config.unknown_key');
    }
  });

  it('warns that members with an older Patroni ignore a setting', () => {
    const check = checkConfigPatch(CONFIG.raw, { member_slots_ttl: '1h' }, '3.3.2')[0];
    expect(check).toMatchObject({ code: 'config.needs_newer', verdict: 'warns' });
  });
});
