import type { Duplex } from 'node:stream';
import ssh2 from 'ssh2';
import type { Client, ConnectConfig } from 'ssh2';
import type { Undo } from '../../../../shared/model/undo';
import { onAbort } from '../../platform/wait';
import { appError, type AppError } from '../../../../shared/model/app-error';
import { describeQuestion, type BoundedAsk } from '../authenticate/ask';
import { Login, type AuthSources } from '../authenticate/auth';
import {
  closedError,
  connectError,
  silentError,
  turnedAwayError,
  type ConnectPhase,
  type ConnectionTarget,
} from '../errors';
import { hostKeyInfo, type HostKeyAnswer, type HostKeys } from '../authenticate/host-keys';
import { AlgorithmOffers } from './algorithm-offers';
import { Deadline, type SshTiming } from './timing';

/** One attempt to log in to a server. */
export interface ConnectRequest {
  readonly sources: AuthSources;
  readonly hostKeys: HostKeys;
  readonly timing: SshTiming;
  /** The stream through the jump host; a TCP connection of its own without. */
  readonly sock?: Duplex;
  /** Receives the question while the user is asked, and null when the attempt goes on. */
  readonly onQuestion: (question: string | null) => void;
  readonly signal: AbortSignal;
}

/** Asks with the state of the connection saying so. */
function askAloud(request: ConnectRequest, outOfTime: <T>(work: () => Promise<T>) => Promise<T>): BoundedAsk {
  return (question) =>
    outOfTime(async () => {
      request.onQuestion(describeQuestion(question));
      try {
        return await request.sources.ask(question);
      } finally {
        request.onQuestion(null);
      }
    });
}

/** Throws unless the key is known or the user trusts it now. */
async function verifyHostKey(request: ConnectRequest, ask: BoundedAsk, key: Buffer): Promise<void> {
  const { to, serverId } = request.sources;
  const verdict = await request.hostKeys.check(to.host, to.port, key, to.via, to.knownAs);
  if (verdict.kind === 'known') return;
  if (verdict.kind !== 'unknown') throw hostKeyError(to, verdict, hostKeyInfo(to.host, to.port, key).fingerprint);
  const note = hostKeyNote(verdict);
  const info = hostKeyInfo(to.host, to.port, key);
  const answer = await ask({
    kind: 'host_key',
    serverId,
    serverName: to.name,
    key: info,
    ...(note === undefined ? {} : { note }),
  });
  if (answer === null) {
    throw appError(
      'ssh.unknown_host_key',
      `The host key of ${to.name} (${to.host}:${to.port}) is not known and was not trusted: ${info.algorithm} ${info.fingerprint}.`,
      {
        target: to.name,
        hint: 'Compare the fingerprint with the one the server itself shows, then connect again and trust it.',
      },
    );
  }
  await request.hostKeys.trust(to.host, to.port, key, to.via, to.knownAs);
}

function hostKeyNote(verdict: Extract<HostKeyAnswer, { readonly kind: 'unknown' }>): string | undefined {
  if (verdict.elsewhere !== undefined)
    return (
      `${verdict.elsewhere} has another key for this address without these jump hosts: ` +
      'that is another server, or this is not the right one.'
    );
  return verdict.certAuthority
    ? 'The known hosts name a certificate authority for this host; host certificates are not checked here, only the key itself.'
    : undefined;
}

function hostKeyError(
  to: ConnectionTarget,
  verdict: { readonly kind: 'changed' | 'revoked'; readonly where: string },
  shown: string,
): AppError {
  if (verdict.kind === 'revoked') {
    return appError(
      'ssh.host_key_revoked',
      `The host key of ${to.name} (${to.host}:${to.port}) is marked as revoked in ${verdict.where}. Nothing was sent.`,
      {
        target: to.name,
        hint: 'Do not connect until the server has a new host key.',
      },
    );
  }
  return appError(
    'ssh.host_key_changed',
    `The host key of ${to.name} (${to.host}:${to.port}) is not the one in ${verdict.where}; the server shows ${shown}. Nothing was sent.`,
    {
      target: to.name,
      hint:
        'Somebody may intercept the connection, or the server was reinstalled. Ask its administrator for the new ' +
        'fingerprint; if it matches, remove the old line and connect again.',
    },
  );
}

