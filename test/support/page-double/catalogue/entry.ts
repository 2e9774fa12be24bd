import type { ReactNode } from 'react';
import type { AppErrorData } from '../../../../shared/model/app-error';

/** A component of the page, by its name in the code, and what it looks like in each of its states. */
export interface Entry {
  readonly component: string;
  readonly states: Readonly<Record<string, ReactNode>>;
  /** It needs the room of two. */
  readonly wide?: boolean;
}

/** A name that is too long for most places. */
export const longName = 'orders-production-replica-of-the-second-data-centre-behind-two-jump-hosts-3';

/** An error with a hint. */
export const refusedLogin: AppErrorData = {
  retryable: false,
  code: 'ssh.auth_failed',
  message: 'The server db1 (10.0.0.11) did not accept the key of admin.',
  hint: 'Add the public key to ~admin/.ssh/authorized_keys there, or choose another way to log in.',
  target: 'db1',
};
