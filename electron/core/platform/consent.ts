import { resolve } from 'node:path';
import { appError } from '../../../shared/model/app-error';
import type { ConsentQuestion, Host } from './host';

/** What the page asks for, and only the user can grant. */
export interface Consent {
  /** Resolves when a file of this computer may be used; a yes is good until the app ends. Rejects with `app.not_agreed`. */
  file(path: string): Promise<void>;
  /** Resolves when a password may be shown now. Rejects with `app.not_agreed`. */
  reveal(secret: string, cluster: string): Promise<void>;
}

/** The question in words, with what the user agrees to by which word. */
export interface ConsentWords {
  readonly message: string;
  readonly detail: string;
  readonly agree: string;
}

/** What a question says to the user. */
export function consentWords(question: ConsentQuestion): ConsentWords {
  switch (question.kind) {
    case 'file':
      return {
        message: `May Matriarch use ${question.path}?`,
        detail: 'The cluster file or the form names it. It is read or written here, and may be sent to your servers.',
        agree: 'Use it',
      };
    case 'reveal':
      return {
        message: `Show the password ${question.secret} of ${question.cluster}?`,
        detail: 'It is shown in clear in the window.',
        agree: 'Show it',
      };
  }
}

/** Asks the host's user, one question at a time. */
export function createConsent(host: Pick<Host, 'confirm'>): Consent {
  const agreed = new Set<string>();
  let asking: Promise<unknown> = Promise.resolve();
  const ask = (question: ConsentQuestion): Promise<boolean> => {
    const answer = asking.then(() => host.confirm(question));
    asking = answer.catch(() => undefined);
    return answer;
  };
  return {
    file: async (path) => {
      const whole = resolve(path);
      if (agreed.has(whole)) return;
      if (!(await ask({ kind: 'file', path: whole })))
        throw appError('app.not_agreed', `${whole} is not used: nobody agreed to that outside of the page.`, {
          target: whole,
          hint:
            'Agree in the dialog of the app, or at the terminal where Matriarch runs. Started with --files DIRECTORY, ' +
            'it uses what lies below that directory.',
        });
      agreed.add(whole);
    },
    reveal: async (secret, cluster) => {
      if (await ask({ kind: 'reveal', secret, cluster })) return;
      throw appError(
        'app.not_agreed',
        `The password ${secret} is not shown: nobody agreed to that outside of the page.`,
        {
          target: secret,
          hint: 'Agree in the dialog of the app, or at the terminal where Matriarch runs.',
        },
      );
    },
  };
}
