import { consentWords } from '../core/platform/consent';
import type { Host } from '../core/platform/host';
import type { ToCore, ToMain } from './messages';

/** Questions to the user as the core's process asks them: main alone may show a dialog. */
export interface RemoteConsent {
  readonly confirm: Host['confirm'];
  answer(message: Extract<ToCore, { kind: 'answered' }>): void;
}

/** Makes it; `send` reaches main. */
export function remoteConsent(send: (message: ToMain) => void): RemoteConsent {
  let lastId = 0;
  const waiting = new Map<number, (agreed: boolean) => void>();
  return {
    confirm: (question) =>
      new Promise((resolve) => {
        lastId += 1;
        waiting.set(lastId, resolve);
        send({ kind: 'confirm', id: lastId, words: consentWords(question) });
      }),
    answer: ({ id, agreed }) => {
      waiting.get(id)?.(agreed);
      waiting.delete(id);
    },
  };
}
