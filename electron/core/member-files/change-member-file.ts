import { appError, toErrorData } from '../../../shared/model/app-error';
import { configChanges, isJsonObject, type ConfigChange } from '../../../shared/rules/configure/config-patch';
import { maskWords, maskYaml } from '../../../shared/rules/configure/member-file/mask-yaml';
import { newComplaints } from '../../../shared/rules/configure/member-file/member-file-commands';
import { isSameValue, parameterText } from '../../../shared/rules/configure/parameter-value';
import { readYaml } from '../../../shared/rules/configure/yaml/read-yaml';
import { namesInWords } from '../../../shared/rules/words/wording';
import type { FoundConfig } from '../clusters/discovery/discovery-answer';
import type { ClusterHub } from '../clusters/hub';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import { sleep } from '../platform/wait';
import type { PostgresFactsService } from '../postgres-facts/create-postgres-facts';
import { CHECK_SCRIPT, RELOAD_SCRIPT } from './member-file-scripts';
import { lastComplaint, scriptRefusal, type MemberFileWork } from './member-file-work';
import { putInPlace } from './put-in-place';
import { asRootOrSelf } from './read-member-file';
import { secretMark } from './secret-mark';

interface Deps {
  readonly hub: ClusterHub;
  readonly postgresFacts: PostgresFactsService;
  readonly now: () => number;
  readonly pauseMs: number;
}

/** The steps a user sees of a change of a member's own file. */
export const MEMBER_FILE_PHASES = [
  { id: 'validate', label: 'Patroni validates it on the server' },
  { id: 'place', label: 'Put it in place' },
  { id: 'reload', label: 'Reload Patroni' },
  { id: 'see', label: 'See it in the answers of the member' },
] as const;

const VALIDATE_MS = 120_000;
const RELOAD_MS = 15_000;

/** Lets Patroni validate the new text, puts it in place, reloads, and looks for its effect. */
export async function changeMemberFile(deps: Deps, context: JobContext, work: MemberFileWork): Promise<JobEnd> {
  context.phase('validate', 'checking');
  const complaints = await validateMemberFile(context, work);
  if (complaints.length > 0) {
    for (const line of complaints) context.log('error', line);
    return {
      status: 'refused',
      error: appError('config.file_refused', `Patroni refuses it: ${complaints[0] ?? ''} Nothing was changed.`, {
        target: work.place.member,
        hint: 'Everything that Patroni says of it stands in this job. Correct it in the editor.',
      }).data,
    };
  }
  context.phase('place', 'running');
  const end = await putInPlace(deps, context, work);
  if (end !== null) return end;
  context.phase('reload');
  const asked = await reloadMember(deps, context, work);
  context.phase('see', 'following');
  return seen(deps, context, work, asked);
}

function variablesOf({ env }: FoundConfig): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value.replaceAll('\n', '\u0001')}\n`)
    .join('');
}

/**
 * Lets Patroni on the server validate the new text; answers what it finds wrong that it did not find wrong before. Rejects with
 * `config.file_changed`, `config.not_validated`, `config.not_written` and `ssh.*`.
 */
export async function validateMemberFile(
  context: Pick<JobContext, 'log'>,
  work: MemberFileWork,
): Promise<readonly string[]> {
  const { place, found, path, text } = work;
  const result = await asRootOrSelf(place.asRoot, (sudo) =>
    place.remote.script(CHECK_SCRIPT, [path, found.path, found.user ?? 'postgres', String(Buffer.byteLength(text))], {
      timeoutMs: VALIDATE_MS,
      sudo,
      stdin: `${text}${variablesOf(found)}`,
    }),
  );
  const lines = result.stdout.split('\n');
  if (result.exitCode === 0 && !lines.includes('end'))
    throw appError('config.not_validated', `Patroni on ${place.remote.name} did not say whether the text is right.`, {
      target: place.member,
      hint: 'Nothing was written. Try again.',
      retryable: true,
    });
  const refusal = scriptRefusal(result, work);
  if (refusal !== null) throw refusal;
  if (result.exitCode !== 0)
    throw appError('config.not_written', `${path} could not be written: ${lastComplaint(result.stderr)}`, {
      target: place.member,
      hint: 'See whether the login user, or root by sudo, may write beside it. The file is what it was.',
    });
  const said = (when: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${when} `)).map((line) => hidden(line.slice(when.length + 1), work));
  const [before, after] = [said('before'), said('after')];
  for (const line of before.filter((one) => after.includes(one)))
    context.log('warning', `Patroni says this of the present file, too: ${line}`);
  return newComplaints(before, after);
}

