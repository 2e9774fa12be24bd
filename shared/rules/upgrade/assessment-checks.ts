import type { ClusterState } from '../../model/cluster/cluster-state';
import type { OperationCheck } from '../../model/operate/operation';
import type { AssessmentChoice, AssessmentReport, AssessmentStep } from '../../model/upgrade/assessment';
import { isRunning, isStreamingReplica, memberOf } from '../cluster/member-facts';
import { shellWord } from '../words/shell-words';
import { bytesInWords, namesInWords, spanInWords } from '../words/wording';

const GB = 1024 ** 3;
/** Assumed of a copy where none was measured, bytes a second. */
const USUAL_RATE = 100 * 1024 ** 2;

/** What the PostgreSQL of the chosen member says of itself. `size` is null where not every database tells its own. */
export interface AssessedMember {
  readonly version: number;
  readonly dataDirectory: string | null;
  readonly superuser: string | null;
  readonly preload: string | null;
  readonly maxPrepared: number;
  readonly walBytes: number | null;
  readonly senders: number;
  readonly slots: number;
  readonly size: number | null;
  readonly places: readonly string[];
}

/** What its server says. `want` are packages as `name=version`, `without` counterparts that no source offers. */
export interface AssessedServer {
  readonly hasOld: boolean;
  readonly hasNew: boolean;
  readonly hasSystemd: boolean;
  readonly place: 'ok' | 'missing' | 'closed' | 'inside';
  readonly free: number | null;
  readonly total: number | null;
  readonly shared: boolean;
  readonly want: readonly string[];
  readonly without: readonly string[];
}

/** All that was looked at before an assessment. */
export interface AssessmentLook {
  readonly choice: AssessmentChoice;
  readonly state: ClusterState;
  readonly server: string;
  readonly place: string;
  readonly directory: string;
  readonly asked: AssessedMember;
  readonly found: AssessedServer;
  /** What apt would do; `refusal`: why it would not. Null where nothing is installed. */
  readonly apt: {
    readonly added: readonly string[];
    readonly others: readonly string[];
    readonly refusal: string | null;
  } | null;
  readonly otherJob: string | null;
  readonly left: boolean;
  /** The last report, from whose copy the time is estimated; null: none. */
  readonly before: AssessmentReport | null;
}

/** How much room a copy needs, bytes; null: the size is not known. */
export function roomForAssessment({ size, walBytes }: Pick<AssessedMember, 'size' | 'walBytes'>): number | null {
  return size === null ? null : Math.ceil(size * 1.1 + (walBytes ?? 0) + GB / 2);
}

/** How much has to stay free while the copy is made, bytes: the cluster may write to the same file system. */
export function reserveFor(total: number | null): number {
  return Math.max(GB / 2, Math.min(10 * GB, Math.round((total ?? 0) * 0.05)));
}

/** Where a copy is made unless the user says otherwise: near the data, and outside of what belongs to its version. */
export function usualPlace(dataDirectory: string): string {
  const path = dataDirectory.replace(/\/+$/, '');
  return /^(.+)\/\d+\/[^/]+$/.exec(path)?.[1] ?? (path.replace(/\/[^/]+$/, '') || '/');
}

/** Why a path is none that a copy is made below; null where it is one. The path of a socket in it must not be too long. */
export function whyNotPlace(path: string): string | null {
  if (!/^(\/[A-Za-z0-9._-]+)+$/.test(path) || path.split('/').includes('..'))
    return 'An absolute path of letters, digits, dots, dashes and underscores.';
  return path.length > 56
    ? 'A path of at most 56 characters: the name of a socket below it has no room otherwise.'
    : null;
}

const refuses = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'refuses', sentence });
const warns = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'warns', sentence });
const ok = (code: string, sentence: string): OperationCheck => ({ code, verdict: 'ok', sentence });

/** What speaks against an assessment, and what was looked at. */
export function checkAssessment(look: AssessmentLook): readonly OperationCheck[] {
  return [...ownChecks(look), ...memberChecks(look), ...placeChecks(look), ...packageChecks(look)];
}

