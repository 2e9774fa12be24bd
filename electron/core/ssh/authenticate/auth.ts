import type { AnyAuthMethod, AuthenticationType, Prompt } from 'ssh2';
import { appError, type AppError } from '../../../../shared/model/app-error';
import type { ServerAuth } from '../../../../shared/model/connect/server';
import type { BoundedAsk } from './ask';
import { declinedError, type ConnectionTarget } from '../errors';
import { ChosenKeys } from './chosen-keys';
import type { KeyAnswer, KeyStore } from './keys';

/** Answers of the user while the app runs; kept in memory only. */
export interface AuthMemory {
  password?: string;
  sudoPassword?: string;
}

/** Everything a login may draw on. */
export interface AuthSources {
  readonly serverId: string;
  readonly to: ConnectionTarget;
  readonly auth: ServerAuth;
  /** Key files of ~/.ssh/config, tried after the agent. */
  readonly identityFiles: readonly string[];
  /** True: of the agent's keys only those of the key files are offered, as with OpenSSH's IdentitiesOnly. */
  readonly identitiesOnly: boolean;
  readonly agentSocket: string | undefined;
  readonly readSecret: (secretId: string | undefined) => Promise<string | undefined>;
  readonly keys: KeyStore;
  readonly memory: AuthMemory;
  readonly ask: BoundedAsk;
}

type Method = 'publickey' | 'password' | 'keyboard-interactive';

/** One try of a login; `make` answers null when there is nothing to try after all. */
interface Step {
  readonly method: Method;
  readonly make: () => Promise<AnyAuthMethod | null>;
}

/** What has passed of one login by prompts. */
interface PromptTurn {
  rounds: number;
  /** The stored password was given: whatever asks again is for the user. */
  hasGivenPassword: boolean;
}

const PASSWORD_TRIES = 3;
/** Rounds of questions in one login, and proofs that a server may want one after the other: none honest wants more. */
const MOST_ROUNDS = 20;
const MOST_PROOFS = 5;

/** `Password:`, `Password for dba:`, `dba@db1's password:`, and the word that PAM has for it in other languages. */
const PASSWORD_PROMPT = new RegExp(
  "^\\s*(?:\\([^)]*\\)\\s*)?(?:[\\w.@-]+'s\\s+)?" +
    '(?:password|passwort|kennwort|mot de passe|contraseña|senha|lozinka|hasło|heslo|пароль|密码|密碼|パスワード|암호)' +
    '(?:\\s+for\\s+\\S+)?\\s*[:：]?\\s*$',
  'i',
);
const OTHER_SECRET = /one[- ]?time|\botp\b|token|passcode|verification|authenticator|\bcode\b|expired|\bnew\b|chang/i;

/**
 * Whether a prompt plainly asks for the password of the account. Anything else, a passcode, a one-time or a new password, is for the
 * user to answer: the stored password would spend an attempt, and a token may lock.
 */
export function asksForPassword(prompt: string, explanation: string): boolean {
  return PASSWORD_PROMPT.test(prompt) && !OTHER_SECRET.test(explanation);
}

/**
 * Walks through the login methods that the server offers. `next` answers the next try, and throws the reason
 * when none is left. After a success, `succeeded` keeps what the user typed.
 */
export class Login {
  readonly #from: AuthSources;
  #steps: Step[];
  #typedPassword: string | undefined;
  #offered: readonly string[] = [];
  readonly #notes: string[] = [];
  #proofs = 0;
  readonly #tried = new Set<string>();
  readonly #abort: (error: AppError) => void;
  readonly #outOfTime: <T>(work: () => Promise<T>) => Promise<T>;

  /**
   * `abort` ends the login from within a prompt that the user declined; `outOfTime` runs work that may wait for the user,
   * with the clock stopped.
   */
  constructor(
    from: AuthSources,
    abort: (error: AppError) => void,
    outOfTime: <T>(work: () => Promise<T>) => Promise<T>,
  ) {
    this.#from = from;
    this.#abort = abort;
    this.#outOfTime = outOfTime;
    this.#steps = this.#stepsFor(from.auth);
  }

