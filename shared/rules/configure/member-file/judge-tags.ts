import type { Member } from '../../../model/cluster/member';
import { isPatroniAtLeast } from '../../cluster/patroni-version';
import type { ConfigIssue } from '../config-issue';
import { findNearestName } from '../postgres-parameters';
import { readSwitchWord } from '../parameter-value';
import { findTag, tagFacts } from './tag-facts';

type Tags = Readonly<Record<string, unknown>>;

/** Whose tags are judged: the member's own version of Patroni, and the members with the tags that they report. */
export interface TagContext {
  readonly member: string;
  readonly version: string | null;
  readonly members: readonly Pick<Member, 'name' | 'tags'>[];
}

const issue = (severity: ConfigIssue['severity'], name: string, sentence: string, advice: string): ConfigIssue => ({
  path: ['tags', name],
  severity,
  sentence,
  advice,
});

/** Whether a value in the tags is on, as Patroni reads it. */
export function isTagOn(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === 'string' && readSwitchWord(value) === true);
}

/** What is wrong with the tags of a member, or has no effect. */
export function judgeTags(tags: Tags, context: TagContext): readonly ConfigIssue[] {
  return [
    ...Object.entries(tags).flatMap(([name, value]) => [
      ...judgeValue(name, value, context),
      ...judgeVersion(name, context),
    ]),
    ...judgePairs(tags),
    ...judgeSource(tags, context),
  ];
}

function judgeValue(name: string, value: unknown, { members, member }: TagContext): readonly ConfigIssue[] {
  const facts = findTag(name);
  if (facts === undefined) return judgeUnknownTag(name);
  switch (facts.kind) {
    case 'switch':
      return typeof value === 'boolean' || (typeof value === 'string' && readSwitchWord(value) !== null)
        ? []
        : [issue('error', name, `${name} must be true or false.`, 'Correct the value.')];
    case 'number':
      return Number.isInteger(Number(value)) && Number(value) >= 0 && value !== '' && typeof value !== 'boolean'
        ? []
        : [issue('error', name, `${name} must be a whole number of at least 0.`, 'Correct the value.')];
    case 'member': {
      if (value === member)
        return [issue('error', name, `${member} cannot replicate from itself.`, 'Choose another member.')];
      return members.some((one) => one.name === value)
        ? []
        : [
            issue(
              'warning',
              name,
              `${String(value)} is not a member of this cluster now; until it is, ${member} streams from the leader.`,
              'Choose one of the members.',
            ),
          ];
    }
  }
}

function judgeUnknownTag(name: string): readonly ConfigIssue[] {
  if (name === 'sync_priority') return [];
  const meant = findNearestName(
    name,
    tagFacts.map((one) => one.name),
  );
  return meant === null
    ? []
    : [issue('warning', name, `Patroni does nothing with a tag ${name}.`, `Did you mean ${meant}?`)];
}

function judgeVersion(name: string, { version, member }: TagContext): readonly ConfigIssue[] {
  const since = findTag(name)?.since ?? null;
  return since !== null && isPatroniAtLeast(version, since) === false
    ? [
        issue(
          'warning',
          name,
          `${name} needs Patroni ${since}; ${member} runs ${version} and ignores it.`,
          'Update Patroni there first, or remove the tag.',
        ),
      ]
    : [];
}

/** Tags of which one alone counts (patroni/tags.py; patroni/validator.py refuses them together). */
function judgePairs(tags: Tags): readonly ConfigIssue[] {
  const both = (one: string, other: string): boolean => tags[one] !== undefined && tags[other] !== undefined;
  const found: ConfigIssue[] = [];
  if (both('nofailover', 'failover_priority'))
    found.push(
      issue(
        'warning',
        'failover_priority',
        'nofailover and failover_priority exclude each other; nofailover counts.',
        'Remove one of the two.',
      ),
    );
  if (both('nosync', 'sync_priority'))
    found.push(
      issue('warning', 'sync_priority', 'nosync and sync_priority exclude each other; nosync counts.', 'Remove one.'),
    );
  return found;
}

/** Members that replicate from each other in a ring would receive nothing. */
function judgeSource(tags: Tags, { member, members }: TagContext): readonly ConfigIssue[] {
  const way = [member];
  for (let next = tags['replicatefrom']; typeof next === 'string' && next !== '';) {
    const at = next;
    if (at === member && way.length > 1)
      return [
        issue(
          'error',
          'replicatefrom',
          `${[...way, member].join(' replicates from ')}: in such a ring nobody receives anything new.`,
          'Choose a member that does not replicate from this one.',
        ),
      ];
    if (way.includes(at)) return [];
    way.push(at);
    next = members.find(({ name }) => name === at)?.tags['replicatefrom'];
  }
  return [];
}
