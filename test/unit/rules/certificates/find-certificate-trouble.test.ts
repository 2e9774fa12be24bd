import { describe, expect, it } from 'vitest';
import type {
  CertificateDetails,
  CertificateInventory,
  TlsPort,
} from '../../../../shared/model/certificates/certificates';
import { certificatesAsCsv } from '../../../../shared/rules/certificates/certificate-csv';
import {
  certificateFigures,
  findCertificateTrouble,
} from '../../../../shared/rules/certificates/find-certificate-trouble';

const DAY = 86_400_000;
const NOW = 1_800_000_000_000;

const details = (change: Partial<CertificateDetails> = {}): CertificateDetails => ({
  subject: 'CN=db1',
  issuer: 'CN=ca',
  names: ['db1'],
  from: NOW - DAY,
  until: NOW + 100 * DAY,
  fingerprint: 'AA',
  signedBy: 'other',
  ...change,
});
const place = (change: Partial<TlsPort> = {}): TlsPort => ({
  service: 'postgresql',
  server: 'db1',
  part: null,
  address: '10.0.0.1',
  port: 5432,
  sight: { kind: 'shown', certificate: details() },
  trust: { kind: 'verified', by: ['db2'] },
  name: { kind: 'fits', address: '10.0.0.1' },
  file: { kind: 'same', path: '/server.crt' },
  ...change,
});
const shown = (change: Partial<CertificateDetails>): Partial<TlsPort> => ({
  sight: { kind: 'shown', certificate: details(change) },
});
const view = (...places: readonly TlsPort[]): CertificateInventory => ({
  places,
  problems: [],
  isRotatable: false,
  authority: null,
  asOf: NOW,
});
const codes = (change: Partial<TlsPort>): readonly string[] =>
  findCertificateTrouble(view(place(change))).map(({ code, severity }) => `${code} ${severity}`);

describe('what is found about certificates', () => {
  it.each<readonly [string, Partial<TlsPort>, readonly string[]]>([
    ['one that is well', {}, []],
    ['one with 21 days', shown({ until: NOW + 21 * DAY }), []],
    ['one with less', shown({ until: NOW + 21 * DAY - 1 }), ['certificate.ending warning']],
    ['one with less than a week', shown({ until: NOW + 7 * DAY - 1 }), ['certificate.ending critical']],
    ['one that has ended', shown({ until: NOW }), ['certificate.ended critical']],
    ['one that is not valid yet', shown({ from: NOW + 1 }), ['certificate.not_yet critical']],
    [
      'a newer file',
      { file: { kind: 'differs', path: '/f', certificate: details({ until: NOW + 300 * DAY }) } },
      ['certificate.not_in_use warning'],
    ],
    ['a file that was not read', { file: { kind: 'not_read', path: '/f', why: 'x' } }, []],
    [
      'a member that does not trust it',
      { trust: { kind: 'refused', by: 'db2 (/ca)', why: 'it is signed by X' } },
      ['certificate.not_trusted warning'],
    ],
    [
      'a name that somebody checks',
      { name: { kind: 'differs', address: 'pg1', matters: true } },
      ['certificate.wrong_name warning'],
    ],
    ['a name that nobody checks', { name: { kind: 'differs', address: 'pg1', matters: false } }, []],
    ['a port without TLS', { sight: { kind: 'plain' }, file: { kind: 'none' } }, []],
    ['a port that was not read', { sight: { kind: 'not_read', why: 'x', last: null } }, []],
  ])('%s', (_name, change, found) => {
    expect(codes(change)).toEqual(found);
  });

  it('is once about an ended certificate, though nobody trusts it for that', () => {
    const trust = { kind: 'refused', by: 'db2', why: 'CN=db1 has ended' } as const;
    expect(codes({ ...shown({ until: NOW - DAY }), trust })).toEqual(['certificate.ended critical']);
  });

  it('goes on from what was read before, where a port cannot be read', () => {
    const last = { certificate: details({ until: NOW + DAY }), asOf: NOW - DAY };
    expect(codes({ sight: { kind: 'not_read', why: 'down', last } })).toEqual(['certificate.ending critical']);
  });

  it('says of a file which of the two is older', () => {
    const older = { kind: 'differs', path: '/f', certificate: details({ until: NOW + DAY }) } as const;
    const [finding] = findCertificateTrouble(view(place({ file: older })));
    expect(finding?.sentence).toBe('PostgreSQL on db1 shows another certificate than its file holds.');
  });
});

describe('the figures of certificates', () => {
  it('are their ends; what was never read is unseen', () => {
    const unread = place({ server: 'db2', sight: { kind: 'not_read', why: 'down', last: null } });
    const plain = place({ server: 'db3', sight: { kind: 'plain' } });
    const { figures, unseen } = certificateFigures(view(place(), unread, plain), true);
    expect(figures.map(({ subject, value }) => [subject, value])).toEqual([['PostgreSQL on db1', NOW + 100 * DAY]]);
    expect(unseen).toEqual(['PostgreSQL on db2']);
  });
});

describe('the certificates as CSV', () => {
  it('are a row for each port, and a hostile subject runs as no formula', () => {
    const hostile = shown({ subject: '=HYPERLINK("x")', names: ['a', 'b'] });
    const [head, row, end] = certificatesAsCsv(view(place(hostile))).split('\r\n');
    expect(head?.split(',').slice(0, 6)).toEqual(['service', 'part', 'server', 'address', 'port', 'shown']);
    expect(row).toContain(`PostgreSQL,,db1,10.0.0.1,5432,yes,"'=HYPERLINK(""x"")",a b,`);
    expect(end).toBe('');
  });

  it('say of each port that could not be read, why', () => {
    const text = certificatesAsCsv(view(place({ sight: { kind: 'not_read', why: 'It is down.', last: null } })));
    expect(text).toContain('not read: It is down.');
  });
});
