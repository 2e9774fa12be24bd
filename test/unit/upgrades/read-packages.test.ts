import { describe, expect, it } from 'vitest';
import { readPackages } from '../../../electron/core/upgrades/read-packages';

const answer = (...lines: readonly string[]): string => `${[...lines, 'end\tof packages'].join('\n')}\n`;

describe('what a server says of its packages', () => {
  it('is each package with its version, what is offered, and whether it is held', () => {
    const { packages } = readPackages(
      'db1',
      answer('package\tpatroni\t4.0.6-1', 'package\thaproxy\t3.0.1-1', 'offered\tpatroni\t4.0.7-1', 'held\thaproxy'),
    );
    expect(packages).toEqual([
      { part: 'patroni', name: 'patroni', installed: '4.0.6-1', offered: '4.0.7-1', held: false },
      { part: 'haproxy', name: 'haproxy', installed: '3.0.1-1', offered: null, held: true },
    ]);
  });

  it.each(['4.0.7; reboot', '$(id)', '-1', '4 0', "4'0", ''])('is no version that Debian allows: %s', (version) => {
    expect(readPackages('db1', answer(`package\tpatroni\t${version}`)).packages).toEqual([]);
    const offered = readPackages('db1', answer('package\tpatroni\t1-1', `offered\tpatroni\t${version}`));
    expect(offered.packages.map((one) => one.offered)).toEqual([null]);
  });

  it('names processes that run a program which has been replaced', () => {
    const { outdatedProcesses } = readPackages('db1', answer('process\tpostgres\told', 'process\tetcd\tnew'));
    expect(outdatedProcesses).toEqual(['postgresql']);
  });

  it('leaves open what processes run where they could not be looked at', () => {
    expect(readPackages('db1', answer('process\tpostgres\tunknown')).outdatedProcesses).toBeNull();
    expect(readPackages('db1', answer()).outdatedProcesses).toEqual([]);
  });

  it('knows how old the lists of packages are', () => {
    expect(readPackages('db1', answer('lists\t3600')).listsAgeMs).toBe(3_600_000);
    expect(readPackages('db1', answer()).listsAgeMs).toBeNull();
    expect(readPackages('db1', answer('lists\tmuch')).listsAgeMs).toBeNull();
  });

  it('is refused where it does not come to its end', () => {
    expect(() => readPackages('db1', 'package\tpatroni\t4.0.6-1\n')).toThrow(/did not answer the whole/);
  });

  it('is refused of a server without dpkg, with what to do instead', () => {
    expect(() => readPackages('db1', 'none\tdpkg\n')).toThrow(/no dpkg/);
  });
});
