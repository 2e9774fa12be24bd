import { appError, type AppError } from '../../../shared/model/app-error';
import type { FoundConfig } from '../clusters/discovery/discovery-answer';
import type { RunResult } from '../ssh/remote';
import { MEMBER_FILE_EXIT } from './member-file-scripts';
import type { MemberFilePlace } from './read-member-file';

/** A change of a member's own file: what is written where. `former` is what is in place, both texts with their secrets. */
export interface MemberFileWork {
  readonly clusterId: string;
  readonly place: MemberFilePlace;
  readonly found: FoundConfig;
  readonly path: string;
  readonly former: string;
  readonly text: string;
  /** What stands behind the name of the file where the former text is kept; without it that of the editor's backup. */
  readonly keptAs?: string;
}

/** Why a script left before it changed anything; null where its exit code does not say so. */
export function scriptRefusal({ exitCode }: RunResult, { path, place }: MemberFileWork): AppError | null {
  const { member, remote } = place;
  switch (exitCode) {
    case MEMBER_FILE_EXIT.missing:
    case MEMBER_FILE_EXIT.changed:
      return appError('config.file_changed', `${path} was changed meanwhile. Nothing was written.`, {
        target: member,
        hint: 'Read it again; the editor shows what is there now.',
        retryable: true,
      });
    case MEMBER_FILE_EXIT.noProgram:
      return appError('config.not_validated', `No patroni was found on ${remote.name} to validate the text with.`, {
        target: member,
        hint: 'Start Patroni there, or put its program where the login shell finds it. Nothing was written.',
      });
    case MEMBER_FILE_EXIT.otherOwner:
      return appError(
        'config.file_placement',
        `A new ${path} would not have the owner, group and mode of the present one. Nothing was written.`,
        { target: member, hint: 'Give the server a sudo mode, or log in as the owner of the file.' },
      );
    case MEMBER_FILE_EXIT.late:
      return appError(
        'config.not_written',
        `${remote.name} took too long to prepare a new ${path}. Nothing was written.`,
        { target: member, hint: 'See whether its disk is overloaded, then try again.', retryable: true },
      );
    default:
      return null;
  }
}

/** The last thing that a script complained of, as the end of a sentence. */
export function lastComplaint(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.at(-1)?.slice(0, 300) ?? 'the server said nothing.';
}
