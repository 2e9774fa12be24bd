import { describe, expect, it } from 'vitest';
import { checkEtcdMember } from '../../../../../shared/rules/deploy/check/check-etcd-member';
import { memberResource } from '../../../../../shared/rules/deploy/steps/join-steps';
import { facts, found, input, listed, serverFixture, specWith } from '../day2/fixtures';

const url = (name: string): string => `${name}=http://10.0.0.${name.slice(1)}:2380`;
const trio = specWith(serverFixture('n1'), serverFixture('n2'), serverFixture('n3'));
const founder = (name: string) => found(name, { state: 'new', cluster: [url('n1'), url('n2'), url('n3')].join(',') });
const lone = found('n1', { state: 'new', cluster: url('n1') });

describe('a change of the members of etcd', () => {
  const removal = (members: readonly string[], dead: readonly string[], who: string): string => {
    const about = input(
      trio,
      facts(
        [founder('n1')],
        members.map((name) => listed(name)),
        null,
        dead,
      ),
    );
    return checkEtcdMember(
      memberResource(about, serverFixture(who), 'remove', null),
      about.facts.cluster,
      founder('n1'),
    ).action;
  };
  it.each([
    [['n1', 'n2', 'n3'], [], 'n3', 'run'],
    [['n1', 'n2', 'n3'], ['n3'], 'n3', 'run'],
    [['n1', 'n2', 'n3'], ['n2'], 'n3', 'refuse'],
    [['n1', 'n2'], [], 'n2', 'run'],
    [['n1', 'n2', 'n3', 'n4', 'n5'], ['n4', 'n5'], 'n5', 'run'],
    [['n1', 'n2', 'n3', 'n4', 'n5'], ['n4', 'n5'], 'n3', 'refuse'],
    [['n1'], [], 'n1', 'refuse'],
    [['n1', 'n2'], [], 'n3', 'none'],
  ] as const)('of %j with %j down that removes %s is judged "%s"', (members, dead, who, verdict) => {
    expect(removal(members, dead, who)).toBe(verdict);
  });

  it('is refused when a member would join without a majority', () => {
    const about = input(trio, facts([lone], null));
    expect(
      checkEtcdMember(memberResource(about, serverFixture('n2'), 'add', null), about.facts.cluster, found('n2')),
    ).toMatchObject({ action: 'refuse' });
  });

  it('is refused when the new member has the data of a removed one', () => {
    const about = input(trio, facts([lone], [listed('n1')]));
    expect(
      checkEtcdMember(memberResource(about, serverFixture('n2'), 'add', null), about.facts.cluster, founder('n2')),
    ).toMatchObject({ action: 'refuse' });
  });
});
