import { describe, expect, it } from 'vitest';
import { checkConfigPatch } from '../../../../shared/rules/configure/config-rules';
import { judgeParameterName } from '../../../../shared/rules/configure/postgres-parameters';

const check = (name: string) => checkConfigPatch({}, { postgresql: { parameters: { [name]: '4' } } }, '4.0.0');

describe("a parameter's name", () => {
  it.each(['max_connections', 'work_mem', 'io_method', 'TimeZone'])('%s is known', (name) => {
    expect(judgeParameterName(name)).toEqual({ kind: 'known' });
  });

  it('with a dot belongs to an extension, and is taken as it is', () => {
    expect(judgeParameterName('auto_explain.log_min_duration')).toEqual({ kind: 'extension' });
    expect(check('auto_explain.log_min_duration')).toEqual([]);
  });

  it('that PostgreSQL does not know is refused with the nearest one that it knows', () => {
    expect(judgeParameterName('max_conections')).toEqual({ kind: 'unknown', meant: 'max_connections' });
    expect(check('max_conections')).toMatchObject([
      { verdict: 'refuses', sentence: expect.stringContaining('Did you mean max_connections?') },
    ]);
  });

  it('that is near to none is a warning only: a newer release may know it', () => {
    expect(check('some_parameter_of_tomorrow')).toMatchObject([{ verdict: 'warns' }]);
  });
});
