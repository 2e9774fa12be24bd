import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import ssh2 from 'ssh2';
import type { IdentityCallback, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2';
import { shellWord } from '../../../../shared/rules/words/shell-words';
import { isEncryptedPkcs8, isPkcs8, publicBlobOf } from './pkcs8';
import { LATE, settleWithin } from '../../platform/wait';
import { errnoOf } from '../errors';

/** What a private key file turned out to be. */
export type KeyAnswer =
  | { readonly kind: 'key'; readonly identity: ssh2.BaseAgent<ParsedKey> }
  | { readonly kind: 'needs_passphrase' }
  | { readonly kind: 'wrong_passphrase' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Private keys by path. An encrypted key is opened once per passphrase, off the main thread, and kept in memory. */
export interface KeyStore {
  /**
   * Opens a key with the stored passphrase, else with what `ask` answers (undefined: declined), a few times over.
   * Whoever needs the same key meanwhile waits for the same answer; an open key is answered from memory.
   */
  open(
    path: string,
    stored: string | undefined,
    ask: (previousWrong: boolean) => Promise<string | undefined>,
  ): Promise<KeyAnswer>;
  /** True when an OpenSSH user certificate lies beside the key; such certificates cannot be used to log in here. */
  hasCertificate(path: string): Promise<boolean>;
}

/** What the worker hands back: the opened key in forms that can cross threads. */
interface OpenedKey {
  readonly type: string;
  readonly publicBlob: Uint8Array;
  readonly pem: string;
}

type WorkerReply = { readonly key: OpenedKey } | { readonly error: string };

/** Deriving the key of an encrypted file takes 0.3 to 1.1 s of computing, which must not stop every other connection. */
const WORKER = `
const { parentPort, workerData } = require('node:worker_threads');
const { utils } = require(workerData.library);
const parsed = utils.parseKey(Buffer.from(workerData.file), workerData.passphrase);
const key = Array.isArray(parsed) ? parsed[0] : parsed;
parentPort.postMessage(key instanceof Error ? { error: key.message }
  : { key: { type: key.type, publicBlob: key.getPublicSSH(), pem: key.getPrivatePEM() } });
`;

const OPEN_TIMEOUT_MS = 30_000;
const PASSPHRASE_TRIES = 3;

async function openInWorker(file: Buffer, passphrase: string): Promise<WorkerReply> {
  const library = createRequire(import.meta.url).resolve('ssh2');
  const worker = new Worker(WORKER, {
    eval: true,
    workerData: { library, file, passphrase },
    stdout: true,
    stderr: true,
  });
  const replied = new Promise<WorkerReply>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => {
      resolve({ error: 'the key could not be opened' });
    });
  });
  try {
    const reply = await settleWithin(OPEN_TIMEOUT_MS, replied);
    return reply === LATE ? { error: 'opening the key took too long' } : reply;
  } finally {
    await worker.terminate();
  }
}

/** The hash that goes with a key type (RFC 5656 for ECDSA); RSA takes what the server agreed to; Ed25519 has its own. */
function hashFor(type: string, options: SigningRequestOptions): string | null {
  if (type === 'ssh-ed25519') return null;
  if (type === 'ecdsa-sha2-nistp256') return 'sha256';
  if (type === 'ecdsa-sha2-nistp384') return 'sha384';
  if (type === 'ecdsa-sha2-nistp521') return 'sha512';
  return options.hash ?? 'sha1';
}

/** One private key in the shape of an agent, which is how ssh2 takes keys that it did not parse itself. */
class SingleKey extends ssh2.BaseAgent<ParsedKey> {
  readonly #publicKey: ParsedKey;
  readonly #pem: string;
  /** Read once: reading it takes ten times as long as signing. */
  #privateKey: KeyObject | undefined;

