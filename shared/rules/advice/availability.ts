import type { AdviceFacts } from '../../model/advice/advice-facts';
import type { Member } from '../../model/cluster/member';
import { missingTtlSeconds } from '../cluster/timing-rule';
import { quorumSize, toleratedLosses } from '../etcd/quorum';
import { namesInWords, spanInWords } from '../words/wording';
import { advise, evidenceOf, evidenceOfState, lookAtMembers, notChecked, well, type AdviceRule } from './advice-rule';

const form = { tab: 'configuration', view: 'form', label: 'Open the form' } as const;
const tagsForm = { tab: 'configuration', view: 'member', label: 'Open patroni.yml' } as const;
const servers = { tab: 'servers', label: 'Open servers and services' } as const;
const NO_CONFIG = 'The dynamic configuration in the DCS is not known.';

const onlyCopy: AdviceRule = {
  id: 'only_copy',
  title: 'More than one copy of the data',
  area: 'Availability',
  why:
    'With one member nobody can take over, and its disk is the only one that has the data. With two there is no ' +
    'copy left to fail over to once one is lost.',
  look: ({ state }) => {
    const present = state.members.filter(({ condition }) => condition !== 'gone');
    if (present.length === 0) return notChecked('No member of the cluster is known.');
    const evidence = [evidenceOfState(state, `Members: ${namesInWords(present.map(({ name }) => name))}.`)];
    const todo = 'Add a server with a replica.';
    if (present.length === 1)
      return advise(
        'critical',
        { sentence: 'The cluster has one member: there is one copy of the data.', todo, place: servers },
        evidence,
      );
    if (present.length === 2)
      return advise(
        'info',
        { sentence: 'With two members, none is left to take over after the first is lost.', todo, place: servers },
        evidence,
      );
    return well(`${present.length} members.`);
  },
};

const sameMachine: AdviceRule = {
  id: 'same_machine',
  title: 'Members on machines of their own',
  area: 'Availability',
  why: 'Members on one machine are lost together.',
  look: (facts) => {
    const read = facts.members.flatMap(({ name, server }) =>
      server.kind === 'read' && server.value.machineId !== null
        ? [{ name, machineId: server.value.machineId, server }]
        : [],
    );
    const unknown = facts.members
      .filter(({ name }) => read.every((one) => one.name !== name))
      .map(({ name, server }) => ({
        about: name,
        why: server.kind === 'not_read' ? server.why : 'The server did not tell its machine ID.',
      }));
    const shared = read.filter(({ name, machineId }) =>
      read.some((other) => other.name !== name && other.machineId === machineId),
    );
    if (shared.length === 0)
      return { advice: null, notChecked: unknown, seen: 'Every server has a machine ID of its own.' };
    const names = shared.map(({ name }) => name);
    return {
      ...advise(
        'critical',
        {
          sentence: `${namesInWords(names)} run on machines with the same ID.`,
          todo: 'Move all but one of them to another machine. Clones of one image need a new /etc/machine-id each.',
          place: servers,
        },
        shared.map(({ server, machineId }) => evidenceOf(server, `Machine ID ${machineId}.`)),
        names,
      ),
      notChecked: unknown,
    };
  },
};

/** Whether a member may take over by its own tags (patroni/tags.py): failover_priority 0 is as good as nofailover. */
function mayTakeOver({ tags }: Member): boolean {
  return tags['nofailover'] !== true && !(tags['nofailover'] === undefined && tags['failover_priority'] === 0);
}

const nobodyMayTakeOver: AdviceRule = {
  id: 'nobody_may_take_over',
  title: 'Replicas that may take over',
  area: 'Availability',
  why: 'Patroni never promotes a member with nofailover or failover_priority 0, not even when it is the last one.',
  look: ({ state }) => {
    if (!state.leader.known) return notChecked('Who leads the cluster is not known.');
    const replicas = state.members.filter(
      ({ name, condition }) => name !== state.leader.holder && condition !== 'gone',
    );
    if (replicas.length === 0) return well('There are no replicas.');
    const barred = replicas.filter((member) => !mayTakeOver(member));
    if (barred.length < replicas.length)
      return well(`${replicas.length - barred.length} of ${replicas.length} replicas may take over.`);
    const names = barred.map(({ name }) => name);
    return advise(
      'critical',
      {
        sentence: 'No replica may take over: all have nofailover or failover_priority 0.',
        todo: 'Take the tag from at least one of them.',
        place: tagsForm,
      },
      barred.map((member) => evidenceOfState(state, `Tags of ${member.name}: ${JSON.stringify(member.tags)}.`)),
      names,
    );
  },
};

