import { appError, hasCode, toErrorData, type AppError, type ErrorCode } from '../../../shared/model/app-error';
import { BACKUP_SUFFIX } from '../../../shared/model/configure/member-file';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import { sleep } from '../platform/wait';
import type { RunResult } from '../ssh/remote';
import { PLACE_SCRIPT } from './member-file-scripts';
import { lastComplaint, scriptRefusal, type MemberFileWork } from './member-file-work';
import { asRootOrSelf, shaOf } from './read-member-file';

/** `pauseMs` lies between two looks, ms. */
interface Pace {
  readonly now: () => number;
  readonly pauseMs: number;
}

type PlaceContext = Pick<JobContext, 'log' | 'detail' | 'signal'>;

const PLACE_MS = 30_000;
/**
 * How long the file is looked at after a lost answer, in pauses. The script may go on without a connection, but puts nothing in
 * place later than 20 s after it began; the usual pause is 1 s.
 */
const PAUSES_TO_LOOK = 24;
const PAUSES_BETWEEN_LOOKS = 3;

/** With these the script was never begun. */
const NOT_BEGUN: readonly ErrorCode[] = [
  'ssh.cancelled',
  'ssh.channel_refused',
  'ssh.command_not_started',
  'ssh.sudo_not_allowed',
  'ssh.sudo_password_wrong',
];

/** What is known of the one time that the script was sent. */
type Outcome =
  | { readonly kind: 'placed' }
  /** `why` ends a sentence. */
  | { readonly kind: 'in_doubt'; readonly mayStillRun: boolean; readonly why: string };

/** Which text a file has now. */
type Standing = 'new' | 'former' | 'other' | 'missing' | 'unreadable';

/**
 * Sends the new text once. Where the answer does not say what became of it the file itself is read. Resolves to null when the new text
 * is in place, and to the end of the job otherwise. Rejects, with nothing written, with `config.file_changed`,
 * `config.file_placement`, `config.not_written` or `ssh.*`.
 */
export async function putInPlace(pace: Pace, context: PlaceContext, work: MemberFileWork): Promise<JobEnd | null> {
  const outcome = await send(work);
  if (outcome.kind === 'in_doubt') {
    context.log('warning', `Whether ${work.path} was written is not known: ${outcome.why}`);
    context.detail('Reading the file instead of sending it again.');
    const end = endOfDoubt(await standingText(pace, context, work, outcome.mayStillRun), outcome.why, work);
    if (end !== null) return end;
  }
  const { path } = work;
  context.log('good', `${path} is in place; its former text lies beside it as ${path}${suffixOf(work)}.`);
  return null;
}

function suffixOf({ keptAs }: MemberFileWork): string {
  return keptAs ?? BACKUP_SUFFIX;
}

async function send(work: MemberFileWork): Promise<Outcome> {
  const result = await askOnce(work).catch(lostAnswer);
  if ('kind' in result) return result;
  const refusal = scriptRefusal(result, work);
  if (refusal !== null) throw refusal;
  if (result.exitCode === 0 && result.stdout.trim() === shaOf(work.text)) return { kind: 'placed' };
  return { kind: 'in_doubt', mayStillRun: false, why: lastComplaint(result.stderr) };
}

function askOnce(work: MemberFileWork): Promise<RunResult> {
  const { place, path, text, former } = work;
  return asRootOrSelf(place.asRoot, (sudo) =>
    place.remote.script(PLACE_SCRIPT, [path, String(Buffer.byteLength(text)), shaOf(former), suffixOf(work)], {
      timeoutMs: PLACE_MS,
      sudo,
      stdin: text,
    }),
  );
}

function lostAnswer(thrown: unknown): Outcome {
  if (NOT_BEGUN.some((code) => hasCode(thrown, code))) throw thrown;
  return { kind: 'in_doubt', mayStillRun: true, why: `the answer was lost. ${toErrorData(thrown).message}` };
}

/** The text that the file has now: one look where the script has ended, and as many as it could still take where it may run. */
async function standingText(
  { now, pauseMs }: Pace,
  context: PlaceContext,
  work: MemberFileWork,
  mayStillRun: boolean,
): Promise<Standing> {
  const end = now() + PAUSES_TO_LOOK * pauseMs;
  for (;;) {
    const isLast = now() >= end;
    const standing = await lookOnce(work);
    const isSettled = standing === 'new' || (!mayStillRun && standing !== 'unreadable');
    if (isSettled || isLast) return standing;
    await sleep(PAUSES_BETWEEN_LOOKS * pauseMs, context.signal);
    context.signal.throwIfAborted();
  }
}

async function lookOnce({ place, path, text, former }: MemberFileWork): Promise<Standing> {
  try {
    const bytes = await asRootOrSelf(place.asRoot, (sudo) => place.remote.readFile(path, { sudo }));
    if (bytes === null) return 'missing';
    if (bytes.equals(Buffer.from(text))) return 'new';
    return bytes.equals(Buffer.from(former)) ? 'former' : 'other';
  } catch {
    return 'unreadable';
  }
}

function endOfDoubt(standing: Standing, why: string, work: MemberFileWork): JobEnd | null {
  switch (standing) {
    case 'new':
      return null;
    case 'former':
      return { status: 'failed', error: notWritten(why, work).data };
    case 'other':
      return { status: 'unknown', error: notKnown('has another text now', work).data };
    case 'missing':
      return { status: 'unknown', error: notKnown('is not there now', work).data };
    case 'unreadable':
      return { status: 'unknown', error: notKnown('could not be read afterwards', work).data };
  }
}

function notWritten(why: string, { place, path }: MemberFileWork): AppError {
  return appError('config.not_written', `${path} was read again and is what it was; it could not be written: ${why}`, {
    target: place.member,
    hint: 'See whether the login user, or root by sudo, may write beside it and whether there is room, then try again.',
  });
}

function notKnown(what: string, work: MemberFileWork): AppError {
  const { place, path } = work;
  const { member, remote } = place;
  const backup = `${path}${suffixOf(work)}`;
  return appError(
    'config.file_unknown',
    `What became of the new text of ${path} on ${remote.name} is not known: the file ${what}. Patroni was not reloaded.`,
    {
      target: member,
      hint:
        `Look at ${path} and ${backup} there, see that the text you want is in place, and reload Patroni of ${member}: ` +
        'it reads the file at its next start in any case, perhaps during a failover.',
    },
  );
}