function ownChecks({ state, otherJob, left, choice, asked }: AssessmentLook): readonly OperationCheck[] {
  const major = Math.floor(asked.version / 10_000);
  return [
    ...(state.readOnly
      ? [
          refuses(
            'operation.read_only',
            'This cluster is set to read-only in this app. Change that in its settings first.',
          ),
        ]
      : []),
    ...(otherJob === null ? [] : [refuses('job.busy', `Another job is at work here: ${otherJob}.`)]),
    ...(left
      ? [refuses('upgrade.left', 'An assessment that was broken off left something. Clean up after it first.')]
      : []),
    ...(choice.target > major
      ? []
      : [refuses('upgrade.not_newer', `${choice.target} is no newer version than ${major}, which runs.`)]),
  ];
}

function memberChecks({ state, choice, asked }: AssessmentLook): readonly OperationCheck[] {
  const member = memberOf(state, choice.member);
  const leads = state.leader.holder === choice.member;
  if (member === null || !isRunning(member))
    return [refuses('upgrade.not_running', `${choice.member} does not run now.`)];
  const free = asked.senders < 2 || asked.slots < 1;
  return [
    leads
      ? warns('upgrade.leads', `${choice.member} leads: the copy reads all of its data beside its work.`)
      : ok('upgrade.replica', `${choice.member} does not lead.`),
    ...(leads || isStreamingReplica(state, choice.member)
      ? []
      : [warns('upgrade.not_streaming', `${choice.member} does not stream now: its data is older than the leader's.`)]),
    ...(free
      ? [
          refuses(
            'upgrade.no_senders',
            `${choice.member} has no room for two more senders and a slot (max_wal_senders, max_replication_slots).`,
          ),
        ]
      : []),
  ];
}

const placeWords: Readonly<Record<Exclude<AssessedServer['place'], 'ok'>, string>> = {
  missing: 'is not there',
  closed: 'does not let the system user postgres write',
  inside: 'is within the data of the cluster',
};

function placeChecks({ server, place, asked, found }: AssessmentLook): readonly OperationCheck[] {
  if (found.place !== 'ok') return [refuses('upgrade.place', `${place} on ${server} ${placeWords[found.place]}.`)];
  const needed = roomForAssessment(asked);
  if (needed === null || found.free === null)
    return [refuses('upgrade.size_unknown', `Whether ${place} on ${server} has room for the data is not known.`)];
  const reserve = reserveFor(found.total);
  const words =
    `${place} on ${server} has ${bytesInWords(found.free)} free; ${bytesInWords(needed)} are needed, and ` +
    `${bytesInWords(reserve)} have to stay free.`;
  if (found.free - needed < reserve) return [refuses('upgrade.no_room', `There is too little room: ${words}`)];
  return [
    ok('upgrade.room', words),
    ...(found.shared
      ? [
          warns(
            'upgrade.shared_disk',
            `It is on the file system of the data: the copy is broken off before less than ${bytesInWords(reserve)} are free.`,
          ),
        ]
      : []),
  ];
}

function packageChecks({ server, asked, found, apt, choice }: AssessmentLook): readonly OperationCheck[] {
  const major = Math.floor(asked.version / 10_000);
  const checks = [
    ...(found.hasSystemd
      ? []
      : [refuses('upgrade.no_systemd', `${server} is not run by systemd, which ends the work.`)]),
    ...(found.hasOld
      ? []
      : [
          refuses(
            'upgrade.no_programs',
            `The programs of PostgreSQL ${major} on ${server} are not where Debian has them.`,
          ),
        ]),
    ...(found.hasNew || found.want.some((one) => one.startsWith(`postgresql-${choice.target}=`))
      ? []
      : [refuses('upgrade.not_offered', `${server} neither has PostgreSQL ${choice.target} nor is offered it.`)]),
    ...found.without.map((name) =>
      warns('upgrade.without', `No package source of ${server} offers ${name}: what needs it will be missing.`),
    ),
  ];
  return [...checks, ...aptChecks(server, apt)];
}

