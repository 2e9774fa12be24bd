import type { Duplex } from 'node:stream';
import { LATE, settleWithin } from '../../platform/wait';

/** How long one answer of PostgreSQL or PgBouncer may take, ms. */
export const answerMs = 3_000;

/** The code of PostgreSQL's request for TLS (protocol documentation, SSLRequest). */
const TLS_REQUEST = 80_877_103;

/** Sends a message and gives the first bytes that come back; a text says what happened instead. */
export async function firstBytes(stream: Duplex, message: Buffer): Promise<Buffer | string> {
  const answered = new Promise<Buffer | string>((resolve) => {
    stream.on('error', () => {
      resolve('the connection broke');
    });
    stream.on('close', () => {
      resolve('the connection was closed');
    });
    stream.once('data', resolve);
    stream.write(message);
  });
  const answer = await settleWithin(answerMs, answered);
  return answer === LATE ? 'no answer' : answer;
}

/**
 * PostgreSQL's own way into TLS: a request, and the answer `S`, after which the handshake begins. '' when it may;
 * else what happened instead.
 */
export async function requestTls(stream: Duplex): Promise<string> {
  const request = Buffer.alloc(8);
  request.writeInt32BE(8, 0);
  request.writeInt32BE(TLS_REQUEST, 4);
  const answer = await firstBytes(stream, request);
  if (typeof answer === 'string') return answer;
  return answer.toString('latin1', 0, 1) === 'S' ? '' : 'it does not speak TLS';
}
