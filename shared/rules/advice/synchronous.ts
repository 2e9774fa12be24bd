import type { AdviceFacts } from '../../model/advice/advice-facts';
import type { Member } from '../../model/cluster/member';
import { bytesInWords, namesInWords } from '../words/wording';
import { advise, evidenceOfState, notChecked, well, type AdviceLook, type AdviceRule } from './advice-rule';

const form = { tab: 'configuration', view: 'form', label: 'Open the form' } as const;
const syncForm = { tab: 'configuration', view: 'sync', label: 'Open synchronous mode' } as const;
const NO_CONFIG = 'The dynamic configuration in the DCS is not known.';

function syncCandidates({ state }: AdviceFacts): readonly Member[] {
  return state.members.filter(
    ({ name, tags, condition }) => name !== state.leader.holder && tags['nosync'] !== true && condition !== 'gone',
  );
}

function nodeCountOf({ state }: AdviceFacts): number {
  const count = state.config?.raw['synchronous_node_count'];
  return typeof count === 'number' ? count : 1;
}

/** The rule by the cluster's synchronous mode; what it says where that is off or not known. */
function inSyncMode(facts: AdviceFacts, look: (mode: 'on' | 'quorum', strict: boolean) => AdviceLook): AdviceLook {
  const { state } = facts;
  if (state.config === null) return notChecked(NO_CONFIG);
  const { synchronous_mode: mode, synchronous_mode_strict: strict } = state.config.raw;
  if (mode !== true && mode !== 'on' && mode !== 'quorum') return well('Synchronous mode is off.');
  if (!state.leader.known) return notChecked('Who leads the cluster is not known.');
  return look(mode === 'quorum' ? 'quorum' : 'on', strict === true);
}

const syncCount: AdviceRule = {
  id: 'sync_count',
  title: 'synchronous_node_count fits the members',
  area: 'Availability',
  why:
    'A commit can wait only for replicas that are there. With more wanted than there are, there are fewer copies ' +
    'than the configuration promises.',
  look: (facts) =>
    inSyncMode(facts, (_mode, strict) => {
      const [wanted, there] = [nodeCountOf(facts), syncCandidates(facts)];
      const text = `synchronous_node_count ${wanted}; replicas without nosync: ${namesInWords(there.map(({ name }) => name))}.`;
      if (wanted <= there.length) return well(text);
      return advise(
        strict ? 'critical' : 'warning',
        {
          sentence:
            `synchronous_node_count is ${wanted}, and ${there.length} ` +
            `${there.length === 1 ? 'replica' : 'replicas'} can be synchronous.`,
          todo: 'Lower it, or add a replica.',
          place: syncForm,
        },
        [evidenceOfState(facts.state, text)],
      );
    }),
};

const syncStrict: AdviceRule = {
  id: 'sync_strict',
  title: 'Strict synchronous mode with a replica to spare',
  area: 'Availability',
  why: 'With synchronous_mode_strict writes stop when no synchronous replica is left: a restart of the only one stops the application.',
  look: (facts) =>
    inSyncMode(facts, (_mode, strict) => {
      if (!strict) return well('synchronous_mode_strict is off.');
      const [wanted, there] = [nodeCountOf(facts), syncCandidates(facts)];
      if (there.length > wanted) return well(`${there.length} replicas for ${wanted} wanted.`);
      return advise(
        'warning',
        {
          sentence:
            `Strict synchronous mode has no replica to spare: ${there.length} can be synchronous, ${wanted} ` +
            `${wanted === 1 ? 'is' : 'are'} wanted.`,
          todo: 'Add a replica, or accept commits without one by switching synchronous_mode_strict off.',
          place: syncForm,
        },
        [evidenceOfState(facts.state, `synchronous_mode_strict on, synchronous_node_count ${wanted}.`)],
      );
    }),
};

const syncOff: AdviceRule = {
  id: 'sync_off',
  title: 'Synchronous replication',
  area: 'Availability',
  why: 'With asynchronous replication a failover may lose the last transactions that were acknowledged, up to maximum_lag_on_failover.',
  look: ({ state }) => {
    if (state.config === null) return notChecked(NO_CONFIG);
    if (state.config.standbyCluster) return well('A standby cluster has no synchronous mode.');
    const { synchronous_mode: mode } = state.config.raw;
    if (mode === true || mode === 'on' || mode === 'quorum')
      return well(`synchronous_mode is ${mode === 'quorum' ? 'quorum' : 'on'}.`);
    if (state.members.length < 2) return well('There is no replica that a commit could wait for.');
    return advise(
      'info',
      {
        sentence: 'Replication is asynchronous: a failover may lose the last transactions.',
        todo: 'Choose synchronous mode where no acknowledged transaction may be lost; it costs a round trip per commit.',
        place: syncForm,
      },
      [evidenceOfState(state, 'synchronous_mode is off.')],
    );
  },
};

const MOST_LAG = 100 * 1024 ** 2;

const maximumLag: AdviceRule = {
  id: 'maximum_lag',
  title: 'maximum_lag_on_failover',
  area: 'Availability',
  why: 'A replica that is further behind does not take over. A large value lets one take over that lacks much; 0 may leave nobody.',
  look: ({ state }) => {
    if (state.config === null) return notChecked(NO_CONFIG);
    const bytes = state.config.maximumLagOnFailover;
    const evidence = [evidenceOfState(state, `maximum_lag_on_failover ${bytes} bytes.`)];
    if (bytes > MOST_LAG)
      return advise(
        'warning',
        {
          sentence: `A replica may take over that lacks ${bytesInWords(bytes)} of WAL.`,
          todo: `Set maximum_lag_on_failover to ${bytesInWords(MOST_LAG)} or less.`,
          place: form,
        },
        evidence,
      );
    if (bytes === 0)
      return advise(
        'warning',
        {
          sentence: 'maximum_lag_on_failover is 0: a replica that lacks one byte does not take over.',
          todo: 'Set it to 1048576, which is 1 MB.',
          place: form,
        },
        evidence,
      );
    return well(`${bytesInWords(bytes)}.`);
  },
};

/** Which transactions a failover may lose, and when commits wait. */
export const synchronousRules: readonly AdviceRule[] = [syncCount, syncStrict, syncOff, maximumLag];
