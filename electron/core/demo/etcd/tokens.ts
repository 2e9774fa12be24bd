import { randomBytes } from 'node:crypto';
import { Metadata, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';

/** A gRPC error with etcd's own text. */
export function grpcFailure(code: status, details: string): ServiceError {
  return Object.assign(new Error(details), { code, details, metadata: new Metadata() });
}

/** Who may use one simulated etcd process; the texts are etcd's own (api/v3rpc/rpctypes/error.go). */
export class Tokens {
  readonly #granted = new Set<string>();
  readonly #users: Readonly<Record<string, string>> | undefined;

  constructor(users: Readonly<Record<string, string>> | undefined) {
    this.#users = users;
  }

  /** A token for a right password; throws what etcd answers otherwise. */
  grant(name: string, password: string): string {
    if (this.#users === undefined)
      throw grpcFailure(status.FAILED_PRECONDITION, 'etcdserver: authentication is not enabled');
    if (this.#users[name] !== password)
      throw grpcFailure(status.INVALID_ARGUMENT, 'etcdserver: authentication failed, invalid user ID or password');
    const token = randomBytes(12).toString('hex');
    this.#granted.add(token);
    return token;
  }

  /** Why a call is refused, or null. */
  refusal(metadata: Metadata): ServiceError | null {
    if (this.#users === undefined) return null;
    const [token] = metadata.get('token');
    if (token === undefined) return grpcFailure(status.INVALID_ARGUMENT, 'etcdserver: user name is empty');
    return this.#granted.has(String(token))
      ? null
      : grpcFailure(status.UNAUTHENTICATED, 'etcdserver: invalid auth token');
  }
}
