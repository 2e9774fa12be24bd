import type { Duplex } from 'node:stream';
import type { Sim } from '../model/sim';
import type { MemberState } from '../model/types';
import { bindTo, writeRow, type Bound } from './drill-writes';

/** A simulated server that a drill's client came to. */
interface Place {
  readonly sim: Sim;
  readonly member: MemberState;
  /** Brings the cluster up to the present. */
  catchUp(): void;
}

function packet(letter: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(letter), length, body]);
}

const READY = packet('Z', Buffer.from('I'));
const LET_IN = Buffer.concat([packet('R', Buffer.from([0, 0, 0, 0])), READY]);

function refusal(words: string): Buffer {
  return packet('E', Buffer.from(`SERROR\0VERROR\0C25006\0M${words}\0\0`));
}

/** One row with one column of text (protocol documentation, RowDescription and DataRow). */
function oneValue(text: string): Buffer {
  const name = Buffer.from('value\0');
  const description = Buffer.alloc(18);
  description.writeInt32BE(25, 6);
  description.writeInt16BE(-1, 10);
  description.writeInt32BE(-1, 12);
  const row = Buffer.alloc(6);
  row.writeInt16BE(1, 0);
  row.writeInt32BE(Buffer.byteLength(text), 2);
  return Buffer.concat([
    packet('T', Buffer.concat([Buffer.from([0, 1]), name, description])),
    packet('D', Buffer.concat([row, Buffer.from(text)])),
    packet('C', Buffer.from('SHOW\0')),
  ]);
}

const INSERT = /^INSERT INTO public\.written VALUES \('(\w+)', '(\w+)', (\d+)\)$/;

/**
 * The PostgreSQL of a simulated member, or with `target` null whoever the load balancer there takes for the leader, for the client of a
 * drill that has sent its startup message: it lets it in, and takes its writes. Nothing is answered from beyond a cut network.
 */
export function serveDrill(stream: Duplex, place: Place, target: MemberState | null): void {
  place.catchUp();
  const bound = bindTo(place.sim, place.member, target);
  if (bound === null) return void stream.end();
  stream.write(LET_IN);
  stream.on('data', (chunk: Buffer) => {
    place.catchUp();
    const answer = answerTo(bound, chunk);
    if (answer === 'ends') stream.end();
    else if (answer !== 'silent') stream.write(answer);
  });
}

function answerTo(bound: Bound, chunk: Buffer): Buffer | 'ends' | 'silent' {
  if (chunk[0] !== 'Q'.charCodeAt(0)) return 'ends';
  const statement = chunk.subarray(5, -1).toString('utf8');
  const [, client, way, n] = INSERT.exec(statement) ?? [];
  const row = client === undefined || way === undefined ? null : { client, way, n: Number(n) };
  const outcome = writeRow(bound, row);
  switch (outcome) {
    case 'silent':
    case 'ends':
      return outcome;
    case 'read_only':
      return Buffer.concat([
        row === null ? oneValue('on') : refusal('cannot execute INSERT in a read-only transaction'),
        READY,
      ]);
    case 'done':
      return Buffer.concat([row === null ? oneValue('off') : packet('C', Buffer.from('INSERT 0 1\0')), READY]);
  }
}
