import type { Json } from '../model/json';

/** What a simulated Patroni answers: a status with text or JSON, or nothing at all (the connection closes). */
export type SimAnswer =
  | { readonly kind: 'json'; readonly code: number; readonly body: Json }
  | {
      readonly kind: 'text';
      readonly code: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'empty' };

/** An answer with a JSON body. */
export const json = (code: number, body: Json): SimAnswer => ({ kind: 'json', code, body });
/** An answer with plain text, as Patroni sends the outcome of a write. */
export const textAnswer = (code: number, body: string): SimAnswer => ({ kind: 'text', code, body });
/** The connection is closed without a word: by a member that is down, or where Patroni fails because the DCS is away. */
export const empty: SimAnswer = { kind: 'empty' };

/** A request as the routes see it. */
export interface RestRequest {
  readonly method: string;
  /** The first segment of the path, `` for the root. */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly hasLength: boolean;
}