/** Patroni quotes values that it does not like; those that are secrets are taken out. */
function hidden(line: string, { former, text, found }: MemberFileWork): string {
  const secrets = [former, text].flatMap((one) => [...(maskYaml(one, secretMark)?.secrets.values() ?? [])]);
  const values = [...secrets, ...Object.values(found.env).filter((value) => value.length >= 6)];
  return values
    .map((secret) => secret.replace(/^(\\?["']|'')(.*)\1$/, '$2'))
    .filter((secret) => secret.length >= 3)
    .reduce((shown, secret) => shown.replaceAll(secret, '••••••'), maskWords(line))
    .slice(0, 500);
}

/** Asks by REST; by a signal where REST cannot be asked or does not let the app in. Says whether Patroni was asked. */
export async function reloadMember(
  deps: Pick<Deps, 'hub'>,
  context: Pick<JobContext, 'log' | 'detail' | 'answer'>,
  work: MemberFileWork,
): Promise<boolean> {
  const { member } = work.place;
  try {
    const client = deps.hub.rest(work.clusterId, member);
    const answer = await client?.write({ method: 'POST', path: '/reload', timeoutMs: RELOAD_MS });
    if (answer !== undefined) context.answer(`${member}: ${answer.status} ${answer.body.slice(0, 200)}`);
    if (answer !== undefined && answer.status < 300) return true;
  } catch (thrown) {
    context.log('warning', `POST /reload: ${toErrorData(thrown).message}`);
  }
  context.detail('Asking by a signal.');
  return reloadBySignal(context, work);
}

/** Tells a member's Patroni by a signal to read its files again; false where that cannot be done, with the reason in the job's log. */
export async function reloadBySignal(
  context: Pick<JobContext, 'log'>,
  { place, found }: Pick<MemberFileWork, 'place' | 'found'>,
): Promise<boolean> {
  try {
    const { exitCode } = await asRootOrSelf(place.asRoot, (sudo) =>
      place.remote.script(RELOAD_SCRIPT, [found.path, found.user ?? 'postgres'], { timeoutMs: RELOAD_MS, sudo }),
    );
    if (exitCode === 0) context.log('info', 'SIGHUP was sent to Patroni.');
    return exitCode === 0;
  } catch (thrown) {
    context.log('warning', `SIGHUP: ${toErrorData(thrown).message}`);
    return false;
  }
}

/** What differs between two texts of a file, leaf by leaf. */
export function memberFileChanges({ former, text }: Pick<MemberFileWork, 'former' | 'text'>): readonly ConfigChange[] {
  const [before, after] = [former, text].map((one) => {
    const answer = readYaml(one);
    return answer.kind === 'value' && isJsonObject(answer.value) ? answer.value : {};
  });
  return configChanges(before ?? {}, after ?? {});
}

async function seen(deps: Deps, context: JobContext, work: MemberFileWork, asked: boolean): Promise<JobEnd> {
  const { member } = work.place;
  if (!asked)
    return warned(
      `The file is in place, but Patroni of ${member} could not be asked to reload. It reads it at its start.`,
    );
  const changes = memberFileChanges(work);
  const tags = changes.filter(({ path }) => path[0] === 'tags');
  const parameters = changes.filter(({ path }) => path[0] === 'postgresql' && path[1] === 'parameters');
  const waitMs = (deps.hub.state(work.clusterId)?.config?.loopWait ?? 10) * 2000 + 10_000;
  const tagsSeen = tags.length === 0 || (await untilSo(deps, context, waitMs, () => tagsAre(deps, work, tags)));
  const open = parameters.length === 0 ? [] : await parametersNotSeen(deps, context, work, { parameters, waitMs });
  if (!tagsSeen) return warned(`The file is in place, but ${member} does not report its new tags yet.`);
  if (open.length > 0)
    return warned(
      `The file is in place; ${namesInWords(open)} of ${member} did not change yet. See what waits for a restart.`,
    );
  const named = changes.map(({ path }) => path.join('.'));
  if (named.length === 0) return ended(`patroni.yml of ${member} is changed; its values are the same.`);
  const words = tags.length + parameters.length > 0 ? 'its answers show it' : 'Patroni was reloaded';
  return ended(`${namesInWords(named.slice(0, 5))} of ${member} changed; ${words}.`);
}

function ended(sentence: string): JobEnd {
  return { status: 'done', result: { sentence, withoutPrimaryMs: null, facts: {} } };
}

function warned(sentence: string): JobEnd {
  return { status: 'warning', result: { sentence, withoutPrimaryMs: null, facts: {} } };
}

async function untilSo(
  deps: Deps,
  context: JobContext,
  limitMs: number,
  isSo: () => Promise<boolean>,
): Promise<boolean> {
  const end = deps.now() + limitMs;
  for (;;) {
    context.signal.throwIfAborted();
    if (await isSo().catch(() => false)) return true;
    if (deps.now() > end) return false;
    await sleep(deps.pauseMs, context.signal);
  }
}

/** Whether GET /patroni of the member has the tags of the file. Patroni leaves out those that are off (patroni/tags.py). */
async function tagsAre(deps: Deps, work: MemberFileWork, changes: readonly ConfigChange[]): Promise<boolean> {
  const answer = await deps.hub.rest(work.clusterId, work.place.member)?.get('/patroni', 5000);
  const tags = isJsonObject(answer) && isJsonObject(answer['tags']) ? answer['tags'] : {};
  return changes.every(({ path, after }) => {
    const shown = tags[path[1] ?? ''];
    const isOff = after === undefined || after === false || after === '' || after === null;
    return isOff ? shown === undefined || shown === false : String(shown) === String(after);
  });
}

/** Parameters that PostgreSQL does not run with after a while; none where it cannot be asked. */
async function parametersNotSeen(
  deps: Deps,
  context: JobContext,
  work: MemberFileWork,
  { parameters, waitMs }: { readonly parameters: readonly ConfigChange[]; readonly waitMs: number },
): Promise<readonly string[]> {
  let open: readonly string[] = [];
  await untilSo(deps, context, waitMs, async () => {
    const settings = await deps.postgresFacts.settings(work.clusterId, true);
    const said = settings.members[work.place.member];
    if (said?.kind !== 'known') return true;
    open = parameters.flatMap(({ path, after }) => {
      const name = path[2] ?? '';
      const definition = settings.definitions.find((one) => one.name === name);
      const text = parameterText(after);
      const value = said.values[name]?.value ?? '';
      return definition === undefined || text === null || isSameValue(definition, text, value) ? [] : [name];
    });
    return open.length === 0;
  });
  return open;
}