/** Starts an SSH connection and resolves when the login is done. Rejects with an AppError; nothing stays open then. */
export async function openClient(request: ConnectRequest): Promise<Client> {
  const { to } = request.sources;
  const algorithms = { serverHostKey: await request.hostKeys.algorithms(to.host, to.port, to.via, to.knownAs) };
  return new Attempt(request).run({
    ...(request.sock === undefined ? { host: to.host, port: to.port } : { sock: request.sock }),
    username: to.user,
    algorithms,
    readyTimeout: 0,
    keepaliveInterval: request.timing.keepaliveIntervalMs,
    keepaliveCountMax: request.timing.keepaliveCount,
  });
}

interface Settle {
  readonly resolve: (client: Client) => void;
  readonly reject: (error: AppError) => void;
}

/** The life of one attempt: exactly one of its ends is taken, and the socket is closed in all of them but success. */
class Attempt {
  readonly #request: ConnectRequest;
  readonly #client: Client = new ssh2.Client();
  readonly #ask: BoundedAsk;
  readonly #login: Login;
  readonly #offers = new AlgorithmOffers();
  #phase: ConnectPhase;
  #deadline: Deadline | undefined;
  #settle: Settle | undefined;
  #undoAbort: Undo | undefined;

  readonly #cancel = (): void => {
    this.#fail(closedError(this.#request.sources.to));
  };

  constructor(request: ConnectRequest) {
    this.#request = request;
    this.#phase = request.sock === undefined ? 'tcp' : 'banner';
    this.#ask = askAloud(request, this.#outOfTime);
    this.#login = new Login(
      { ...request.sources, ask: this.#ask },
      (error) => {
        this.#fail(error);
      },
      this.#outOfTime,
    );
  }

  /** Work that may wait for the user does not count as time to connect. */
  readonly #outOfTime = async <T>(work: () => Promise<T>): Promise<T> => {
    this.#deadline?.pause();
    try {
      return await work();
    } finally {
      this.#deadline?.resume();
    }
  };

  run(config: ConnectConfig): Promise<Client> {
    return new Promise<Client>((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#watch();
      if (this.#settle === undefined) return;
      this.#client.connect({
        ...config,
        debug: this.#offers.listen,
        hostVerifier: this.#hostVerifier,
        authHandler: this.#authHandler,
      });
    });
  }

  #watch(): void {
    const {
      sources: { to },
      timing,
      signal,
    } = this.#request;
    this.#deadline = new Deadline(timing.connectTimeoutMs, () => {
      this.#fail(silentError(to, this.#phase, timing.connectTimeoutMs));
    });
    this.#undoAbort = onAbort(signal, this.#cancel);
    this.#client
      .on('connect', () => {
        this.#phase = 'banner';
      })
      .on('greeting', () => undefined)
      .on('handshake', () => {
        this.#phase = 'login';
      })
      .on('ready', () => {
        this.#succeed();
      })
      .on('error', (error: Error & { level?: string }) => {
        // An agent that cannot be reached or that refuses one key is not the end: the next method is tried.
        if (error.level !== 'agent') this.#fail(connectError(to, this.#phase, this.#offers.explain(error)));
      })
      .on('close', () => {
        this.#fail(
          this.#phase === 'login'
            ? connectError(to, 'login', new Error('The server closed the connection.'))
            : turnedAwayError(to, new Error('The server closed the connection.')),
        );
      });
  }

  readonly #hostVerifier = (key: Buffer, verify: (valid: boolean) => void): void => {
    this.#phase = 'login';
    verifyHostKey(this.#request, this.#ask, key).then(
      // The attempt may have ended while the user was asked; its client takes no answer any more.
      () => {
        if (this.#settle !== undefined) verify(true);
      },
      (error: unknown) => {
        this.#fail(connectError(this.#request.sources.to, 'login', error));
      },
    );
  };

  readonly #authHandler: Exclude<ConnectConfig['authHandler'], undefined | readonly unknown[]> = (
    left,
    partial,
    next,
  ) => {
    this.#login.next(left, partial).then(
      (method) => {
        if (this.#settle !== undefined) next(method);
      },
      (error: unknown) => {
        this.#fail(connectError(this.#request.sources.to, 'login', error));
      },
    );
  };

  #succeed(): void {
    const settle = this.#end();
    if (settle === undefined) return;
    this.#login.succeeded();
    this.#client.setNoDelay(true);
    settle.resolve(this.#client);
  }

  #fail(error: AppError): void {
    const settle = this.#end();
    if (settle === undefined) return;
    this.#client.destroy();
    settle.reject(error);
  }

  #end(): Settle | undefined {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#deadline?.clear();
    this.#undoAbort?.();
    return settle;
  }
}
