import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { MailSecurity } from '../../../shared/model/alerts/deliveries';
import type { Dial } from '../platform/dial';
import { onAbort, withDeadline } from '../platform/wait';

/** One mail and the server that takes it. `text` is the whole message with its headers, lines parted by CRLF, none beginning with a dot. */
export interface MailJob {
  readonly dial: Dial;
  readonly host: string;
  readonly port: number;
  readonly security: MailSecurity;
  readonly login: { readonly username: string; readonly password: string } | null;
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  /** For the whole exchange, ms. */
  readonly timeoutMs: number;
  /** PEM of further authorities that the server may be verified by; for tests. */
  readonly ca?: string;
}

/** Why a mail was not taken. `isFinal`: the server refused it for good, and trying again changes nothing. */
export class MailFailure extends Error {
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean, cause?: unknown) {
    super(message, { cause });
    this.name = 'MailFailure';
    this.isFinal = isFinal;
  }
}

/** A longer answer than this is none of SMTP, bytes. */
const MOST_REPLY_BYTES = 64 * 1024;

/** Hands one mail to a server (RFC 5321), with STARTTLS (RFC 3207) and AUTH PLAIN or LOGIN (RFC 4954). Rejects with a `MailFailure`. */
export async function sendMail(job: MailJob): Promise<void> {
  try {
    await withDeadline({ timeoutMs: job.timeoutMs }, (signal) => exchange(job, signal));
  } catch (thrown) {
    if (thrown instanceof MailFailure) throw thrown;
    throw new MailFailure(inWords(thrown), false, thrown);
  }
}

/** The message of a failed handshake or a lost connection, which holds nothing that was sent. */
function inWords(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '').slice(0, 300) : String(thrown);
}

async function exchange(job: MailJob, signal: AbortSignal): Promise<void> {
  const raw = await job.dial(job.host, job.port, job.timeoutMs);
  raw.on('error', () => undefined);
  const undo = onAbort(signal, () => raw.destroy());
  try {
    signal.throwIfAborted();
    const talk = new SmtpTalk(job.security === 'tls' ? await secure(raw, job, signal) : raw);
    await talk.expect('greeting', 220);
    await deliver(await begin(talk, raw, job, signal), job);
  } finally {
    undo();
    raw.destroy();
  }
}

/** Says hello, and goes over to TLS where that is wanted or offered. */
async function begin(talk: SmtpTalk, raw: Duplex, job: MailJob, signal: AbortSignal): Promise<SmtpTalk> {
  const offered = await talk.hello();
  if (job.security === 'tls') return talk;
  if (!offered.has('STARTTLS')) {
    if (job.security === 'offered') return talk;
    throw new MailFailure('The server does not offer STARTTLS, and mail is to be sent by TLS only.', true);
  }
  await talk.ask('STARTTLS', 'STARTTLS', 220);
  talk.leave();
  const secured = new SmtpTalk(await secure(raw, job, signal));
  await secured.hello();
  return secured;
}

/** Where TLS is only taken because it is offered, nobody is verified: without it, everything would go in clear. */
async function secure(stream: Duplex, { host, security, ca }: MailJob, signal: AbortSignal): Promise<Duplex> {
  const secured = connectTls({
    socket: stream,
    host,
    rejectUnauthorized: security !== 'offered',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
  });
  secured.on('error', () => undefined);
  await once(secured, 'secureConnect', { signal });
  return secured;
}

async function deliver(talk: SmtpTalk, { login, from, to, text }: MailJob): Promise<void> {
  if (login !== null) await talk.logIn(login.username, login.password);
  await talk.ask(`MAIL FROM:<${from}>`, 'MAIL FROM', 250);
  for (const address of to) await talk.ask(`RCPT TO:<${address}>`, `RCPT TO ${address}`, 250, 251);
  await talk.ask('DATA', 'DATA', 354);
  await talk.ask(`${text.replace(/(?:\r\n)+$/, '')}\r\n.`, 'the message', 250);
  // The mail is taken: how the server says goodbye changes nothing.
  talk.say('QUIT');
}

/** A conversation of SMTP: one command at a time, and its whole answer. */
class SmtpTalk {
  readonly #stream: Duplex;
  #text = '';
  #extensions: ReadonlySet<string> = new Set();
  #auth = '';
  #wake: () => void = () => undefined;
  #ended = false;
  readonly #onData = (chunk: Buffer): void => {
    this.#text += chunk.toString('latin1');
    this.#wake();
  };
  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake();
  };

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', this.#onData);
    stream.on('close', this.#onEnd);
    stream.on('end', this.#onEnd);
    stream.on('error', this.#onEnd);
  }

  /** Lets go of the stream. What came before TLS began would be taken for what came through it: it is refused. */
  leave(): void {
    this.#stream.off('data', this.#onData);
    this.#stream.off('close', this.#onEnd);
    this.#stream.off('end', this.#onEnd);
    if (this.#text !== '') throw new MailFailure('The server went on in clear after STARTTLS.', true);
  }

  say(line: string): void {
    this.#stream.write(`${line}\r\n`);
  }

  /** The extensions that the server offers. */
  async hello(): Promise<ReadonlySet<string>> {
    const lines = await this.ask('EHLO localhost', 'EHLO', 250);
    const words = lines.slice(1).map((line) => line.trim().toUpperCase());
    this.#auth = words.find((line) => line.startsWith('AUTH')) ?? '';
    this.#extensions = new Set(words.map((line) => line.split(/[\s=]/)[0] ?? ''));
    return this.#extensions;
  }

  async logIn(username: string, password: string): Promise<void> {
    const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
    if (/\bPLAIN\b/.test(this.#auth)) {
      await this.ask(`AUTH PLAIN ${base64(`\0${username}\0${password}`)}`, 'the login', 235);
    } else if (/\bLOGIN\b/.test(this.#auth)) {
      await this.ask('AUTH LOGIN', 'the login', 334);
      await this.ask(base64(username), 'the login', 334);
      await this.ask(base64(password), 'the login', 235);
    } else throw new MailFailure('The server offers no login by PLAIN or LOGIN.', true);
  }

  /** Sends a command and reads its answer; `what` names it for people, so that no secret of it is told. */
  ask(line: string, what: string, ...good: readonly number[]): Promise<readonly string[]> {
    this.say(line);
    return this.expect(what, ...good);
  }

  /** The lines of the next answer without their codes. */
  async expect(what: string, ...good: readonly number[]): Promise<readonly string[]> {
    const lines = await this.#reply();
    const code = Number(lines.at(-1)?.slice(0, 3));
    if (good.includes(code)) return lines.map((line) => line.slice(4));
    const said = lines
      .join(' ')
      .replaceAll(/[^\x20-\x7e]/g, ' ')
      .slice(0, 200);
    throw new MailFailure(`The server refused ${what}: ${said}`, code >= 500 && code < 600);
  }

  /** All lines of an answer: the last has a blank after its code. */
  async #reply(): Promise<readonly string[]> {
    for (;;) {
      const end = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r?\n/.exec(this.#text);
      if (end !== null) {
        this.#text = this.#text.slice(end[0].length);
        return end[0].trimEnd().split(/\r?\n/);
      }
      if (this.#text.length > MOST_REPLY_BYTES) throw new MailFailure('The server answered too much.', true);
      const [line] = this.#text.split('\n');
      if (this.#text.includes('\n') && !/^\d{3}/.test(line ?? ''))
        throw new MailFailure('What answers there does not speak SMTP.', true);
      if (this.#ended) throw new MailFailure('The server closed the connection.', false);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