function aptChecks(server: string, apt: AssessmentLook['apt']): readonly OperationCheck[] {
  if (apt === null) return [];
  if (apt.refusal !== null) return [refuses('upgrade.apt_refuses', apt.refusal)];
  if (apt.others.length > 0)
    return [
      refuses(
        'upgrade.more_than_chosen',
        `apt on ${server} would do more than install beside: ${namesInWords(apt.others)}. Do that by itself first.`,
      ),
    ];
  return [
    ok('upgrade.apt', `apt on ${server} would install ${namesInWords(apt.added)}, and change nothing that is there.`),
  ];
}

/** How long a copy takes, ms: by the last one that was made, else by a rate that disks usually reach. */
function estimateCopy(size: number, { before, choice }: Pick<AssessmentLook, 'before' | 'choice'>): number {
  const measured = before?.copy == null || before.copy.ms <= 0 ? null : (before.copy.bytes / before.copy.ms) * 1000;
  const limit = choice.maxRateMb === null ? Infinity : choice.maxRateMb * 1024 ** 2;
  return (size / Math.min(measured ?? USUAL_RATE, limit)) * 1000;
}

/** What will happen, in sentences. */
export function assessmentConsequences(look: AssessmentLook): readonly string[] {
  const { choice, asked, directory, server, apt, before } = look;
  const basis = before?.copy == null ? 'if it reads 100 MB a second' : 'by the rate of the last one';
  const span = asked.size === null ? 'not known' : spanInWords(estimateCopy(asked.size, look));
  return [
    `The data of ${choice.member} is copied to ${directory} on ${server}, as Patroni copies a replica: about ${span}, ${basis}. ` +
      'A checkpoint is made there at once, and WAL is kept for the copy meanwhile.',
    'The copy recovers and stops on a socket of its own: it listens on no network, archives nothing and fetches nothing. ' +
      `pg_upgrade of PostgreSQL ${choice.target} checks it, and all of it is removed again, also where this fails.`,
    ...(apt === null
      ? []
      : [
          `Packages are installed beside those that are there, without a cluster of their own, and ${
            choice.removePackages ? 'removed again at the end' : 'left there; they can be removed from here later'
          }. Meanwhile programs such as psql in /usr/bin are those of the newer version.`,
        ]),
    'Patroni, PostgreSQL and their files are not touched.',
  ];
}

/** The steps, with the commands by which somebody would do the same. */
export function assessmentSteps({
  choice,
  state,
  asked,
  directory,
  found,
  apt,
}: AssessmentLook): readonly AssessmentStep[] {
  const old = `/usr/lib/postgresql/${Math.floor(asked.version / 10_000)}/bin`;
  const fresh = `/usr/lib/postgresql/${choice.target}/bin`;
  const member = memberOf(state, choice.member);
  const rate = choice.maxRateMb === null ? '' : ` --max-rate=${choice.maxRateMb}M`;
  const user = shellWord(asked.superuser ?? 'postgres');
  const install =
    apt === null ? [] : [`apt-get install --no-install-recommends --no-remove ${found.want.map(shellWord).join(' ')}`];
  return [
    ...(install.length === 0 ? [] : [{ title: 'Install the new version beside the present one', commands: install }]),
    {
      title: 'Copy the data',
      commands: [
        `${old}/pg_basebackup -h ${shellWord(member?.host ?? 'localhost')} -p ${member?.port ?? 5432} -D ${directory}/data ` +
          `-X stream -c fast${rate}`,
      ],
    },
    {
      title: 'Let the copy recover, ask it, and stop it',
      commands: [
        `touch ${directory}/data/recovery.signal`,
        `${old}/pg_ctl -D ${directory}/data -w start`,
        `${old}/pg_ctl -D ${directory}/data -w stop`,
      ],
    },
    { title: 'Make an empty cluster of the new version', commands: [`${fresh}/initdb -D ${directory}/new -U ${user}`] },
    {
      title: 'Let pg_upgrade check it',
      commands: [
        `${fresh}/pg_upgrade --check -b ${old} -B ${fresh} -d ${directory}/data -D ${directory}/new -U ${user} -s ${directory}/s`,
      ],
    },
    {
      title: 'Remove what was made',
      commands: [
        `rm -rf ${directory}`,
        ...(apt === null || !choice.removePackages ? [] : [`apt-get purge ${apt.added.map(shellWord).join(' ')}`]),
      ],
    },
  ];
}
