import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { appError } from '../../../../../shared/model/app-error';
import type { VerifyResource } from '../../../../../shared/model/deploy/plan';
import type { ClientTls } from '../../../platform/http/tls-stream';
import { TimeoutError, withDeadline } from '../../../platform/wait';
import { until, type ApplyContext } from '../context';
import { answerMs, firstBytes, requestTls } from '../postgres-wire';

const openLimitMs = 60_000;

type EntryPoint = VerifyResource['entryPoints'][number];

/** Probes every entry point that applications use until PostgreSQL itself asks for the password behind it. */
export async function probeEntryPoints(resource: VerifyResource, context: ApplyContext): Promise<void> {
  await Promise.all(resource.entryPoints.map((entry) => probeEntryPoint(entry, context)));
}

async function probeEntryPoint(entry: EntryPoint, context: ApplyContext): Promise<void> {
  let last = 'nobody answers';
  const open = await until(context, openLimitMs, 250, async () => {
    last = await probe(entry, context);
    return last === '' ? true : undefined;
  });
  if (open === true) return;
  throw appError(
    'deploy.entry_point_closed',
    `Applications do not get in by ${entry.label} (${entry.address}:${entry.port}): ${last}.`,
    {
      target: entry.server,
      retryable: true,
      hint: 'Look at the log of HAProxy and PgBouncer on this server, then resume.',
    },
  );
}

/** '' when an authentication request comes back; else what happened instead. */
async function probe(entry: EntryPoint, context: ApplyContext): Promise<string> {
  let stream: Duplex;
  try {
    stream = await context.connectNamed(entry.server).dial(entry.address, entry.port, answerMs);
  } catch {
    return 'the connection is refused';
  }
  try {
    const greeted = context.probes.tls === null ? stream : await secure(stream, context.probes.tls);
    return typeof greeted === 'string' ? greeted : await greet(greeted, startupMessage(entry.user, entry.database));
  } finally {
    stream.destroy();
  }
}

/** The member behind an entry point changes, so only the authority is checked. */
async function secure(stream: Duplex, tls: ClientTls): Promise<Duplex | string> {
  const refusal = await requestTls(stream);
  if (refusal !== '') return refusal;
  const secured = connectTls({ socket: stream, ca: tls.ca, checkServerIdentity: () => undefined });
  secured.on('error', () => undefined);
  try {
    await withDeadline({ timeoutMs: answerMs }, (signal) => once(secured, 'secureConnect', { signal }));
    return secured;
  } catch (thrown) {
    if (thrown instanceof TimeoutError) return 'the TLS handshake does not end';
    return `TLS fails: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
}

async function greet(stream: Duplex, message: Buffer): Promise<string> {
  const answer = await firstBytes(stream, message);
  return typeof answer === 'string' ? answer : readGreeting(answer);
}

/** PostgreSQL's first answer: `R` asks for authentication, `E` is an error with its fields. */
function readGreeting(chunk: Buffer): string {
  const type = chunk.toString('latin1', 0, 1);
  if (type === 'R') return '';
  if (type !== 'E') return 'it is not PostgreSQL that answers';
  const message = chunk
    .subarray(5)
    .toString('utf8')
    .split('\0')
    .find((field) => field.startsWith('M'));
  return message?.slice(1) ?? 'an error';
}

/** The protocol's startup message, version 3.0. */
function startupMessage(user: string, database: string): Buffer {
  const body = Buffer.from(`user\0${user}\0database\0${database}\0application_name\0matriarch\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}
