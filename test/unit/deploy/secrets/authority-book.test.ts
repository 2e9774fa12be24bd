import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  announceAuthority,
  authoritySecretsOf,
  authorityState,
  forgetOldAuthority,
  turnAuthority,
} from '../../../../electron/core/deploy/secrets/authority-book';
import { endOf, issue, readCertificate } from '../../../../electron/core/deploy/tls/authority';
import { authorityOf } from '../../../../electron/core/deploy/tls/material';
import { ensureSecrets } from '../../../../electron/core/deploy/secrets/cluster-secrets';
import type { SecretBook } from '../../../../electron/core/deploy/secrets/secret-book';
import { specFixture } from '../../../support/deploy/facts';

const spec = specFixture({ tls: 'on' });
const now = Date.UTC(2030, 0, 1);

/** A book in memory; after `most` writes it fails as a full disk does. */
function memoryBook(entries: Map<string, string> = new Map(), most = Number.POSITIVE_INFINITY): SecretBook {
  let writes = 0;
  return {
    read: (_, name) => Promise.resolve(entries.get(name)),
    write: (_, name, value) => {
      writes += 1;
      if (writes > most) return Promise.reject(new Error('No space left on device'));
      entries.set(name, value);
      return Promise.resolve();
    },
  };
}

async function authorityNow(book: SecretBook) {
  const found = authorityOf(spec, new Map(await authoritySecretsOf(book, spec)));
  if (found === null) throw new Error('There is no authority.');
  return found;
}

const trusted = (pem: string): number => pem.match(/BEGIN CERTIFICATE/g)?.length ?? 0;
const fits = (cert: string, key: string): boolean => new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
const wish = { commonName: 'n1', names: ['n1'], addresses: ['10.0.0.11'] };

describe("the change of a cluster's CA", () => {
  it('leaves every member trusting every certificate in use at every moment', async () => {
    const book = memoryBook();
    await ensureSecrets(book, spec, now);
    const old = await authorityNow(book);
    expect([await authorityState(book, spec.id), trusted(old.trusted)]).toEqual(['settled', 1]);

    await announceAuthority(book, spec, now);
    const announced = await authorityNow(book);
    expect([await authorityState(book, spec.id), announced.cert === old.cert, trusted(announced.trusted)]).toEqual([
      'announced',
      true,
      2,
    ]);

    await turnAuthority(book, spec.id);
    const turned = await authorityNow(book);
    expect([await authorityState(book, spec.id), turned.cert === old.cert, trusted(turned.trusted)]).toEqual([
      'turned',
      false,
      2,
    ]);
    expect(new Set(turned.trusted.match(/-----BEGIN[^]*?END CERTIFICATE-----/g))).toEqual(
      new Set(announced.trusted.match(/-----BEGIN[^]*?END CERTIFICATE-----/g)),
    );

    await forgetOldAuthority(book, spec.id);
    const done = await authorityNow(book);
    expect([await authorityState(book, spec.id), done.cert, done.trusted]).toEqual([
      'settled',
      turned.cert,
      turned.cert,
    ]);
  });

  it('keeps a key that fits its certificate wherever it is interrupted, and is completed the next time', async () => {
    for (const most of [0, 1, 2, 3, 4, 5]) {
      const entries = new Map<string, string>();
      await ensureSecrets(memoryBook(entries), spec, now);
      const old = await authorityNow(memoryBook(entries));
      await announceAuthority(memoryBook(entries), spec, now);
      await turnAuthority(memoryBook(entries, most), spec.id).catch(() => undefined);
      const between = await authorityNow(memoryBook(entries));
      expect(fits(between.cert, between.key)).toBe(true);
      expect(between.trusted).toContain(old.cert.trim());
      await turnAuthority(memoryBook(entries), spec.id);
      const after = await authorityNow(memoryBook(entries));
      expect({
        most,
        state: await authorityState(memoryBook(entries), spec.id),
        fits: fits(after.cert, after.key),
        turned: after.cert !== old.cert,
        both: trusted(after.trusted),
      }).toEqual({ most, state: 'turned', fits: true, turned: true, both: 2 });
    }
  });

  it('counts an interrupted announcement as none', async () => {
    const entries = new Map<string, string>();
    await ensureSecrets(memoryBook(entries), spec, now);
    await announceAuthority(memoryBook(entries, 1), spec, now).catch(() => undefined);
    expect(await authorityState(memoryBook(entries), spec.id)).toBe('settled');
  });
});

describe('a certificate found on a server', () => {
  it('is judged by the CA that signs now and by all CAs trusted now', async () => {
    const book = memoryBook();
    await ensureSecrets(book, spec, now);
    const before = await issue(await authorityNow(book), wish, now);
    await announceAuthority(book, spec, now);
    expect(readCertificate(before.cert, before.ca, await authorityNow(book))).toMatchObject({
      ours: true,
      authorityCurrent: false,
    });
    const between = await issue(await authorityNow(book), wish, now);
    expect(readCertificate(between.cert, between.ca, await authorityNow(book))).toMatchObject({
      ours: true,
      authorityCurrent: true,
    });
    await turnAuthority(book, spec.id);
    expect(readCertificate(between.cert, between.ca, await authorityNow(book))).toMatchObject({ ours: false });
  });
  it('has its expiry shown, and a CA lasts longer than the certificates it signs', async () => {
    const book = memoryBook();
    await ensureSecrets(book, spec, now);
    const authority = await authorityNow(book);
    const own = await issue(authority, wish, now);
    expect(endOf(own.cert)).toBe(now + 397 * 24 * 3_600_000);
    expect(endOf(authority.cert) ?? 0).toBeGreaterThan(endOf(own.cert) ?? 0);
    expect(endOf('no certificate')).toBeNull();
  });
});