const etcdOdd: AdviceRule = {
  id: 'etcd_odd',
  title: 'An odd number of etcd members, three or more',
  area: 'Availability',
  why: 'etcd needs a majority. Without it Patroni demotes the primary. An even number tolerates no more losses than one member less.',
  look: ({ etcd }) => {
    if (etcd.kind === 'not_read') return notChecked(etcd.why);
    const voters = etcd.value.members.filter(({ learner }) => !learner);
    if (voters.length === 0) return notChecked('etcd told no members.');
    const names = voters.map(({ name, id }) => (name === '' ? id : name));
    const evidence = [
      evidenceOf(
        etcd,
        `Voting members: ${namesInWords(names)}. Quorum ${quorumSize(voters.length)}, tolerated losses ${toleratedLosses(voters.length)}.`,
      ),
    ];
    const place = { tab: 'etcd', view: 'add_member', label: 'Add a member of etcd' } as const;
    if (voters.length === 1)
      return advise(
        'critical',
        {
          sentence: 'etcd has one member: when it is lost, the cluster takes no writes.',
          todo: 'Add two members on other servers.',
          place,
        },
        evidence,
      );
    if (voters.length % 2 === 0)
      return advise(
        voters.length === 2 ? 'critical' : 'warning',
        {
          sentence: `etcd has ${voters.length} members, an even number.`,
          todo: 'Add one more member, or remove one.',
          place,
        },
        evidence,
      );
    return well(`${voters.length} voting members.`);
  },
};

const etcdApart: AdviceRule = {
  id: 'etcd_apart',
  title: 'etcd on a disk or a server of its own',
  area: 'Availability',
  why:
    'etcd waits for its disk on every write. A checkpoint or a backup of PostgreSQL on the same disk can hold it ' +
    'up until the leader key expires.',
  look: (facts) =>
    lookAtMembers(facts, ({ server }) => server, {
      judge: ({ etcdRuns, etcdDevice, dataDevice }) => {
        if (!etcdRuns) return { kind: 'well' };
        if (etcdDevice === null || dataDevice === null)
          return {
            kind: 'unknown',
            why: 'etcd runs on the server, but on which disk its data or that of PostgreSQL is was not told.',
          };
        return etcdDevice === dataDevice
          ? { kind: 'wrong', text: `The data of etcd and of PostgreSQL are on ${etcdDevice}.` }
          : { kind: 'well' };
      },
      severity: 'warning',
      words: (names) => ({
        sentence: `etcd shares a disk with PostgreSQL on ${names}.`,
        todo: 'Give etcd a disk or servers of its own. Until then watch how long its writes take on the charts.',
        place: { tab: 'charts', label: 'Open the charts' },
      }),
      seen: 'No server has etcd on the disk of PostgreSQL.',
    }),
};

const timing: AdviceRule = {
  id: 'timing',
  title: 'ttl, loop_wait and retry_timeout fit together',
  area: 'Availability',
  why:
    'Patroni needs loop_wait + 2 * retry_timeout <= ttl, else a leader loses its lock before it notices. It ' +
    'corrects wrong values in memory, and they stay wrong in the DCS.',
  look: ({ state }) => {
    const { config } = state;
    if (config === null) return notChecked(NO_CONFIG);
    const { ttl, loopWait, retryTimeout } = config;
    const text = `ttl ${ttl}, loop_wait ${loopWait}, retry_timeout ${retryTimeout} (seconds).`;
    const missing = missingTtlSeconds(config);
    const evidence = [evidenceOfState(state, text)];
    if (missing > 0)
      return advise(
        'warning',
        {
          sentence: `ttl is ${missing} s too short for loop_wait and retry_timeout.`,
          todo: `Set ttl to at least ${ttl + missing}.`,
          place: form,
        },
        evidence,
      );
    if (ttl < 20 || loopWait < 1 || retryTimeout < 3)
      return advise(
        'warning',
        {
          sentence: 'A time is below the least that Patroni takes: ttl 20, loop_wait 1, retry_timeout 3.',
          todo: 'Raise it.',
          place: form,
        },
        evidence,
      );
    if (ttl > 120)
      return advise(
        'info',
        {
          sentence: `A lost leader is only noticed after ${spanInWords(ttl * 1000)}.`,
          todo: 'Lower ttl where the network allows it.',
          place: form,
        },
        evidence,
      );
    return well(text);
  },
};

