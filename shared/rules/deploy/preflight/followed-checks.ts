import type { FollowedFacts } from '../../../model/deploy/facts';
import type { StandbySpec } from '../../../model/deploy/spec/standby-spec';
import { namesInWords } from '../../words/wording';
import { serversWith } from '../layout';
import { blocks, fine, warns, type CheckResult, type PreflightInput } from './input';

const PREPARE = 'Prepare the followed cluster (Settings, Standby cluster), then check again.';

/**
 * Whether every server that may come to follow the other cluster can: as a standby logs in, to a primary of the same
 * version, by its slot.
 */
export function followedLetsIn(input: PreflightInput): CheckResult | null {
  const { followed, spec } = input;
  const { standby } = spec;
  if (standby === undefined || followed === null) return null;
  if (followed.missing.length > 0)
    return blocks(
      `The ${followed.missing.length === 1 ? 'password' : 'passwords'} of ${namesInWords(followed.missing)} ` +
        `${followed.missing.length === 1 ? 'is' : 'are'} not known.`,
      'The roles are those of the followed cluster: choose it again in the settings, or set the passwords that they have there.',
    );
  const servers = serversWith(spec, 'postgres').filter(({ name }) => input.servers[name] !== undefined);
  const refused = followed.answers.find(({ verdict }) => verdict === 'refused');
  if (refused !== undefined) return blocks(`${refused.host} to ${refused.from}: ${refused.words}`, PREPARE);
  const without = servers.filter(({ name }) => primaryFor(followed.answers, name) === undefined);
  if (without.length > 0) return noPrimary(followed.answers, without[0]?.name ?? '');
  const primary = followed.answers.find(({ verdict }) => verdict === 'primary');
  return primary === undefined ? null : judgePrimary(primary, standby, input.postgresVersion);
}

function primaryFor(answers: readonly FollowedFacts[], from: string): FollowedFacts | undefined {
  return answers.find((answer) => answer.from === from && answer.verdict === 'primary');
}

function noPrimary(answers: readonly FollowedFacts[], from: string): CheckResult {
  const own = answers.filter((answer) => answer.from === from);
  const told = own.map(({ host, verdict, words }) =>
    verdict === 'replica' ? `${host} is a replica` : `${host}: ${words}`,
  );
  return blocks(
    `${from} reaches no primary. ${told.join('; ')}${told.length === 0 ? 'No address was asked.' : '.'}`,
    'Name all members or an address that leads to the primary, and open the port between the sites.',
  );
}

function judgePrimary(primary: FollowedFacts, { slot }: StandbySpec, version: number | null): CheckResult {
  if (version !== null && primary.version !== null && version !== primary.version)
    return blocks(
      `${primary.host} runs PostgreSQL ${primary.version}, these servers would get ${version}.`,
      'A physical copy runs with the same major version alone: choose it under Sources and versions.',
    );
  if (slot !== undefined && primary.slot === 'missing') return blocks(`${primary.host} has no slot ${slot}.`, PREPARE);
  const evidence = `${primary.host} is the primary, PostgreSQL ${primary.version ?? '?'}, and lets all servers in.`;
  return slot !== undefined && primary.slot === 'not_known'
    ? warns(evidence, `Whether it has the slot ${slot} cannot be asked by a standby before PostgreSQL 15.`)
    : fine(slot === undefined ? evidence : `${evidence} It has the slot ${slot}.`);
}
