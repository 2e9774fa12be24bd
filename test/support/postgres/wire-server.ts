import { Duplex } from 'node:stream';

/** A refusal of the server: its SQLSTATE and its words. */
export interface WireRefusal {
  readonly sqlState: string;
  readonly message: string;
}

/** What is said to each statement; null lets it succeed. */
export type WireRefuses = (statement: string) => WireRefusal | null;

/**
 * From where on a server says nothing more: the request for TLS, the handshake of TLS after it was offered, the login, the first statement,
 * or the goodbye.
 */
export type WireSilence = 'request' | 'handshake' | 'login' | 'statement' | 'goodbye';

/**
 * The server's side of PostgreSQL's protocol, as far as simple queries need it: no TLS, no password, and one row with an empty
 * JSON list for each SELECT. `statements` grows by what is asked.
 */
export function wireServer(
  statements: string[],
  refuses: WireRefuses = () => null,
  silentFrom: WireSilence | null = null,
): Duplex {
  let begun = false;
  const stream: Duplex = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      for (const message of messagesIn(chunk)) answer(message);
      done();
    },
  });
  const ready = (): boolean => stream.push(packet('Z', Buffer.from('I')));
  const answer = (message: Buffer): void => {
    if (message.length === 8) {
      if (silentFrom !== 'request') stream.push(silentFrom === 'handshake' ? 'S' : 'N');
      return;
    }
    if (silentFrom === 'handshake') return;
    if (!begun) {
      if (silentFrom === 'login') return;
      begun = true;
      stream.push(packet('R', Buffer.from([0, 0, 0, 0])));
      return void ready();
    }
    if (message[0] === 'X'.charCodeAt(0)) {
      if (silentFrom !== 'goodbye') stream.push(null);
      return;
    }
    if (message[0] !== 'Q'.charCodeAt(0)) return;
    const statement = message.subarray(5, -1).toString('utf8');
    statements.push(statement);
    if (silentFrom === 'statement') return;
    const refusal = refuses(statement);
    stream.push(refusal === null ? success(statement) : refused(refusal));
    ready();
  };
  return stream;
}

/** A write of the client may hold several messages; those at the beginning have no letter. */
function messagesIn(chunk: Buffer): readonly Buffer[] {
  const isHandshake = chunk[0] === 0x16;
  if (chunk[0] === 0 || isHandshake) return [chunk];
  const messages: Buffer[] = [];
  for (let at = 0; at < chunk.length; at += chunk.readInt32BE(at + 1) + 1)
    messages.push(chunk.subarray(at, at + chunk.readInt32BE(at + 1) + 1));
  return messages;
}

function packet(letter: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(letter), length, body]);
}

function refused({ sqlState, message }: WireRefusal): Buffer {
  return packet('E', Buffer.from(`SERROR\0VERROR\0C${sqlState}\0M${message}\0\0`));
}

/** RowDescription of one column of text, DataRow with `[]`, and CommandComplete (protocol documentation, "Message Formats"). */
function success(statement: string): Buffer {
  const complete = packet('C', Buffer.from(`${statement.split(' ')[0] ?? ''}\0`));
  if (!statement.startsWith('SELECT')) return complete;
  const column = Buffer.from([0, 1, 0x63, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0]);
  const row = Buffer.from([0, 1, 0, 0, 0, 2, 0x5b, 0x5d]);
  return Buffer.concat([packet('T', column), packet('D', row), complete]);
}
