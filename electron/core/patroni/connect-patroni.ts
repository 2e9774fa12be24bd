import { appError } from '../../../shared/model/app-error';
import { readHostPort } from '../../../shared/model/connect/host-port';
import type { AppError } from '../../../shared/model/app-error';
import type { RestAccess } from '../../../shared/model/cluster/cluster-entry';
import type { Dial } from '../platform/dial';
import { HttpFailure, sendHttp } from '../platform/http/send-http';
import type { ClientTls } from '../platform/http/tls-stream';
import { Slots } from '../platform/slots';
import type { RestTarget } from './rest-errors';
import { restError, toRestError } from './rest-errors';
import type { PatroniClient, RestAnswer, RestWrite } from './patroni-client';

/** What a client for one member is made from. */
export interface PatroniDeps {
  /** The connection to the member: through its own server over SSH, or direct. */
  readonly dial: Dial;
  readonly readSecret: (secretId: string) => Promise<string | undefined>;
}

/** Where a member's REST API is. */
export interface RestAddress {
  readonly host: string;
  readonly port: number;
  readonly https: boolean;
}

/** These tell what a member is, whatever the status of the answer says. */
const statusPaths: ReadonlySet<string> = new Set(['/patroni', '/health']);

/** Patroni has five threads for everybody who asks. */
const MOST_IN_FLIGHT = 2;

/** An address as it may be shown: a user and a password that somebody wrote into it are left out. */
export function withoutLogin(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//').slice(0, 200);
}

/**
 * Reads an api_url such as `http://10.0.0.11:8008/patroni`; rejects with `rest.bad_address` what is not http or
 * https, names a user, or is the metadata service of a cloud (link-local, RFC 3927).
 */
export function parseApiUrl(apiUrl: string): RestAddress {
  const bad = (): AppError =>
    appError('rest.bad_address', `"${withoutLogin(apiUrl)}" is not an address of a REST API.`, {
      hint: 'It must look like http://10.0.0.11:8008/patroni.',
    });
  const https = /^https:/i.test(apiUrl);
  const isPlain = /^https?:\/\/[^/?#@\\]*([/?#]|$)/i.test(apiUrl);
  const address = isPlain ? readHostPort(apiUrl, https ? 443 : 80) : null;
  if (address === null || address.host.startsWith('169.254.')) throw bad();
  return { ...address, https };
}

/** Larger answers are not Patroni's. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

interface Call {
  readonly method: string;
  readonly path: string;
  readonly timeoutMs: number;
  readonly body?: string | null;
  readonly authorization?: string | null;
  readonly signal?: AbortSignal | null;
  /** False: the status line is enough and the body is not read. */
  readonly wantsBody?: boolean;
}

/** The REST API of one member over its own connection. */
class RestClient implements PatroniClient {
  readonly member: string;
  readonly #target: RestTarget;
  readonly #https: boolean;
  readonly #access: RestAccess;
  readonly #deps: PatroniDeps;
  readonly #slots = new Slots(MOST_IN_FLIGHT);
  readonly #closing = new AbortController();
  #tls: Promise<ClientTls | null> | null = null;
  /** A member at rest answers the same for seconds on end: the last value is reused for the same text. */
  readonly #parsed = new Map<string, { readonly body: string; readonly value: unknown }>();

  constructor(member: string, address: RestAddress, access: RestAccess, deps: PatroniDeps) {
    this.member = member;
    this.#target = { member, host: address.host, port: address.port };
    this.#https = address.https;
    this.#access = access;
    this.#deps = deps;
  }

  async get(path: string, timeoutMs: number): Promise<unknown> {
    return this.#json(path, await this.#read({ method: 'GET', path, timeoutMs }));
  }

