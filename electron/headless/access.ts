import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ENTRANCE } from '../../shared/model/app/transport';

/** Who may come in: links that work once, and the key a link is exchanged for. */
export interface Access {
  /** A new link's token; it works once. */
  newToken(): string;
  /** The key for a request that carries an unused token or the key itself; null for any other. A token is used up. */
  exchange(headers: IncomingHttpHeaders): string | null;
  /** Whether the handshake of a WebSocket shows the key. */
  showsKey(headers: IncomingHttpHeaders): boolean;
}

/** Open links at a time; the oldest is forgotten. */
const MAX_TOKENS = 32;

/** Makes a key that is valid as long as this object is. */
export function createAccess(): Access {
  const key = randomBytes(32).toString('base64url');
  const tokens: string[] = [];
  const useToken = (token: string): boolean => {
    const index = tokens.findIndex((known) => sameText(known, token));
    if (index >= 0) tokens.splice(index, 1);
    return index >= 0;
  };
  return {
    newToken() {
      const token = randomBytes(24).toString('base64url');
      tokens.push(token);
      if (tokens.length > MAX_TOKENS) tokens.shift();
      return token;
    },
    exchange(headers) {
      const knows = sameText(oneHeader(headers, ENTRANCE.keyHeader), key);
      return useToken(oneHeader(headers, ENTRANCE.tokenHeader)) || knows ? key : null;
    },
    showsKey: (headers) => shownKeys(headers).some((shown) => sameText(shown, key)),
  };
}

/**
 * Whether a request was made to this host by its own name. A page of another site that points its name to
 * 127.0.0.1 (DNS rebinding) comes with its own name in Host and is turned away.
 */
export function ownHost(headers: IncomingHttpHeaders, port: number): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].some((name) => headers.host === `${name}:${port}`);
}

/** Whether a request for the core comes from the page itself. */
export function ownOrigin(headers: IncomingHttpHeaders, port: number): boolean {
  return ownHost(headers, port) && headers.origin === `http://${headers.host ?? ''}`;
}

function oneHeader(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

function shownKeys(headers: IncomingHttpHeaders): string[] {
  const protocols = oneHeader(headers, 'sec-websocket-protocol')
    .split(',')
    .map((text) => text.trim());
  return protocols
    .filter((text) => text.startsWith(ENTRANCE.keyProtocol))
    .map((text) => text.slice(ENTRANCE.keyProtocol.length));
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
