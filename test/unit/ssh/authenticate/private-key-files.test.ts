import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createKeyStore } from '../../../../electron/core/ssh/authenticate/keys';
import { tempDirectory } from '../../../support/temp';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pkcs1 = rsa.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString();
const pkcs8 = rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const sec1 = ec.privateKey.export({ format: 'pem', type: 'sec1' }).toString();
const PARAMETERS = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
const ATTRIBUTES = 'Bag Attributes\n    localKeyID: 01 02\nKey Attributes: <No Attributes>\n';
const PUBLIC = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me\n';

/** The beginning of a key in OpenSSH's own form: its cipher stands before all else. */
function encryptedBy(cipher: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(cipher.length);
  const body = Buffer.concat([Buffer.from('openssh-key-v1\0'), length, Buffer.from(cipher), Buffer.alloc(64)]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

it('a private key under a cipher that is not read is refused without a question, with the command that writes it anew', async () => {
  const { path, remove } = await tempDirectory();
  onTestFinished(remove);
  const file = join(path, 'my key');
  await writeFile(file, encryptedBy('chacha20-poly1305@openssh.com'));
  const asked: boolean[] = [];
  const answer = await createKeyStore().open(file, 'a passphrase', (again) => {
    asked.push(again);
    return Promise.resolve('another');
  });
  expect(answer).toMatchObject({
    kind: 'unreadable',
    reason: expect.stringContaining(`ssh-keygen -p -Z aes256-ctr -f '${file}'`) as string,
  });
  expect(asked).toEqual([]);
});

it('a private key of ssh-keygen under that cipher is opened once the command was run', async ({ skip }) => {
  const { path, remove } = await tempDirectory();
  onTestFinished(remove);
  const file = join(path, 'id');
  const cipher = 'chacha20-poly1305@openssh.com';
  const made = spawnSync('ssh-keygen', [
    '-q',
    '-t',
    'ed25519',
    '-N',
    'a passphrase',
    '-Z',
    cipher,
    '-a',
    '1',
    '-f',
    file,
  ]);
  if (made.error !== undefined) skip('ssh-keygen is not installed');
  const open = () => createKeyStore().open(file, 'a passphrase', () => Promise.resolve(undefined));
  expect(await open()).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining(cipher) as string });
  spawnSync('ssh-keygen', [
    '-p',
    '-Z',
    'aes256-ctr',
    '-a',
    '1',
    '-P',
    'a passphrase',
    '-N',
    'a passphrase',
    '-f',
    file,
  ]);
  expect((await open()).kind).toBe('key');
});

describe('a private key is opened', () => {
  it.each([
    ['after the parameters of its curve, as openssl ecparam writes it', PARAMETERS + sec1],
    ['after the attributes of a PKCS#12, as openssl pkcs12 writes it', ATTRIBUTES + pkcs1],
    ['in PKCS#8 after such attributes', ATTRIBUTES + pkcs8],
    ['before a public key', pkcs1 + PUBLIC],
    ['whose lines end with CR LF', pkcs1.replaceAll('\n', '\r\n')],
    ['after an empty line', `\n${sec1}`],
  ])('%s', async (_about, text) => {
    const { path, remove } = await tempDirectory();
    onTestFinished(remove);
    await writeFile(join(path, 'key'), text);
    const answer = await createKeyStore().open(join(path, 'key'), undefined, () => Promise.resolve(undefined));
    expect(answer.kind).toBe('key');
  });
});
