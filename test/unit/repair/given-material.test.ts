import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CertificateFile } from '../../../shared/model/repair/certificate-repair';
import { issue, makeAuthority, reissue, type Authority } from '../../../electron/core/deploy/tls/authority';
import { createGivenStore, findFitting, sortGiven } from '../../../electron/core/repair/certificates/given-material';
import { publicKeyOf } from '../../../electron/core/repair/certificates/look-at-files';

const DAY = 86_400_000;
const NOW = Date.now();
const WISH = { commonName: 'db1', names: ['db1', 'localhost'], addresses: ['10.0.0.1'] };

let authority: Authority;
let stranger: Authority;
let old: X509Certificate;

const signed = (by: Authority, ago = 0, names = WISH.names) =>
  issue({ ...by, trusted: by.cert }, { ...WISH, names }, NOW - ago);
const place: CertificateFile = {
  ...{ server: 'db1', cert: '/etc/etcd/tls/etcd.crt', key: '/etc/etcd/tls/etcd.key', programs: ['etcd'] },
  ...{ details: null, keyFits: true, placement: 'etcd:etcd 600', why: null },
};
const find = (files: Readonly<Record<string, string>>, keyOnServer: string | null = null) =>
  findFitting(sortGiven(Object.entries(files).map(([name, text]) => ({ name, text }))).material, {
    ...{ file: place, old, keyOnServer, trusted: [new X509Certificate(authority.cert)], now: NOW },
  });

beforeAll(async () => {
  authority = await makeAuthority('Example', NOW);
  stranger = await makeAuthority('Stranger', NOW);
  old = new X509Certificate((await signed(authority, 400 * DAY)).cert);
});

describe('certificates that are given for a repair', () => {
  it('fit with their key, or by the key that lies on the server', async () => {
    const { cert, key } = await signed(authority);
    expect(find({ 'a.pem': `${cert}${key}` })).toMatchObject({
      from: 'a.pem',
      key: expect.stringContaining('PRIVATE'),
    });
    expect(find({ 'a.crt': cert }, publicKeyOf(new X509Certificate(cert)))).toMatchObject({ from: 'a.crt', key: null });
  });

  it.each<[string, () => Promise<Readonly<Record<string, string>>>, RegExp]>([
    ['the key was not given', async () => ({ 'a.crt': (await signed(authority)).cert }), /the key .* was not given/],
    [
      'it has ended',
      async () => {
        const { cert, key } = await signed(authority, 400 * DAY);
        return { 'a.crt': cert, 'a.key': key };
      },
      /has ended/,
    ],
    [
      'it lacks a name',
      async () => {
        const { cert, key } = await signed(authority, 0, ['db1']);
        return { 'a.crt': cert, 'a.key': key };
      },
      /none of those given is good for/,
    ],
    [
      'nobody trusts who signed it',
      async () => {
        const { cert, key } = await signed(stranger);
        return { 'a.crt': cert, 'a.key': key };
      },
      /the chain .* does not fit: it is signed by CN=Stranger/,
    ],
    ['there is none', () => Promise.resolve({ 'notes.txt': 'hello' }), /no certificate for it was given/],
  ])('do not fit where %s', async (_what, files, why) => {
    expect(find(await files())).toMatch(why);
  });

  it('are told apart by what they say, and a locked key is said to be of no use', async () => {
    const { cert, key } = await signed(authority);
    const locked = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
    }).privateKey;
    const { says, material } = sortGiven([
      { name: 'ca.pem', text: `${authority.cert}${authority.key}` },
      { name: 'a.pem', text: `${key}${cert}` },
      { name: 'locked.key', text: locked },
      { name: 'x', text: 'nothing' },
    ]);
    expect(says.map((one) => one.says)).toEqual([
      'the authority CN=Example and a private key',
      'a certificate of CN=db1 and a private key',
      'a key that is locked by a passphrase: it cannot be used, give it without one',
      'nothing that is a certificate or a key in PEM',
    ]);
    expect(material.signer).not.toBeNull();
  });

  it('are held for their cluster alone, for an hour, and the next ones take their place', () => {
    let now = NOW;
    const store = createGivenStore(() => now);
    const first = store.give('orders', [{ name: 'a', text: authority.cert }]);
    expect(store.take('orders', first.id)).not.toBeNull();
    expect(store.take('ledger', first.id)).toBeNull();
    const second = store.give('orders', []);
    expect(store.take('orders', first.id)).toBeNull();
    now += 3_600_001;
    expect(store.take('orders', second.id)).toBeNull();
  });
});

describe('a certificate that is made anew', () => {
  it('says what the old one said, ends no later than its authority, and has a key of its own', async () => {
    const made = new X509Certificate((await reissue(authority, old.toString(), NOW)).cert);
    expect(made.subject).toBe(old.subject);
    expect(made.subjectAltName).toBe(old.subjectAltName);
    expect(made.keyUsage).toEqual(old.keyUsage);
    expect(made.verify(new X509Certificate(authority.cert).publicKey)).toBe(true);
    expect(publicKeyOf(made)).not.toBe(publicKeyOf(old));
    const near = await makeAuthority('Near', NOW - 3640 * DAY);
    const short = new X509Certificate((await reissue(near, old.toString(), NOW)).cert);
    expect(Date.parse(short.validTo)).toBe(Date.parse(new X509Certificate(near.cert).validTo));
  });

  it.each(['rsa', 'ec', 'ed25519'] as const)('is signed with a key of the kind %s', async (kind) => {
    const pairs = {
      rsa: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
      ec: () => generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
      ed25519: () => generateKeyPairSync('ed25519'),
    };
    const { privateKey, publicKey } = pairs[kind]();
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const made = new X509Certificate((await reissue({ ...authority, key }, old.toString(), NOW)).cert);
    expect(made.verify(publicKey)).toBe(true);
  });
});
