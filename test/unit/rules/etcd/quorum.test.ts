import { describe, expect, it } from 'vitest';
import { hasEvenMembership, quorumSize, toleratedLosses } from '../../../../shared/rules/etcd/quorum';

describe('the quorum of etcd', () => {
  it.each([
    [1, 1, 0],
    [2, 2, 0],
    [3, 2, 1],
    [4, 3, 1],
    [5, 3, 2],
    [7, 4, 3],
  ])('of %i members is %i, and %i may be lost', (members, size, losses) => {
    expect(quorumSize(members)).toBe(size);
    expect(toleratedLosses(members)).toBe(losses);
  });

  it('tolerates no loss where there are no members', () => {
    expect(toleratedLosses(0)).toBe(0);
  });

  it.each([
    [0, false],
    [1, false],
    [2, true],
    [3, false],
    [4, true],
  ])('of %i members has one that adds nothing: %s', (members, even) => {
    expect(hasEvenMembership(members)).toBe(even);
  });
});