  async health(path: string, timeoutMs: number): Promise<number> {
    return (await this.#read({ method: 'GET', path, timeoutMs, wantsBody: false })).status;
  }

  async write(request: RestWrite): Promise<RestAnswer> {
    const body = bodyOf(request);
    let authorization: string | null;
    try {
      authorization = await this.#authorization();
      await this.#readTls();
    } catch (thrown) {
      throw this.#notSent(thrown);
    }
    try {
      return await this.#send({ ...request, body, authorization });
    } catch (thrown) {
      const error = toRestError(thrown, this.#target);
      throw thrown instanceof HttpFailure && thrown.sent ? this.#noAnswer(error) : this.#notSent(error);
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async #read(call: Call): Promise<RestAnswer> {
    try {
      return await this.#send(call);
    } catch (thrown) {
      throw toRestError(thrown, this.#target);
    }
  }

  async #send(call: Call): Promise<RestAnswer> {
    const release = await this.#slots.acquire(call.timeoutMs, () =>
      restError(
        'rest.busy',
        this.#target,
        'is still answering earlier questions of this app.',
        'Wait for them to end.',
      ),
    );
    try {
      const { host, port } = this.#target;
      const { signal, wantsBody = true, body = null } = call;
      return await sendHttp({
        dial: this.#deps.dial,
        host,
        port,
        tls: await this.#readTls(),
        method: call.method,
        path: call.path,
        headers: headersOf(call),
        body,
        timeoutMs: call.timeoutMs,
        signal: signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal,
        maxBodyBytes: wantsBody ? MAX_BODY_BYTES : null,
      });
    } finally {
      release();
    }
  }

  #json(path: string, { status, body }: RestAnswer): unknown {
    if (status === 401 || status === 403)
      throw restError(
        'rest.unauthorized',
        this.#target,
        `refuses GET ${path} with status ${String(status)}.`,
        'Check the allow list and client certificates of the restapi section.',
      );
    if (status >= 300 && status < 400)
      throw restError(
        'rest.redirected',
        this.#target,
        'answers with a redirect, which the app does not follow.',
        'Enter the address of Patroni itself.',
      );
    const value = this.#parse(path, body);
    if (!statusPaths.has(path) && status !== 200)
      throw restError(
        'rest.status',
        this.#target,
        `answers GET ${path} with status ${String(status)}.`,
        'Look at the Patroni log of this member.',
      );
    return value;
  }

  #parse(path: string, body: string): unknown {
    const last = this.#parsed.get(path);
    if (last?.body === body) return last.value;
    try {
      const value: unknown = JSON.parse(body);
      this.#parsed.set(path, { body, value });
      return value;
    } catch {
      throw restError(
        'rest.not_json',
        this.#target,
        `answers ${kindOf(body)}.`,
        "See whether the port is really Patroni's and no proxy stands in between.",
      );
    }
  }

  #noAnswer(cause: AppError): AppError {
    return appError(
      'rest.no_answer',
      `${this.member} was asked, but its answer did not arrive: it is not known whether the request was carried out.`,
      {
        target: this.member,
        retryable: false,
        hint: 'Look at the state of the cluster; do not send it again before.',
        cause,
      },
    );
  }

  #notSent(cause: unknown): AppError {
    return appError('rest.not_sent', `The request to ${this.member} was not sent, so nothing has changed.`, {
      target: this.member,
      retryable: true,
      hint: 'Restore the connection to this member, or use another one.',
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
        this.#target,
        'needs a secret that is no longer in the vault.',
        'Enter the REST password or key of this cluster again.',
      );
    return value;
  }

  #readTls(): Promise<ClientTls | null> {
    this.#tls ??= this.#makeTls().catch((thrown: unknown) => {
      this.#tls = null;
      throw thrown;
    });
    return this.#tls;
  }

  async #makeTls(): Promise<ClientTls | null> {
    if (!this.#https) return null;
    const { tls } = this.#access;
    const key = tls?.keySecret === undefined ? undefined : await this.#secret(tls.keySecret);
    return {
      serverName: tls?.serverName ?? this.#target.host,
      insecure: tls?.insecure ?? false,
      ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
      ...(key === undefined ? {} : { key }),
    };
  }
}

function headersOf({ body = null, authorization = null }: Call): Record<string, string> {
  return {
    Accept: 'application/json',
    ...(body === null ? {} : { 'Content-Type': 'application/json' }),
    ...(authorization === null ? {} : { Authorization: authorization }),
  };
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
