import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Who may come in: links that work once, and the cookie a link is exchanged for. */
export interface Access {
  /** A new link's token; it works once. */
  newToken(): string;
  /** The cookie for a token, or null when the token is unknown or was used. */
  exchange(token: string): string | null;
  /** Whether a request carries the cookie. */
  holdsCookie(headers: IncomingHttpHeaders): boolean;
}

/** Open links at a time; the oldest is forgotten. */
const MAX_TOKENS = 32;

/** Cookies are shared by all ports of a host, so the name carries the port: two running hosts do not disturb each other. */
export function createAccess(port: number): Access {
  const name = `matriarch_${port}`;
  const session = randomBytes(32).toString('base64url');
  const tokens: string[] = [];
  return {
    newToken() {
      const token = randomBytes(24).toString('base64url');
      tokens.push(token);
      if (tokens.length > MAX_TOKENS) tokens.shift();
      return token;
    },
    exchange(token) {
      const index = tokens.findIndex((known) => sameText(known, token));
      if (index < 0) return null;
      tokens.splice(index, 1);
      return `${name}=${session}; HttpOnly; SameSite=Strict; Path=/`;
    },
    holdsCookie: (headers) => cookieValues(headers.cookie ?? '', name).some((value) => sameText(value, session)),
  };
}

/**
 * Whether a request was made to this host by its own name. A page of another site that points its name to
 * 127.0.0.1 (DNS rebinding) comes with its own name in Host and is turned away.
 */
export function ownHost(headers: IncomingHttpHeaders, port: number): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].some((name) => headers.host === `${name}:${port}`);
}

/** Whether a WebSocket comes from the page itself. */
export function ownOrigin(headers: IncomingHttpHeaders, port: number): boolean {
  return ownHost(headers, port) && headers.origin === `http://${headers.host ?? ''}`;
}

function cookieValues(header: string, name: string): string[] {
  const pairs = header.split(';').map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
