import { describe, expect, it } from 'vitest';
import type { InstalledPackage } from '../../../../shared/model/upgrade/upgrade';
import { judgeAddition, judgeAptPlan, judgeRemoval } from '../../../../shared/rules/upgrade/apt-plan';

const chosen: readonly InstalledPackage[] = [
  { part: 'postgresql', name: 'postgresql-17', installed: '17.5-1', offered: '17.6-1', held: false },
];
const SOURCES = ['Source postgresql-17 postgresql-17', 'Source libpq5 postgresql-17', 'Source libssl3 openssl'];

describe('what apt would do', () => {
  it('is just what was chosen', () => {
    const lines = ['Inst postgresql-17 [17.5-1] (17.6-1 Debian:13 [amd64])', ...SOURCES];
    expect(judgeAptPlan(lines, chosen)).toEqual({ sameSource: [], others: [] });
  });

  it('may have upgrades of the same source with it, which are named', () => {
    const lines = ['Inst libpq5 [17.5-1] (17.6-1 Debian:13 [amd64])', ...SOURCES];
    expect(judgeAptPlan(lines, chosen)).toEqual({ sameSource: ['libpq5'], others: [] });
  });

  it.each([
    ['removes a package', 'Remv postgresql-17-postgis [3.5]', 'remove postgresql-17-postgis'],
    [
      'installs one that is not there',
      'Inst libnew1 (1.0 Debian:13 [amd64])',
      'install libnew1, which is not there yet',
    ],
    ['upgrades one of another source', 'Inst libssl3:amd64 [3.0] (3.1 Debian:13 [amd64])', 'upgrade libssl3 as well'],
  ])('is refused where it %s', (_case, line, other) => {
    expect(judgeAptPlan([line, ...SOURCES], chosen).others).toEqual([other]);
  });
});

describe('packages beside the present ones', () => {
  it('are installed where apt adds only what is not there', () => {
    expect(
      judgeAddition(['Inst libx (1 Debian:13 [amd64])', 'Inst postgresql-17:amd64 (17.6 Debian:13 [amd64])']),
    ).toEqual({
      added: ['libx', 'postgresql-17'],
      others: [],
    });
  });

  it('are not installed where apt would remove or renew what is there', () => {
    const { others } = judgeAddition(['Inst libpq5 [15.1] (17.6 Debian:13 [amd64])', 'Remv patroni [4.0.7]']);
    expect(others).toEqual(['put another version of libpq5 in place', 'remove patroni']);
  });

  it('are removed where nothing else goes with them', () => {
    expect(judgeRemoval(['Purg postgresql-17 [17.6]', 'Purg libx [1]'], ['postgresql-17', 'libx'])).toEqual([]);
    expect(judgeRemoval(['Purg postgresql-17 [17.6]', 'Purg postgis [3]'], ['postgresql-17'])).toEqual([
      'remove postgis',
    ]);
  });
});
