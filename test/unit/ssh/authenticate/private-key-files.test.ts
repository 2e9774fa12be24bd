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