  constructor(publicKey: ParsedKey, pem: string) {
    super();
    this.#publicKey = publicKey;
    this.#pem = pem;
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    done(null, [this.#publicKey]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    const answer = typeof options === 'function' ? options : done;
    const wanted = typeof options === 'function' ? {} : options;
    try {
      this.#privateKey ??= createPrivateKey(this.#pem);
      answer?.(null, sign(hashFor(this.#publicKey.type, wanted), data, this.#privateKey));
    } catch (thrown) {
      answer?.(thrown instanceof Error ? thrown : new Error('The key could not sign.'));
    }
  }
}

/** The cipher of an encrypted key in OpenSSH's own form (PROTOCOL.key): it stands before all else, in clear. */
const UNREAD_CIPHER = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/;

/** Why a key is encrypted in a way that is not read here, with the command that writes it anew in one that is; null for any other. */
function unreadCipherOf(file: Buffer, path: string): string | null {
  const body = Buffer.from(UNREAD_CIPHER.exec(file.toString('latin1'))?.[1] ?? '', 'base64');
  const start = 'openssh-key-v1\0'.length;
  if (body.length < start + 4) return null;
  const cipher = body.subarray(start + 4, start + 4 + body.readUInt32BE(start)).toString('latin1');
  return cipher.startsWith('chacha20-poly1305')
    ? `it is encrypted with ${cipher}, which is not read here; "ssh-keygen -p -Z aes256-ctr -f ${shellWord(path)}" asks for its ` +
        'passphrase and writes it anew with a cipher that is'
    : null;
}

function toIdentity(key: OpenedKey): KeyAnswer {
  const blob = Buffer.from(key.publicBlob).toString('base64');
  const parsed = ssh2.utils.parseKey(`${key.type} ${blob}`);
  return parsed instanceof Error
    ? { kind: 'unreadable', reason: parsed.message }
    : { kind: 'key', identity: new SingleKey(parsed, key.pem) };
}

/** ssh2 may answer a list (OpenSSH files can hold several keys); its types say one. */
function firstKey(parsed: ParsedKey | Error | readonly ParsedKey[]): ParsedKey | Error {
  if (!Array.isArray(parsed)) return parsed as ParsedKey | Error;
  const [first] = parsed as readonly ParsedKey[];
  return first ?? new Error('the file holds no key');
}

function parsePlain(file: Buffer): KeyAnswer {
  if (isPkcs8(file)) return isEncryptedPkcs8(file) ? { kind: 'needs_passphrase' } : openPkcs8(file, undefined);
  const parsed = firstKey(ssh2.utils.parseKey(file));
  if (parsed instanceof Error) return refusal(parsed.message, 'needs_passphrase');
  if (parsed.type.includes('-cert-'))
    return {
      kind: 'unreadable',
      reason: 'it is an OpenSSH certificate, which cannot be used to log in here; choose the private key',
    };
  if (!parsed.isPrivateKey())
    return { kind: 'unreadable', reason: 'it is a public key; choose the private key (the file without .pub)' };
  return toIdentity({ type: parsed.type, publicBlob: parsed.getPublicSSH(), pem: parsed.getPrivatePEM() });
}

/** A key in PKCS#8, which ssh2 does not read and Node does. */
function openPkcs8(file: Buffer, passphrase: string | undefined): KeyAnswer {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: file, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    return passphrase === undefined
      ? { kind: 'unreadable', reason: 'its PKCS#8 cannot be read' }
      : { kind: 'wrong_passphrase' };
  }
  const found = publicBlobOf(key);
  if (found === null) return { kind: 'unreadable', reason: 'it is of a type that SSH does not use here' };
  return toIdentity({ ...found, pem: key.export({ format: 'pem', type: 'pkcs8' }).toString() });
}

/** Sorts the messages of ssh2's key parser. */
function refusal(message: string, whenEncrypted: 'needs_passphrase' | 'wrong_passphrase'): KeyAnswer {
  if (/no passphrase given/i.test(message)) return { kind: whenEncrypted };
  if (
    /integrity check failed|bad passphrase|bad decrypt|wrong passphrase|malformed (openssh )?private key/i.test(
      message,
    ) &&
    whenEncrypted === 'wrong_passphrase'
  )
    return { kind: 'wrong_passphrase' };
  if (/unsupported key format/i.test(message))
    return {
      kind: 'unreadable',
      reason: 'it is not a private key in a format the app knows (OpenSSH, PKCS#8, PEM, PuTTY)',
    };
  return { kind: 'unreadable', reason: message };
}

async function openEncrypted(file: Buffer, passphrase: string): Promise<KeyAnswer> {
  if (isPkcs8(file)) return openPkcs8(file, passphrase);
  const reply = await openInWorker(file, passphrase);
  return 'key' in reply ? toIdentity(reply.key) : refusal(reply.error, 'wrong_passphrase');
}

const PRIVATE_BLOCK = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[\s\S]*?-----END \1PRIVATE KEY-----/;

/**
 * The private key of a file that holds more: OpenSSL writes the parameters of a curve or the attributes of a PKCS#12 before it, and
 * a public key or a certificate may follow. A file without such a block is left as it is.
 */
function privateKeyOf(file: Buffer): Buffer {
  const block = PRIVATE_BLOCK.exec(file.toString('latin1'))?.[0];
  return block === undefined ? file : Buffer.from(`${block}\n`, 'latin1');
}

async function readKeyFile(path: string): Promise<Buffer | string> {
  try {
    const file = await readFile(path);
    return file.length > 1024 * 1024 ? 'it is far too large for a key' : file;
  } catch (thrown) {
    const code = errnoOf(thrown);
    if (code === 'ENOENT') return 'there is no such file';
    return code === 'EACCES' ? 'your user may not read it' : `it cannot be read (${code ?? 'unknown error'})`;
  }
}

/** A store of its own memory: one per pool. */
export function createKeyStore(): KeyStore {
  const opened = new Map<string, { readonly file: Buffer; readonly answer: KeyAnswer }>();
  const opening = new Map<string, Promise<KeyAnswer>>();
  const load = async (path: string, passphrase: string | undefined): Promise<KeyAnswer> => {
    const read = await readKeyFile(path);
    if (typeof read === 'string') return { kind: 'unreadable', reason: read };
    const file = privateKeyOf(read);
    const cached = opened.get(path);
    if (cached?.file.equals(file) === true) return cached.answer;
    const cipher = unreadCipherOf(file, path);
    if (cipher !== null) return { kind: 'unreadable', reason: cipher };
    const plain = parsePlain(file);
    if (plain.kind === 'needs_passphrase' && passphrase === undefined) return plain;
    const answer = plain.kind === 'needs_passphrase' ? await openEncrypted(file, passphrase ?? '') : plain;
    if (answer.kind === 'key') opened.set(path, { file, answer });
    return answer;
  };
  const openAsking = async (
    path: string,
    stored: string | undefined,
    ask: (previousWrong: boolean) => Promise<string | undefined>,
  ): Promise<KeyAnswer> => {
    let answer = await load(path, stored);
    for (
      let round = 0;
      round < PASSPHRASE_TRIES && (answer.kind === 'needs_passphrase' || answer.kind === 'wrong_passphrase');
      round += 1
    ) {
      const typed = await ask(answer.kind === 'wrong_passphrase');
      if (typed === undefined) return answer;
      answer = await load(path, typed);
    }
    return answer;
  };
  return {
    open: async (path, stored, ask) => {
      const before = opening.get(path);
      if (before !== undefined && (await before).kind === 'key') return before;
      const work = openAsking(path, stored, ask).finally(() => {
        if (opening.get(path) === work) opening.delete(path);
      });
      opening.set(path, work);
      return work;
    },
    hasCertificate: async (path) => typeof (await readKeyFile(`${path}-cert.pub`)) !== 'string',
  };
}
