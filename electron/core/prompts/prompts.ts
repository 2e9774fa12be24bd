import { randomUUID } from 'node:crypto';
import { appError } from '../../../shared/model/app-error';
import type { Prompt, PromptAnswer, PromptsUpdate } from '../../../shared/model/app/prompt';
import type { Undo } from '../../../shared/model/undo';
import type { AskUser, SshQuestion } from '../ssh/authenticate/ask';
import { createListeners } from '../platform/listeners';
import { withDeadline } from '../platform/wait';

/** Questions are declined when nobody answered for this long, ms. */
export const PROMPT_LIMIT_MS = 5 * 60_000;

/** The questions that wait for the user. */
export interface Prompts {
  readonly ask: AskUser;
  /** Has the name of a production cluster typed before it is changed; null where the user declined or nobody answered. */
  askName(clusterName: string, signal: AbortSignal): Promise<string | null>;
  /** Called with all open questions first, then with each change. */
  watch(listener: (open: PromptsUpdate) => void): Undo;
  /** Rejects with `app.prompt_gone` when nobody waits for this answer any more, and as `remember` does. */
  answer(id: string, answer: PromptAnswer): Promise<void>;
  /** Declines everything that is open. */
  close(): void;
}

/** What prompts need: `remember` keeps an answer in the vault, `onSecret` gets every secret typed, for masking. */
export interface PromptsDeps {
  readonly limitMs: number;
  readonly remember: (question: SshQuestion, value: string) => Promise<void>;
  readonly onSecret: (secret: string) => void;
}

/** A question of the core before it has an id. */
type NewPrompt = Prompt extends infer P ? (P extends Prompt ? Omit<P, 'id'> : never) : never;

interface Waiting {
  readonly prompt: Prompt;
  /** What the answer could be remembered for; null where it is for this one time. */
  readonly question: SshQuestion | null;
  readonly settle: (value: string | null) => void;
}

/** Makes the list of open questions. */
export function createPrompts(deps: PromptsDeps): Prompts {
  const waiting = new Map<string, Waiting>();
  const listeners = createListeners<PromptsUpdate>();
  const open = (): PromptsUpdate => [...waiting.values()].map((one) => one.prompt);
  const changed = (): void => {
    listeners.emit(open());
  };

  const put = async (question: SshQuestion | null, prompt: NewPrompt, signal: AbortSignal): Promise<string | null> => {
    const id = randomUUID();
    const forget = (): void => {
      if (waiting.delete(id)) changed();
    };
    const answered = (): Promise<string | null> =>
      new Promise((resolve) => {
        const settle = (value: string | null): void => {
          forget();
          resolve(value);
        };
        waiting.set(id, { prompt: { ...prompt, id }, question, settle });
        changed();
      });
    try {
      return await withDeadline({ timeoutMs: deps.limitMs, signal }, answered);
    } catch {
      // Nobody answered in time, or the question is no longer of use.
      forget();
      return null;
    }
  };

  return {
    ask: (question, signal) => askAll(question, (prompt) => put(question, prompt, signal)),
    askName: (clusterName, signal) => put(null, { kind: 'production_name', clusterName }, signal),
    watch(listener) {
      const undo = listeners.add(listener);
      listener(open());
      return undo;
    },
    async answer(id, answer) {
      const one = waiting.get(id);
      if (one === undefined)
        throw appError('app.prompt_gone', 'This question is no longer open.', {
          hint: 'It was answered elsewhere, or waited too long. Start the action again.',
        });
      if (answer.value !== null && one.prompt.kind === 'secret') {
        deps.onSecret(answer.value);
        if (answer.remember && one.prompt.mayRemember && one.question !== null)
          await deps.remember(one.question, answer.value);
      }
      one.settle(answer.value);
    },
    close() {
      for (const one of [...waiting.values()]) one.settle(null);
    },
  };
}

/** Puts one prompt after the other; one that is declined declines the whole question. */
async function askAll(
  question: SshQuestion,
  put: (prompt: NewPrompt) => Promise<string | null>,
): Promise<readonly string[] | null> {
  const answers: string[] = [];
  for (const prompt of promptsOf(question)) {
    const value = await put(prompt);
    if (value === null) return null;
    answers.push(value);
  }
  return answers;
}

function promptsOf(question: SshQuestion): readonly NewPrompt[] {
  const serverName = question.serverName;
  switch (question.kind) {
    case 'host_key':
      return [
        {
          kind: 'host_key',
          serverName,
          hostKey: question.key,
          ...(question.note === undefined ? {} : { note: question.note }),
        },
      ];
    case 'passphrase':
      return [
        secret(serverName, 'key_passphrase', `Passphrase of the key ${question.keyPath}`, question.previousWrong),
      ];
    case 'password':
      return [secret(serverName, 'password', `Password of ${question.user}`, question.previousWrong)];
    case 'sudo_password':
      return [secret(serverName, 'sudo_password', `sudo password of ${question.user}`, question.previousWrong)];
    case 'prompts':
      return question.prompts.map((one) => {
        const text = [question.title, question.instructions, one.text]
          .map((part) => part.trim())
          .filter((part) => part !== '')
          .join('\n');
        return { ...secret(serverName, 'otp', text, false), mayRemember: false };
      });
  }
}

type SecretPurpose = Extract<Prompt, { kind: 'secret' }>['purpose'];

function secret(serverName: string, purpose: SecretPurpose, text: string, previousWrong: boolean) {
  return { kind: 'secret' as const, purpose, serverName, text, attempt: previousWrong ? 2 : 1, mayRemember: true };
}
