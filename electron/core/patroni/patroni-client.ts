/** An answer of a member's REST API as it came: status and body text. Callers never get raw sockets. */
export interface RestAnswer {
  readonly status: number;
  readonly body: string;
}

/** A call of the REST API that changes something (docs/rest_api.rst). `body` is sent as JSON. */
export interface RestWrite {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: '/switchover' | '/failover' | '/restart' | '/reinitialize' | '/reload' | '/config';
  readonly body?: unknown;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * The REST API of one member, reached through that member's own SSH connection (or directly).
 * At most two requests are in flight per member: Patroni has five threads for everybody.
 *
 * Reads reject with `rest.refused`, `rest.timeout`, `rest.not_json` (HTML, half a JSON), `rest.too_large`
 * (over 2 MiB), `rest.empty_reply` (the DCS is down for this member), `rest.tls`, `rest.unauthorized`,
 * or the `ssh.*` code of a lost connection. Writes are sent at most once: `rest.no_answer` says that it
 * is not known whether the call was carried out, `rest.not_sent` that it certainly was not.
 */
export interface PatroniClient {
  readonly member: string;
  /**
   * GET a path, parsed as JSON; never authenticated. `/health` tells the same as `/patroni` at once, where that one asks a PostgreSQL that
   * just starts again after a second (patroni/api.py, get_postgresql_status).
   */
  get(
    path: '/patroni' | '/health' | '/cluster' | '/history' | '/config' | '/failsafe',
    timeoutMs: number,
  ): Promise<unknown>;
  /** The status code of a health endpoint, e.g. `/primary`; the body is not read. */
  health(path: string, timeoutMs: number): Promise<number>;
  write(request: RestWrite): Promise<RestAnswer>;
  close(): void;
}
