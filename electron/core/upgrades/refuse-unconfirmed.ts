import { appError, type ErrorCode } from '../../../shared/model/app-error';
import type { OperationCheck } from '../../../shared/model/operate/operation';

/** What was shown: its checks, what names it as it was, and the name to be typed (null: none). */
interface ShownWork {
  readonly checks: readonly OperationCheck[];
  readonly fingerprint: string;
  readonly typeToConfirm: string | null;
}

/** How it was confirmed. */
interface Confirmed {
  readonly fingerprint: string;
  readonly typed: string | null;
}

/**
 * Throws unless the work is as it was shown (`operation.state_changed`), nothing refuses it (`operation.read_only`, or `notNow`), and what
 * had to be typed was typed (`operation.not_confirmed`).
 */
export function refuseUnconfirmed(preview: ShownWork, { fingerprint, typed }: Confirmed, notNow: ErrorCode): void {
  const refusal = preview.checks.find(({ verdict }) => verdict === 'refuses');
  if (refusal?.code === 'operation.read_only')
    throw appError('operation.read_only', `${refusal.sentence} Nothing was done.`, {});
  if (fingerprint !== preview.fingerprint)
    throw appError('operation.state_changed', 'It is not as it was when this was confirmed. Nothing was done.', {
      hint: 'Look at it as it is now and confirm again.',
      retryable: true,
    });
  if (refusal !== undefined)
    throw appError(notNow, `${refusal.sentence} Nothing was done.`, {
      hint: 'Look at the checks of the confirmation.',
      retryable: true,
    });
  const wanted = preview.typeToConfirm;
  if (wanted !== null && typed?.trim() !== wanted.trim())
    throw appError('operation.not_confirmed', `To confirm this, type exactly: ${wanted}`, {
      hint: 'Nothing was done.',
    });
}
