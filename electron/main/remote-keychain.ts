import { LATE, settleWithin } from '../core/platform/wait';
import type { Keychain } from '../core/platform/host';
import type { ToCore, ToMain } from './messages';

/** An answer of main about the keychain. */
export type KeychainAnswer = Extract<ToCore, { kind: 'sealed' | 'opened' | 'failed' }>;

/** The keychain as the core's process has it: only main may use safeStorage, so each use is a question to main. */
export interface RemoteKeychain {
  withBackend(backend: string): Keychain;
  answer(message: KeychainAnswer): void;
}

/** The keychain may ask the user to unlock it, but not for ever, ms. */
const ANSWER_LIMIT_MS = 120_000;

/** Makes it; `send` reaches main. */
export function remoteKeychain(send: (message: ToMain) => void): RemoteKeychain {
  let lastId = 0;
  const waiting = new Map<number, (answer: KeychainAnswer) => void>();
  const question = async (ask: (id: number) => ToMain): Promise<KeychainAnswer> => {
    lastId += 1;
    const id = lastId;
    const answered = new Promise<KeychainAnswer>((resolve) => {
      waiting.set(id, resolve);
      send(ask(id));
    });
    const answer = await settleWithin(ANSWER_LIMIT_MS, answered);
    waiting.delete(id);
    return answer === LATE ? { kind: 'failed', id, message: 'The keychain did not answer.' } : answer;
  };
  return {
    withBackend: (backend) => ({
      backend,
      encrypt: async (text) => {
        const answer = await question((id) => ({ kind: 'encrypt', id, backend, text }));
        if (answer.kind !== 'sealed') throw new Error(failure(answer));
        return Buffer.from(answer.data);
      },
      decrypt: async (data) => {
        const answer = await question((id) => ({ kind: 'decrypt', id, backend, data }));
        if (answer.kind !== 'opened') throw new Error(failure(answer));
        return answer.text;
      },
    }),
    answer: (message) => {
      waiting.get(message.id)?.(message);
    },
  };
}

function failure(answer: KeychainAnswer): string {
  return answer.kind === 'failed' ? answer.message : 'The keychain gave an answer to another question.';
}
