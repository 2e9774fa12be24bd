import type { OperationCheck } from '../../model/operate/operation';
import type { RepairPlace, RepairEvidence } from '../../model/repair/repair';
import { namesInWords } from '../words/wording';

/** A check that lets a repair go on. */
export const passes = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'ok', sentence });
/** A check that a person should read. */
export const warnsOf = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'warns', sentence });
/** A check that stops a repair. */
export const refusesFor = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'refuses', sentence });

/** What was found at the places, as evidence. */
export function evidenceOfPlaces(places: readonly RepairPlace[]): readonly RepairEvidence[] {
  return places.map((place) => ({
    sentence: [agentInWords(place), dataInWords(place)].filter((part) => part !== '').join(' '),
    source: place.server === null ? `no server of ${place.member} is known` : `${place.server} over SSH`,
    at: place.at,
  }));
}

function agentInWords({ member, agent }: RepairPlace): string {
  return agent.kind === 'unknown' ? `${member}: whether Patroni runs is not known. ${agent.why}` : agent.sentence;
}

function dataInWords({ data, agent }: RepairPlace): string {
  switch (data.kind) {
    case 'none':
      return `There is nothing in ${data.directory}.`;
    case 'files':
      return `${data.directory} has files, but no control file of PostgreSQL.`;
    case 'cluster':
      return `${data.directory} has the data of a cluster (system identifier ${data.systemIdentifier ?? 'not known'}).`;
    case 'unknown':
      return agent.kind === 'unknown' ? '' : data.why;
  }
}

/** Members of which nothing is known, so that only a person can say that they are gone for good. */
export function silentMembers(places: readonly RepairPlace[]): readonly string[] {
  return places.filter(({ agent }) => agent.kind === 'unknown').map(({ member }) => member);
}

/**
 * Whether no Patroni of these members runs or may run. One that cannot be asked counts as running, unless it is named among those that
 * are gone for good; one that answers is not gone, whatever is said of it.
 */
export function checkStopped(places: readonly RepairPlace[], gone: readonly string[]): readonly OperationCheck[] {
  return [...places.flatMap((place) => checkAgent(place, gone)), ...checkGone(places, silentMembers(places), gone)];
}

function checkAgent(place: RepairPlace, gone: readonly string[]): readonly OperationCheck[] {
  const { agent, member } = place;
  switch (agent.kind) {
    case 'runs':
      return [refusesFor('repair.agent_runs', `${agent.sentence} Stop it first, or leave this as it is.`)];
    case 'stopped':
      return agent.startsAtBoot === false
        ? [passes('agent', agent.sentence)]
        : [
            warnsOf(
              'repair.starts_at_boot',
              `${agent.sentence} ${
                agent.startsAtBoot === null
                  ? 'Whether it starts with its server is not known.'
                  : 'It starts with its server, and then writes its keys anew.'
              }`,
            ),
          ];
    case 'unknown':
      return gone.includes(member)
        ? [warnsOf('repair.said_to_be_gone', `You say that ${member} is gone for good. ${agent.why}`)]
        : [
            refusesFor(
              'repair.not_known',
              `Whether Patroni of ${member} runs is not known: ${agent.why} That is enough to refuse, unless you say by ` +
                'its name that it is gone for good.',
            ),
          ];
  }
}

/** What was said to be gone and is not among the silent, or is nobody. */
export function checkGone(
  places: readonly RepairPlace[],
  silent: readonly string[],
  gone: readonly string[],
): readonly OperationCheck[] {
  const wrong = gone.filter((name) => !silent.includes(name));
  if (wrong.length === 0) return [];
  const known = wrong.filter((name) => places.some(({ member }) => member === name));
  const unknown = wrong.filter((name) => !known.includes(name));
  return [
    ...(known.length === 0
      ? []
      : [refusesFor('repair.not_gone', `The server of ${namesInWords(known)} answers: it is not gone.`)]),
    ...(unknown.length === 0
      ? []
      : [refusesFor('repair.no_member', `This cluster has no member called ${namesInWords(unknown)}.`)]),
  ];
}

/** The places as a fingerprint has them: what was decided by, without when it was read and in which words. */
export function placesInFingerprint(places: readonly RepairPlace[]): readonly string[] {
  return places.map(({ member, agent, data, atWork }) =>
    [member, agent.kind, data.kind, data.kind === 'cluster' ? data.systemIdentifier : '', ...atWork].join(' '),
  );
}
