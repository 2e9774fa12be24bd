import type { HostKeyInfo } from '../../../../shared/model/connect/server';
import { TimeoutError, withDeadline } from '../../platform/wait';

/** One line that a server (keyboard-interactive) wants answered; `echo: false` means that the answer is a secret. */
export interface SshPrompt {
  readonly text: string;
  readonly echo: boolean;
}

/** Who a question is about. */
export interface QuestionTarget {
  readonly serverId: string;
  readonly serverName: string;
}

/** What only the user can answer while a connection is made. Questions are data; how they look is the asker's business. */
export type SshQuestion = QuestionTarget &
  (
    | { readonly kind: 'host_key'; readonly key: HostKeyInfo; readonly note?: string }
    | { readonly kind: 'passphrase'; readonly keyPath: string; readonly previousWrong: boolean }
    | { readonly kind: 'password'; readonly user: string; readonly previousWrong: boolean }
    | { readonly kind: 'sudo_password'; readonly user: string; readonly previousWrong: boolean }
    | {
        readonly kind: 'prompts';
        readonly title: string;
        readonly instructions: string;
        readonly prompts: readonly SshPrompt[];
      }
  );

/**
 * Puts a question to the user. Answers one value per prompt (for `prompts`), one value otherwise (for a host
 * key any value means "trust it"), or null when the user declines. The signal aborts when the answer is no
 * longer wanted: take the question off the screen then.
 */
export type AskUser = (question: SshQuestion, signal: AbortSignal) => Promise<readonly string[] | null>;

/** What a question says in one line, for the state of a connection. */
export function describeQuestion(question: SshQuestion): string {
  switch (question.kind) {
    case 'host_key':
      return `Trust the host key ${question.key.fingerprint} of ${question.serverName}?`;
    case 'passphrase':
      return `Passphrase of the key ${question.keyPath}`;
    case 'password':
      return `Password of ${question.user} on ${question.serverName}`;
    case 'sudo_password':
      return `sudo password of ${question.user} on ${question.serverName}`;
    case 'prompts':
      return `Answers for ${question.serverName}: ${question.prompts.map((prompt) => prompt.text.trim()).join(', ')}`;
  }
}

/** The questions that are the same for everybody who asks them at the same time. */
function sameQuestion(question: SshQuestion): string | null {
  switch (question.kind) {
    case 'host_key':
      return `host_key ${question.key.host} ${question.key.port} ${question.key.fingerprint}`;
    case 'passphrase':
      return `passphrase ${question.keyPath}`;
    case 'password':
      return `password ${question.serverId}`;
    case 'sudo_password':
      return `sudo_password ${question.serverId}`;
    case 'prompts':
      return null;
  }
}

/** The asker as the rest of ssh uses it: no signal to care for, and never waiting longer than its limit. */
export type BoundedAsk = (question: SshQuestion) => Promise<readonly string[] | null>;

/**
 * Wraps an asker so that concurrent demands for the same answer put one question, and so that no question
 * waits longer than `timeoutMs` (it is then declined) or past `closing`.
 */
export function askOnce(ask: AskUser, timeoutMs: number, closing: AbortSignal): BoundedAsk {
  const open = new Map<string, Promise<readonly string[] | null>>();
  const put = (question: SshQuestion): Promise<readonly string[] | null> =>
    boundedAsk(ask, question, timeoutMs, closing);
  return (question) => {
    const key = sameQuestion(question);
    if (key === null) return put(question);
    const asked = open.get(key);
    if (asked !== undefined) return asked;
    const answer = put(question).finally(() => open.delete(key));
    open.set(key, answer);
    return answer;
  };
}

async function boundedAsk(
  ask: AskUser,
  question: SshQuestion,
  timeoutMs: number,
  closing: AbortSignal,
): Promise<readonly string[] | null> {
  try {
    return await withDeadline({ timeoutMs, signal: closing }, (limit) => ask(question, limit));
  } catch (thrown) {
    if (closing.aborted || thrown instanceof TimeoutError) return null;
    throw thrown;
  }
}
