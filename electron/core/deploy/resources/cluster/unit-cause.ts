import { appError, type AppError } from '../../../../../shared/model/app-error';
import { classify } from '../../../../../shared/rules/deploy/causes/classify';
import type { Remote } from '../../../ssh/remote';

/** The last lines of a unit's log, read for a known cause. Undefined when none is recognised or the log cannot be read. */
export async function unitCause(remote: Remote, unit: string, server: string): Promise<AppError | undefined> {
  const lines = await unitLog(remote, unit);
  const cause = classify(lines);
  if (cause === null) return undefined;
  return appError(cause.code, `${server}: ${cause.sentence} (${cause.line})`, {
    target: server,
    hint: cause.hint,
    retryable: true,
  });
}

/** The last lines of a unit's journal; '' when it cannot be read. */
async function unitLog(remote: Remote, unit: string): Promise<string> {
  try {
    const result = await remote.run(['journalctl', '-u', unit, '-n', '60', '-o', 'cat', '--no-pager'], {
      timeoutMs: 15_000,
      sudo: true,
    });
    return result.stdout;
  } catch {
    return '';
  }
}
