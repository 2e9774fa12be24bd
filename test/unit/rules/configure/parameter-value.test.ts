import { describe, expect, it } from 'vitest';
import { findKnownParameter } from '../../../../shared/rules/configure/parameter-table';
import { isSameValue, readParameterValue, valueInWords } from '../../../../shared/rules/configure/parameter-value';

function parameter(name: string) {
  const found = findKnownParameter(name);
  if (found === undefined) throw new Error(`the table has no ${name}`);
  return found;
}

/** Name, what is written, and the value that PostgreSQL 15 then has (pg_settings.setting); null: it refuses to start. */
const cases: readonly (readonly [string, string, string | null])[] = [
  ['shared_buffers', '128MB', '16384'],
  ['shared_buffers', '16384', '16384'],
  ['shared_buffers', ' 1 GB ', '131072'],
  ['shared_buffers', '128mb', null],
  ['shared_buffers', '128 MiB', null],
  ['shared_buffers', '1min', null],
  ['shared_buffers', '8kB', null],
  ['shared_buffers', '0.5GB', '65536'],
  ['work_mem', '64kB', '64'],
  ['work_mem', '63kB', null],
  ['checkpoint_timeout', '5min', '300'],
  ['checkpoint_timeout', '1h', '3600'],
  ['checkpoint_timeout', '2d', null],
  ['checkpoint_timeout', '1500ms', null],
  ['statement_timeout', '1.5s', '1500'],
  ['statement_timeout', '100us', '0'],
  ['log_min_duration_statement', '-1', '-1'],
  ['max_connections', '0x64', '100'],
  ['max_connections', '0144', '100'],
  ['max_connections', '100.4', '100'],
  ['max_connections', '1e2', '100'],
  ['max_connections', '100kB', null],
  ['max_connections', 'many', null],
  ['max_connections', '', null],
  ['max_connections', '08', null],
  ['max_connections', '099', null],
  ['max_connections', '27.5', '28'],
  ['max_connections', '26.5', '26'],
  ['max_connections', '1_000', null],
  ['max_connections', '1:30', null],
  ['max_connections', '0o17', null],
  ['work_mem', '64.5kB', '64'],
  ['random_page_cost', '010', '10'],
  ['random_page_cost', '1e-400', null],
  ['random_page_cost', '1.1', '1.1'],
  ['random_page_cost', '-1', null],
  ['checkpoint_completion_target', '1.1', null],
  ['fsync', 'on', 'on'],
  ['fsync', 'TRUE', 'on'],
  ['fsync', 'ye', 'on'],
  ['fsync', '0', 'off'],
  ['fsync', 'of', 'off'],
  ['fsync', 'o', null],
  ['fsync', ' on', null],
  ['wal_compression', 'on', 'pglz'],
  ['wal_level', ' replica', null],
  ['fsync', 'enabled', null],
  ['wal_level', 'Logical', 'logical'],
  ['wal_level', 'hot_standby', 'replica'],
  ['wal_level', 'none', null],
  ['synchronous_commit', 'true', 'on'],
  ['archive_mode', '1', 'on'],
  ['log_line_prefix', '%m [%p] ', '%m [%p] '],
];

describe('a value of a parameter', () => {
  it.each(cases)('%s = "%s" is read as PostgreSQL reads it', (name, text, expected) => {
    const read = readParameterValue(parameter(name), text);
    expect(read.kind === 'value' ? read.value : null).toBe(expected);
  });

  it('one that is out of range is refused with the range in units a person writes', () => {
    const read = readParameterValue(parameter('checkpoint_timeout'), '2d');
    expect(read).toMatchObject({ kind: 'refused', sentence: expect.stringContaining('30s to 1d') });
  });

  it.each<readonly [string, string, string | null]>([
    ['transaction_buffers', '0', '0'],
    ['transaction_buffers', '128kB', '16'],
    ['transaction_buffers', '32', '32'],
    ['transaction_buffers', '0x10kB', null],
    ['multixact_member_buffers', '17', null],
    ['vacuum_buffer_usage_limit', '0', '0'],
    ['vacuum_buffer_usage_limit', '128kB', '128'],
    ['vacuum_buffer_usage_limit', '127', null],
  ])(
    '%s = "%s" is refused within its range where PostgreSQL 17 has a rule of its own for it',
    (name, text, expected) => {
      const unit = name === 'vacuum_buffer_usage_limit' ? 'kB' : '8kB';
      const definition = { ...parameter('work_mem'), name, unit, min: '0', max: '131072' };
      const read = readParameterValue(definition, text);
      expect(read.kind === 'value' ? read.value : null).toBe(expected);
    },
  );

  it('binary digits are refused, because only some servers read them', () => {
    const read = readParameterValue(parameter('max_connections'), '0b11');
    expect(read).toMatchObject({ kind: 'refused', sentence: expect.stringContaining('C library') });
  });

  it('a unit in the wrong case is answered with the right one', () => {
    const read = readParameterValue(parameter('shared_buffers'), '128mb');
    expect(read).toMatchObject({ kind: 'refused', advice: 'Write MB.' });
  });

  it('two ways to write one value are the same', () => {
    expect(isSameValue(parameter('shared_buffers'), '1GB', '131072')).toBe(true);
    expect(isSameValue(parameter('fsync'), 'on', 'true')).toBe(true);
    expect(isSameValue(parameter('fsync'), 'on', 'off')).toBe(false);
  });

  it('what the server counts in pages is shown in bytes', () => {
    expect(valueInWords(parameter('shared_buffers'), '16384')).toBe('128MB');
    expect(valueInWords(parameter('checkpoint_timeout'), '300')).toBe('5min');
    expect(valueInWords(parameter('log_min_duration_statement'), '-1')).toBe('-1');
  });
});
