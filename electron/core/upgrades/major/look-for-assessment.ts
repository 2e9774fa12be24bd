import { z } from 'zod';
import { appError, toErrorData } from '../../../../shared/model/app-error';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type {
  AssessmentChoice,
  AssessmentPlace,
  AssessmentPreview,
  AssessmentReport,
} from '../../../../shared/model/upgrade/assessment';
import { valuesIn } from '../../../../shared/rules/backups/judge-proof';
import { clusterName } from '../../../../shared/rules/citus/citus-names';
import { judgeAddition } from '../../../../shared/rules/upgrade/apt-plan';
import {
  assessmentConsequences,
  assessmentSteps,
  checkAssessment,
  roomForAssessment,
  usualPlace,
  whyNotPlace,
  type AssessedMember,
  type AssessedServer,
  type AssessmentLook,
} from '../../../../shared/rules/upgrade/assessment-checks';
import { assessmentQuestions, logicalSlotQuestions } from '../../../../shared/rules/upgrade/assessment-questions';
import type { ClusterHub } from '../../clusters/hub';
import { askCatalog } from '../../postgres/ask-catalog';
import { placeOfMember, stateOfCluster, type PlaceDeps } from '../../postgres/member-place';
import { rowsOfAnswer } from '../../postgres/sql-session';
import type { Remote, RemotePool } from '../../ssh/remote';
import { simulateBeside } from '../install-script';
import { ASSESS_DIRECTORY, ASSESS_LOOK_SCRIPT, ASSESS_OFFERS_SCRIPT } from './assess-scripts';

/** What is looked at with. */
export interface AssessmentLookDeps {
  readonly hub: Pick<ClusterHub, 'state' | 'refresh'>;
  readonly remotes: RemotePool;
  readonly login: PlaceDeps['login'];
  readonly hasRoot: (serverId: string) => boolean;
  readonly now: () => number;
}

/** An assessment with all that was looked at. */
export interface PreparedAssessment {
  readonly preview: AssessmentPreview;
  readonly look: AssessmentLook;
  readonly state: ClusterState;
  readonly serverId: string;
  readonly remote: Remote;
  /** Parameters that are set; a value only where it is no free text. */
  readonly settings: readonly { readonly name: string; readonly value: string | null }[];
}

const OFFERS_MS = 60_000;
const LOOK_MS = 120_000;

/** Which newer versions the server of every member has or is offered; one that does not answer has its error. */
export async function readOffers(deps: AssessmentLookDeps, clusterId: string): Promise<readonly AssessmentPlace[]> {
  stateOfCluster(deps, clusterId);
  const state = await deps.hub.refresh(clusterId);
  // Members of a cluster have one major version: physical replication knows no other way.
  const known = state.members.flatMap(({ postgresVersion }) => postgresVersion ?? [])[0];
  return Promise.all(
    state.members.map(async (member): Promise<AssessmentPlace> => {
      const version = member.postgresVersion ?? known;
      const major = version === undefined ? null : Math.floor(version / 10_000);
      const told = { member: member.name, leads: state.leader.holder === member.name, major };
      try {
        const remote = placeOfMember(deps, clusterId, member.name).remote;
        const { stdout } = await remote.script(ASSESS_OFFERS_SCRIPT, [], { timeoutMs: OFFERS_MS });
        const offers = readMajors(remote.name, stdout).filter((one) => major !== null && one.major > major);
        return { ...told, server: remote.name, offers, error: null };
      } catch (thrown) {
        return { ...told, server: member.name, offers: [], error: toErrorData(thrown) };
      }
    }),
  );
}

/** What the script printed. Throws `upgrade.not_debian` and `upgrade.not_read`. */
function readMajors(server: string, output: string): AssessmentPlace['offers'] {
  const lines = output.split('\n');
  if (lines.includes('none dpkg'))
    throw appError('upgrade.not_debian', `${server} has no dpkg: its packages are not those of Debian.`, {
      target: server,
      hint: 'A new major version is assessed on servers with Debian packages.',
    });
  if (!lines.includes('end'))
    throw appError('upgrade.not_read', `${server} did not answer the whole question about new versions.`, {
      target: server,
      retryable: true,
      hint: 'Read it again.',
    });
  return lines
    .flatMap((line) => {
      const [, major, version = '', installed] = /^major (\d{2}) (\S+) (yes|no)$/.exec(line) ?? [];
      return major === undefined ? [] : [{ major: Number(major), version, installed: installed === 'yes' }];
    })
    .toSorted((one, other) => one.major - other.major);
}

const memberRow = z.object({
  version: z.number(),
  dataDirectory: z.string().nullable(),
  superuser: z.string().nullable(),
  preload: z.string().nullable(),
  maxPrepared: z.number(),
  walBytes: z.number().nullable(),
  senders: z.number(),
  slots: z.number(),
});
const sizeRow = z.object({ bytes: z.number().nullable() });
const placeRow = z.object({ path: z.string() });
const settingRow = z.object({ name: z.string(), value: z.string().nullable() });
const slotRow = z.object({ name: z.string(), plugin: z.string(), database: z.string() });

