import { AppError as AppErrorClass, appError } from '../../../shared/model/app-error';
import type { AppError } from '../../../shared/model/app-error';
import type { RestAccess } from '../../../shared/model/cluster/cluster-entry';
import { Slots } from '../platform/slots';
import type { Dial, Exchange, Failure, RestTls } from './exchange';
import { exchange, restError } from './exchange';
import type { PatroniClient, RestAnswer, RestWrite } from './patroni-client';

/** What a client for one member is made from. */
export interface PatroniDeps {
  /** The way to the member: its own SSH connection, or direct. */
  readonly dial: Dial;
  readonly readSecret: (secretId: string) => Promise<string | undefined>;
}

/** Where a member's REST API is. */
export interface RestAddress {
  readonly host: string;
  readonly port: number;
  readonly https: boolean;
}

/** Patroni has five threads for everybody who asks. */
const MOST_IN_FLIGHT = 2;

/** An address as it may be shown: a user and a password that somebody wrote into it are left out. */
export function withoutLogin(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//').slice(0, 200);
}

/** Reads an api_url such as `http://10.0.0.11:8008/patroni`; rejects everything that is not http or https with `rest.bad_address`. */
export function parseApiUrl(apiUrl: string): RestAddress {
  const bad = (): AppError =>
    appError('rest.bad_address', `"${withoutLogin(apiUrl)}" is not an address of a REST API.`, {
      hint: 'It must look like http://10.0.0.11:8008/patroni.',
    });
  if (!URL.canParse(apiUrl)) throw bad();
  const url = new URL(apiUrl);
  const https = url.protocol === 'https:';
  if ((!https && url.protocol !== 'http:') || url.hostname === '') throw bad();
  const usual = https ? 443 : 80;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? usual : Number(url.port),
    https,
  };
}

type Request = Pick<Exchange, 'method' | 'path' | 'timeoutMs'> &
  Partial<Pick<Exchange, 'body' | 'authorization' | 'signal' | 'wantsBody'>>;

/** The REST API of one member over its own way. */
class RestClient implements PatroniClient {
  readonly member: string;
  readonly #address: RestAddress;
  readonly #access: RestAccess;
  readonly #deps: PatroniDeps;
  readonly #slots = new Slots(MOST_IN_FLIGHT);
  readonly #closing = new AbortController();
  #tls: Promise<RestTls | null> | null = null;
  /** A member at rest says the same for seconds on end: the last value stands for the same text. */
  readonly #read = new Map<string, { readonly body: string; readonly value: unknown }>();

  constructor(member: string, address: RestAddress, access: RestAccess, deps: PatroniDeps) {
    this.member = member;
    this.#address = address;
    this.#access = access;
    this.#deps = deps;
  }

  async get(path: string, timeoutMs: number): Promise<unknown> {
    const outcome = await this.#ask({ method: 'GET', path, timeoutMs });
    return this.#json(path, outcome);
  }

