import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import type { CertificateDetails, TlsPort } from '../../../shared/model/certificates/certificates';

const DAY = 86_400_000;

/** Certificates as the double of the core tells them: one of each kind. `now`: ms since the epoch. */
export function certificatesDouble(now: number) {
  const os = implement(contract).certificates;
  return {
    read: os.read.handler(() => ({
      ...{ places: placesAt(now), problems: [], isRotatable: true, asOf: now },
      authority: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
    })),
  };
}

function details(name: string, until: number, now: number): CertificateDetails {
  return {
    subject: `CN=${name}`,
    issuer: 'CN=Orders authority',
    names: [name, '10.0.0.1'],
    from: now - 200 * DAY,
    until,
    fingerprint: 'AB:CD:EF:01:23:45:67:89',
    signedBy: 'app',
  };
}

function placesAt(now: number): readonly TlsPort[] {
  const base = { server: 'db1', part: null, address: '10.0.0.1' } as const;
  const fits = { kind: 'fits', address: '10.0.0.1' } as const;
  const trust = { kind: 'verified', by: ['db1', 'db2', 'db3'] } as const;
  const fresh = details('db1', now + 190 * DAY, now);
  const path = '/etc/patroni/tls/server.crt';
  return [
    {
      ...base,
      service: 'patroni',
      port: 8008,
      sight: { kind: 'shown', certificate: fresh },
      trust,
      name: fits,
      file: { kind: 'same', path },
    },
    {
      ...base,
      service: 'postgresql',
      port: 5432,
      sight: { kind: 'shown', certificate: details('db1', now + 5 * DAY, now) },
      trust: { kind: 'not_checked', why: 'db1 does not verify it (sslmode prefer).' },
      name: { kind: 'differs', address: '10.0.0.9', matters: false },
      file: { kind: 'differs', path, certificate: fresh },
    },
    {
      ...base,
      service: 'etcd_client',
      port: 2379,
      sight: { kind: 'not_read', why: 'The connection was refused.', last: null },
      trust: { kind: 'not_checked', why: 'No certificate was read.' },
      name: { kind: 'not_checked' },
      file: { kind: 'not_read', path: '/etc/etcd/tls/etcd.crt', why: 'there is nothing to compare it with' },
    },
    {
      ...base,
      service: 'etcd_peer',
      port: 2380,
      sight: { kind: 'plain' },
      trust: { kind: 'not_checked', why: 'No certificate was read.' },
      name: { kind: 'not_checked' },
      file: { kind: 'none' },
    },
  ];
}
