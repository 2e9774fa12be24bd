import { describe, expect, it } from 'vitest';
import { readSampleLine } from '../../../../shared/rules/statistics/read-sample';

const json = {
  now: 2,
  start: 1,
  recovery: false,
  wal: 5,
  behind: null,
  commits: 1,
  rollbacks: 0,
  hits: 1,
  reads: 0,
  total: 1,
  active: 0,
  idle: 1,
  idle_in_transaction: 0,
  waiting: 0,
  replicas: [['db "2"\n', 10, null]],
};

describe('a line of the script that reads figures', () => {
  it('is read as counters of the server', () => {
    expect(readSampleLine('H 12.5 10 40 1000 600 300 700 1 2 3 4')).toMatchObject({
      kind: 'host',
      reading: { uptime: 12.5, cpuBusy: 10, disk: { used: 300, free: 700 }, networkOut: 4 },
    });
  });
  it('is read without the disk where that is not known', () => {
    expect(readSampleLine('H 12.5 10 40 1000 600 - - 1 2 3 4')).toMatchObject({ reading: { disk: null } });
  });
  it('is read as counters of PostgreSQL, whatever its replicas are called', () => {
    expect(readSampleLine(`P ${JSON.stringify(json)}`)).toMatchObject({ kind: 'postgres', reading: json });
  });
  it('says that PostgreSQL is down', () => {
    expect(readSampleLine('D')).toEqual({ kind: 'down' });
  });
  it.each([
    [''],
    ['bash: warning: setlocale'],
    ['H 1 2 3'],
    ['H 12.5 10 40 1000 600 300 700 1 2 3 nan'],
    ['H 12.5 10 40 1000 600 300 700 1 2 3 -4'],
    ['P {'],
    ['P {"now":1}'],
    [`P ${JSON.stringify({ ...json, commits: '1' })}`],
    [`P ${JSON.stringify({ ...json, hits: -1 })}`],
  ])('is left alone where it is none: %j', (line) => {
    expect(readSampleLine(line)).toBeNull();
  });
});