  async health(path: string, timeoutMs: number): Promise<number> {
    return (await this.#ask({ method: 'GET', path, timeoutMs, wantsBody: false })).status;
  }

  async write(request: RestWrite): Promise<RestAnswer> {
    let authorization: string | null;
    try {
      authorization = await this.#authorization();
      await this.#readTls();
    } catch (thrown) {
      throw this.#notSent(thrown);
    }
    const outcome = await this.#slotted({
      ...request,
      body: bodyOf(request),
      authorization,
      signal: request.signal ?? null,
    });
    if (outcome.kind === 'answer') return outcome.answer;
    throw outcome.failure.sent ? this.#noAnswer(outcome.failure) : this.#notSent(outcome.failure.error);
  }

  close(): void {
    this.#closing.abort();
  }

  async #ask(request: Request): Promise<RestAnswer> {
    const outcome = await this.#slotted(request);
    if (outcome.kind === 'failure') throw outcome.failure.error;
    return outcome.answer;
  }

  async #slotted(request: Request): ReturnType<typeof exchange> {
    let release: () => void;
    try {
      release = await this.#slots.acquire(request.timeoutMs, () =>
        restError(
          'rest.busy',
          this.#where(),
          'is still answering earlier questions of this app.',
          'Wait for them to end.',
        ),
      );
    } catch (thrown) {
      return { kind: 'failure', failure: { error: this.#own(thrown), sent: false } };
    }
    try {
      return await this.#exchange(request);
    } finally {
      release();
    }
  }

  async #exchange(request: Request): ReturnType<typeof exchange> {
    try {
      const tls = await this.#readTls();
      const signal = request.signal ? AbortSignal.any([request.signal, this.#closing.signal]) : this.#closing.signal;
      return await exchange(
        { ...this.#where(), tls, body: null, authorization: null, wantsBody: true, ...request, signal },
        this.#deps.dial,
      );
    } catch (thrown) {
      return { kind: 'failure', failure: { error: this.#own(thrown), sent: false } };
    }
  }

  #where(): Pick<Exchange, 'member' | 'host' | 'port'> {
    return { member: this.member, host: this.#address.host, port: this.#address.port };
  }

  #json(path: string, { status, body }: RestAnswer): unknown {
    if (status === 401 || status === 403)
      throw restError(
        'rest.unauthorized',
        this.#where(),
        `refuses GET ${path} with status ${String(status)}.`,
        'Check the allow list and client certificates of the restapi section.',
      );
    if (status >= 300 && status < 400)
      throw restError(
        'rest.redirected',
        this.#where(),
        'answers with a redirect, which the app does not follow.',
        'Enter the address of Patroni itself.',
      );
    const value = this.#parse(path, body);
    if (path !== '/patroni' && status !== 200)
      throw restError(
        'rest.status',
        this.#where(),
        `answers GET ${path} with status ${String(status)}.`,
        'Look at the Patroni log of this member.',
      );
    return value;
  }

  #parse(path: string, body: string): unknown {
    const last = this.#read.get(path);
    if (last?.body === body) return last.value;
    try {
      const value: unknown = JSON.parse(body);
      this.#read.set(path, { body, value });
      return value;
    } catch {
      throw restError(
        'rest.not_json',
        this.#where(),
        `answers ${kindOf(body)}.`,
        "See whether the port is really Patroni's and no proxy stands in between.",
      );
    }
  }

  #own(thrown: unknown): AppError {
    return thrown instanceof AppErrorClass
      ? thrown
      : restError('rest.unreachable', this.#where(), 'cannot be reached.', 'Try again.', thrown);
  }

  #noAnswer({ error }: Failure): AppError {
    return appError(
      'rest.no_answer',
      `${this.member} was asked, but its answer did not arrive: it is not known whether the request was carried out.`,
      {
        target: this.member,
        retryable: false,
        hint: 'Look at the state of the cluster; do not send it again before.',
        cause: error,
      },
    );
  }

  #notSent(cause: unknown): AppError {
    return appError('rest.not_sent', `The request to ${this.member} was not sent, so nothing has changed.`, {
      target: this.member,
      retryable: true,
      hint: 'Restore the way to this member, or use another one.',
      cause,
    });
  }

  async #authorization(): Promise<string | null> {
    const { auth } = this.#access;
    if (auth === null) return null;
    const password = await this.#secret(auth.passwordSecret);
    return `Basic ${Buffer.from(`${auth.username}:${password}`, 'utf8').toString('base64')}`;
  }

  async #secret(id: string): Promise<string> {
    const value = await this.#deps.readSecret(id);
    if (value === undefined)
      throw restError(
        'rest.unauthorized',
        this.#where(),
        'needs a secret that is no longer in the vault.',
        'Enter the REST password or key of this cluster again.',
      );
    return value;
  }

  #readTls(): Promise<RestTls | null> {
    this.#tls ??= this.#makeTls().catch((thrown: unknown) => {
      this.#tls = null;
      throw thrown;
    });
    return this.#tls;
  }

  async #makeTls(): Promise<RestTls | null> {
    if (!this.#address.https) return null;
    const { tls } = this.#access;
    const key = tls?.keySecret === undefined ? undefined : await this.#secret(tls.keySecret);
    return {
      serverName: tls?.serverName ?? this.#address.host,
      insecure: tls?.insecure ?? false,
      ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
      ...(key === undefined ? {} : { key }),
    };
  }
}

/** A client for one member's REST API; throws `rest.bad_address` for an api_url that is none. Nothing is dialled before the first call. */
export function connectPatroni(member: string, apiUrl: string, access: RestAccess, deps: PatroniDeps): PatroniClient {
  return new RestClient(member, parseApiUrl(apiUrl), access, deps);
}

/** What is sent with a write: Patroni reads JSON of every request but a DELETE (api.py, _read_json_content). */
function bodyOf(request: RestWrite): string | null {
  if (request.body !== undefined) return JSON.stringify(request.body);
  return request.method === 'DELETE' ? null : '{}';
}

/** In words, what came in place of JSON. */
function kindOf(body: string): string {
  if (/^\s*</.test(body)) return 'with a web page';
  return body.trim() === '' ? 'with nothing' : 'with something that is not whole JSON';
}
