import { describe, expect, it } from 'vitest';
import {
  compareVersions,
  ETCD_LOGIN_SINCE,
  faultsOf,
  hasSince,
  knownEtcd,
  knownPatroni,
  knownPostgres,
  lineOf,
  VERSIONS_AS_OF,
} from '../../../../shared/rules/advice/known-versions';
import { complaintsOf } from '../../../../shared/rules/advice/software';

const DAY = /^\d{4}-\d\d-\d\d$/;
const tables = { knownPostgres, knownPatroni, knownEtcd };

describe.each(Object.entries(tables))('the table %s', (_name, table) => {
  it('has lines in order, each with a newest release of its own and a day on which its support ends, or none', () => {
    for (const [index, { line, newest, supportedUntil }] of table.lines.entries()) {
      expect(lineOf(table, newest)?.line).toBe(line);
      if (supportedUntil !== null) expect(supportedUntil).toMatch(DAY);
      if (supportedUntil !== null) expect(new Date(supportedUntil).toISOString().slice(0, 10)).toBe(supportedUntil);
      const before = table.lines[index - 1];
      if (before !== undefined) expect(compareVersions(before.line, line)).toBeLessThan(0);
    }
  });

  it('has faults that begin before they end, within one line, with words that fit into a sentence', () => {
    for (const { from, fixedIn, fault } of table.faults) {
      expect(compareVersions(from, fixedIn)).toBeLessThan(0);
      expect(fault).toMatch(/^[a-zA-Z].*[^.]$/);
      expect(faultsOf(table, from).map((one) => one.fault)).toContain(fault);
      expect(faultsOf(table, fixedIn).map((one) => one.fault)).not.toContain(fault);
    }
  });
});

it('has the day of the tables, which is not in the future', () => {
  expect(VERSIONS_AS_OF).toMatch(DAY);
  expect(Date.parse(VERSIONS_AS_OF)).toBeLessThan(Date.now());
});

it.each([
  ['9.6.24', '10.1', -1],
  ['17.10', '17.9', 1],
  ['3.5.0-rc.1', '3.5.0', 0],
  ['4.0.10.1', '4.0.10', 1],
])('orders %s and %s', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b) ?? 9)).toBe(sign);
});

it('says nothing of what is no version', () => {
  expect(compareVersions('unknown', '1.0')).toBeNull();
  expect(faultsOf(knownEtcd, 'unknown')).toEqual([]);
  expect(hasSince(ETCD_LOGIN_SINCE, 'x')).toBeNull();
});

it.each([
  ['3.5.27', false],
  ['3.5.28', true],
  ['3.6.8', false],
  ['3.6.10', true],
  ['3.7.0', true],
])('knows whether etcd %s answers only who has logged in', (version, strict) => {
  expect(hasSince(ETCD_LOGIN_SINCE, version)).toBe(strict);
});

it('calls a line newer than the table neither old nor faulty', () => {
  expect(complaintsOf(knownPostgres, '19.0', Date.parse('2027-01-01'))).toEqual([]);
});

it('warns half a year before a line goes out of support, and when it has', () => {
  const severities = (day: string) =>
    complaintsOf(knownPostgres, '15.99', Date.parse(day)).map(({ severity }) => severity);
  expect(severities('2027-01-01')).toEqual([]);
  expect(severities('2027-08-01')).toEqual(['info']);
  expect(severities('2027-12-01')).toEqual(['warning']);
});