const failsafe: AdviceRule = {
  id: 'failsafe',
  title: 'Failsafe mode',
  area: 'Availability',
  why: 'Without it an outage of etcd demotes the primary of a cluster that is well in every other way (Patroni 3.0 and later).',
  look: ({ state }) => {
    if (state.config === null) return notChecked(NO_CONFIG);
    if (state.config.failsafeMode) return well('failsafe_mode is on.');
    const versions = state.members.flatMap(({ patroniVersion }) => patroniVersion ?? []);
    if (versions.length === 0)
      return notChecked('The version of Patroni is not known, so whether it has failsafe mode is not either.');
    if (versions.some((version) => /^[012]\./.test(version))) return well('Patroni before 3.0 has no failsafe mode.');
    return advise(
      'info',
      {
        sentence: 'An outage of etcd would make the whole cluster read-only: failsafe mode is off.',
        todo: 'Switch failsafe_mode on. All members must reach the REST API of all others.',
        place: form,
      },
      [evidenceOfState(state, 'failsafe_mode is off.')],
    );
  },
};

const watchdog: AdviceRule = {
  id: 'watchdog',
  title: 'Watchdog',
  area: 'Availability',
  why:
    'A Patroni that hangs while it leads cannot stop its PostgreSQL. A watchdog restarts the machine before ' +
    'another member takes over, so that there are never two primaries.',
  look: (facts) => {
    const judged = facts.members.map((member) => ({ member, verdict: watchdogOf(member) }));
    const unknown = judged.flatMap(({ member, verdict }) =>
      'why' in verdict ? [{ about: member.name, why: verdict.why }] : [],
    );
    const wrong = judged.flatMap(({ member, verdict }) =>
      'text' in verdict && member.own.kind === 'read'
        ? [{ name: member.name, evidence: evidenceOf(member.own, verdict.text) }]
        : [],
    );
    if (facts.members.length === 0) return notChecked('No member of the cluster is known.');
    if (wrong.length === 0)
      return { advice: null, notChecked: unknown, seen: 'Every member has a watchdog that it may use.' };
    const names = wrong.map(({ name }) => name);
    return {
      ...advise(
        'warning',
        {
          sentence: `No watchdog guards ${namesInWords(names)}.`,
          todo:
            'Load softdog (or the hardware watchdog), let the user of Patroni write to /dev/watchdog, and set ' +
            'watchdog.mode to automatic or required.',
          place: tagsForm,
        },
        wrong.map(({ evidence }) => evidence),
        names,
      ),
      notChecked: unknown,
    };
  },
};

type WatchdogVerdict = { readonly text: string } | { readonly why: string } | { readonly kind: 'well' };

function watchdogOf({ own, server }: AdviceFacts['members'][number]): WatchdogVerdict {
  if (own.kind === 'not_read') return { why: own.why };
  const { watchdogMode, watchdogDevice } = own.value;
  if (watchdogMode === 'off') return { text: 'watchdog.mode is off.' };
  if (server.kind === 'not_read') return { why: server.why };
  if (server.value.watchdogThere === null) return { why: `Whether ${watchdogDevice} is there was not told.` };
  return server.value.watchdogThere
    ? { kind: 'well' }
    : { text: `watchdog.mode is ${watchdogMode}, and ${watchdogDevice} is not there.` };
}

const paused: AdviceRule = {
  id: 'paused',
  title: 'Automatic failover',
  area: 'Availability',
  why: 'While a cluster is paused, nobody takes over when the leader fails.',
  look: ({ state }) => {
    if (state.paused === null) return notChecked('Whether the cluster is paused is not known.');
    if (!state.paused) return well('The cluster is not paused.');
    return advise(
      'warning',
      {
        sentence: 'The cluster is paused: there is no automatic failover.',
        todo: 'Resume it when the maintenance is over.',
        place: { tab: 'overview', label: 'Open the overview' },
      },
      [evidenceOfState(state, 'pause is on.')],
    );
  },
};

/** What keeps a cluster available. */
export const availabilityRules: readonly AdviceRule[] = [
  onlyCopy,
  sameMachine,
  nobodyMayTakeOver,
  etcdOdd,
  etcdApart,
  timing,
  failsafe,
  watchdog,
  paused,
];