  async next(left: readonly AuthenticationType[] | null, partial: boolean | null): Promise<AnyAuthMethod> {
    if (left === null) return { type: 'none', username: this.#from.to.user };
    this.#offered = left;
    if (partial === true) {
      this.#proofs += 1;
      if (this.#proofs > MOST_PROOFS) throw await this.#failure();
      this.#steps = this.#secondFactor();
    }
    for (let step = this.#steps.shift(); step !== undefined; step = this.#steps.shift()) {
      const method = left.includes(step.method) ? await step.make() : null;
      if (method === null) continue;
      this.#tried.add(step.method);
      return method;
    }
    throw await this.#failure();
  }

  succeeded(): void {
    if (this.#typedPassword !== undefined) this.#from.memory.password = this.#typedPassword;
  }

  #stepsFor(auth: ServerAuth): Step[] {
    switch (auth.kind) {
      case 'agent':
        return [this.#agentStep(), ...this.#from.identityFiles.map((path) => this.#keyStep(path, undefined, false))];
      case 'key':
        return [this.#keyStep(auth.keyPath, auth.passphraseSecret, true)];
      case 'password':
        return [...this.#passwordSteps(auth.passwordSecret), this.#promptsStep(auth.passwordSecret)];
      case 'keyboard-interactive':
        return [this.#promptsStep(auth.passwordSecret)];
    }
  }

  /** A server that wants a second proof after a key (AuthenticationMethods) gets what the user types. */
  #secondFactor(): Step[] {
    const { auth } = this.#from;
    const secret = auth.kind === 'password' || auth.kind === 'keyboard-interactive' ? auth.passwordSecret : undefined;
    return [this.#promptsStep(secret), ...this.#passwordSteps(secret)];
  }

  #agentStep(): Step {
    return {
      method: 'publickey',
      make: () => {
        const socket = this.#from.agentSocket;
        if (socket === undefined || socket === '') {
          this.#notes.push('No SSH agent is running (SSH_AUTH_SOCK is not set).');
          return Promise.resolve(null);
        }
        const agent = new ChosenKeys(socket, this.#from.identityFiles, this.#from.identitiesOnly);
        return Promise.resolve({ type: 'agent', username: this.#from.to.user, agent });
      },
    };
  }

  /** A key the user chose must work or say why; one of ~/.ssh/config that is missing is passed over, as OpenSSH does. */
  #keyStep(path: string, passphraseSecret: string | undefined, chosen: boolean): Step {
    return {
      method: 'publickey',
      make: async () => {
        const answer = await this.#openKey(path, passphraseSecret);
        if (answer.kind === 'key') return { type: 'agent', username: this.#from.to.user, agent: answer.identity };
        if (chosen) throw this.#keyError(path, answer);
        return null;
      },
    };
  }

  async #openKey(path: string, passphraseSecret: string | undefined): Promise<KeyAnswer> {
    const { keys, ask, readSecret, serverId, to } = this.#from;
    const stored = await readSecret(passphraseSecret);
    return this.#outOfTime(() =>
      keys.open(
        path,
        stored,
        async (previousWrong) =>
          (await ask({ kind: 'passphrase', serverId, serverName: to.name, keyPath: path, previousWrong }))?.[0],
      ),
    );
  }

  #keyError(path: string, answer: Exclude<KeyAnswer, { readonly kind: 'key' }>): AppError {
    const { name } = this.#from.to;
    switch (answer.kind) {
      case 'needs_passphrase':
        return declinedError(this.#from.to, `The passphrase of the key ${path}`);
      case 'wrong_passphrase':
        return appError('ssh.wrong_passphrase', `The passphrase of the key ${path} for ${name} is wrong.`, {
          target: name,
          hint: 'Enter the passphrase again, or store the right one with the server.',
        });
      case 'unreadable':
        return appError('ssh.key_unreadable', `The key ${path} for ${name} cannot be used: ${answer.reason}.`, {
          target: name,
          hint: 'Choose a private key file that your user can read.',
        });
    }
  }

  #passwordSteps(secretId: string | undefined): Step[] {
    return Array.from({ length: PASSWORD_TRIES }, (_, round): Step => ({
      method: 'password',
      make: async () => {
        const password = await this.#password(secretId, round > 0);
        return password === null ? null : { type: 'password', username: this.#from.to.user, password };
      },
    }));
  }

  /** The stored or remembered password first; the user is asked when there is none or when the last one was refused. */
  async #password(secretId: string | undefined, previousWrong: boolean): Promise<string | null> {
    const { memory, readSecret, ask, serverId, to } = this.#from;
    if (!previousWrong) {
      const known = memory.password ?? (await readSecret(secretId));
      if (known !== undefined) return known;
    }
    delete memory.password;
    const typed = (await ask({ kind: 'password', serverId, serverName: to.name, user: to.user, previousWrong }))?.[0];
    if (typed === undefined && !previousWrong) throw declinedError(to, `The password of ${to.user}`);
    this.#typedPassword = typed;
    return typed ?? null;
  }

  #promptsStep(secretId: string | undefined): Step {
    const turn: PromptTurn = { rounds: 0, hasGivenPassword: false };
    return {
      method: 'keyboard-interactive',
      make: () =>
        Promise.resolve({
          type: 'keyboard-interactive',
          username: this.#from.to.user,
          prompt: (title, instructions, _language, prompts, finish) => {
            turn.rounds += 1;
            this.#answerPrompts(title, instructions, prompts, turn, secretId).then(finish, (error: AppError) => {
              this.#abort(error);
            });
          },
        }),
    };
  }

  /**
   * A server that plainly asks for the account's password gets the stored one, once, whether before or after another factor;
   * everything else is put to the user.
   */
  async #answerPrompts(
    title: string,
    instructions: string,
    prompts: readonly Prompt[],
    turn: PromptTurn,
    secretId: string | undefined,
  ): Promise<string[]> {
    if (turn.rounds > MOST_ROUNDS) throw await this.#failure();
    const [only] = prompts;
    const isAlone = prompts.length === 1 && only?.echo !== true;
    if (isAlone && !turn.hasGivenPassword && asksForPassword(only?.prompt ?? '', `${title} ${instructions}`)) {
      const stored = this.#typedPassword ?? this.#from.memory.password ?? (await this.#from.readSecret(secretId));
      if (stored !== undefined) {
        turn.hasGivenPassword = true;
        return [stored];
      }
    }
    const { ask, serverId, to } = this.#from;
    const questions = prompts.map((prompt) => ({ text: prompt.prompt, echo: prompt.echo === true }));
    const answers = await ask({
      kind: 'prompts',
      serverId,
      serverName: to.name,
      title,
      instructions,
      prompts: questions,
    });
    if (answers === null) throw declinedError(to, 'The answer to the server');
    return [...answers];
  }

  async #failure(): Promise<AppError> {
    const { to, auth, keys } = this.#from;
    const offered = this.#offered.length === 0 ? 'nothing' : this.#offered.join(', ');
    const tried = this.#tried.size === 0 ? 'none of them could be tried' : `${[...this.#tried].join(', ')} was refused`;
    if (auth.kind === 'key' && (await keys.hasCertificate(auth.keyPath))) {
      this.#notes.push('A certificate lies beside the key; OpenSSH user certificates cannot be used to log in here.');
    }
    return appError(
      'ssh.auth_failed',
      `${to.name} (${to.host}:${to.port}) does not let ${to.user} in: it offers ${offered}; ${tried}.`,
      {
        target: to.name,
        hint: [...this.#notes, 'Check the user, and that the server accepts this key or password for it.'].join(' '),
      },
    );
  }
}