/** Asks the member, its server and apt. Rejects with `operation.*`, `upgrade.no_root`, `upgrade.not_read`, `postgres.*` and `ssh.*`. */
export async function prepareAssessment(
  deps: AssessmentLookDeps,
  clusterId: string,
  given: AssessmentChoice,
  open: {
    readonly otherJob: string | null;
    readonly left: boolean;
    readonly id: string;
    readonly reports: readonly AssessmentReport[];
  },
): Promise<PreparedAssessment> {
  stateOfCluster(deps, clusterId);
  const state = await deps.hub.refresh(clusterId);
  const place = placeOfMember(deps, clusterId, given.member);
  const { remote, member } = place;
  const serverId = member.serverId ?? '';
  if (!deps.hasRoot(serverId))
    throw appError('upgrade.no_root', `There is no way to become root on ${remote.name}.`, {
      target: remote.name,
      hint: 'Choose in the settings of the server how the app becomes root there.',
    });
  const { asked, settings } = await askMember(deps, place);
  const path = (given.directory ?? usualPlace(asked.dataDirectory ?? '')).replace(/(?<=.)\/+$/, '');
  const wrong = whyNotPlace(path);
  if (wrong !== null)
    throw appError('upgrade.no_place', `${path} is no place for the copy. ${wrong}`, {
      target: remote.name,
      hint: 'Name another directory on that server.',
    });
  const found = await askServer(remote, { from: asked.version, target: given.target, path, data: asked.dataDirectory });
  const look: AssessmentLook = {
    ...{ choice: given, state, server: remote.name, place: path, asked, found },
    directory: `${path === '/' ? '' : path}/${ASSESS_DIRECTORY}${open.id}`,
    apt: found.want.length === 0 ? null : await askApt(remote, found.want),
    ...{ otherJob: open.otherJob, left: open.left },
    before: open.reports.find(({ copy, server }) => copy !== null && server === remote.name) ?? null,
  };
  return { preview: previewOf(look), look, state, serverId, remote, settings };
}

async function askMember(deps: AssessmentLookDeps, place: ReturnType<typeof placeOfMember>) {
  const { answers } = await askCatalog(place, assessmentQuestions, deps.now);
  const { name } = place.member;
  const [row] = rowsOfAnswer(answers.get('assessed'), memberRow, name);
  if (row === undefined)
    throw appError('postgres.not_answered', `PostgreSQL on ${name} did not answer.`, { target: name, retryable: true });
  const sizes = rowsOfAnswer(answers.get('assessedSizes'), sizeRow, name).map(({ bytes }) => bytes);
  const asked: AssessedMember = {
    ...row,
    size: sizes.includes(null) ? null : sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0),
    places: rowsOfAnswer(answers.get('assessedPlaces'), placeRow, name).map(({ path }) => path),
  };
  return { asked, settings: rowsOfAnswer(answers.get('assessedSettings'), settingRow, name) };
}

async function askServer(
  remote: Remote,
  about: { readonly from: number; readonly target: number; readonly path: string; readonly data: string | null },
): Promise<AssessedServer> {
  const args = [String(Math.floor(about.from / 10_000)), String(about.target), about.path, about.data ?? ''];
  const { stdout } = await remote.script(ASSESS_LOOK_SCRIPT, args, { timeoutMs: LOOK_MS, sudo: true });
  const lines = stdout.split('\n');
  if (!lines.includes('end'))
    throw appError('upgrade.not_read', `${remote.name} did not tell whole what is there.`, {
      target: remote.name,
      retryable: true,
      hint: 'Read it again.',
    });
  const values = valuesIn(stdout);
  const bytes = (name: string): number | null => {
    const value = Number(values.get(name) ?? 'none');
    return Number.isFinite(value) ? value : null;
  };
  const words = (name: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  return {
    hasOld: values.get('old') === 'yes',
    hasNew: values.get('new') === 'yes',
    hasSystemd: values.get('systemd') === 'yes',
    place: placeWord(values.get('place')),
    ...{ free: bytes('free'), total: bytes('total'), shared: values.get('shared') === 'yes' },
    // They become words of a command: what Debian does not allow is no package (Debian Policy, 5.6.7 and 5.6.12).
    want: words('want').filter((one) => /^[a-z0-9][a-z0-9.+-]+=(\d+:)?\d[A-Za-z0-9.+~-]*$/.test(one)),
    without: words('without'),
  };
}

function placeWord(word: string | undefined): AssessedServer['place'] {
  return word === 'ok' || word === 'closed' || word === 'inside' ? word : 'missing';
}

/** An id under which nothing is begun. */
const NO_RUN = '00000000';

async function askApt(remote: Remote, want: readonly string[]): Promise<NonNullable<AssessmentLook['apt']>> {
  try {
    return { ...judgeAddition(await simulateBeside({ remote, id: NO_RUN }, 'add', want)), refusal: null };
  } catch (thrown) {
    return { added: [], others: [], refusal: toErrorData(thrown).message };
  }
}

function previewOf(look: AssessmentLook): AssessmentPreview {
  const { choice, state, asked, found, apt, place } = look;
  const checks = checkAssessment(look);
  return {
    choice,
    directory: `${place === '/' ? '' : place}/${ASSESS_DIRECTORY}…`,
    size: asked.size,
    needed: roomForAssessment(asked),
    free: found.free,
    packages: apt?.added ?? [],
    steps: assessmentSteps(look),
    checks,
    consequences: assessmentConsequences(look),
    typeToConfirm: state.production && state.leader.holder === choice.member ? clusterName(state) : null,
    fingerprint: JSON.stringify({
      choice,
      place,
      leader: state.leader.holder,
      version: asked.version,
      want: found.want,
    }),
    allowed: checks.every(({ verdict }) => verdict !== 'refuses'),
  };
}

/** Logical slots of the leader; null where it could not be asked. */
export async function readLogicalSlots(
  deps: AssessmentLookDeps,
  clusterId: string,
): Promise<AssessmentReport['logicalSlots']> {
  const leader = deps.hub.state(clusterId)?.leader.holder ?? null;
  if (leader === null) return null;
  try {
    const { answers } = await askCatalog(placeOfMember(deps, clusterId, leader), logicalSlotQuestions, deps.now);
    return [...rowsOfAnswer(answers.get('logicalSlots'), slotRow, leader)];
  } catch {
    return null;
  }
}
