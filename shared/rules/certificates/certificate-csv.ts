import type { CertificateInventory, TlsPort } from '../../model/certificates/certificates';
import { csvText } from '../words/csv';
import { certificateOf } from './find-certificate-trouble';
import { certificateServiceNames } from './certificate-words';

const columns = [
  'service',
  'part',
  'server',
  'address',
  'port',
  'shown',
  'subject',
  'names',
  'issuer',
  'signed by',
  'from',
  'until',
  'sha256',
  'trust',
  'name',
  'file',
] as const;

/** The certificates of a cluster as CSV (RFC 4180), times in ISO 8601. */
export function certificatesAsCsv({ places }: CertificateInventory): string {
  return csvText([[...columns], ...places.map(rowOf)]);
}

const isoOf = (at: number): string => (Number.isFinite(at) ? new Date(at).toISOString() : '');

function rowOf(place: TlsPort): readonly string[] {
  const certificate = certificateOf(place);
  return [
    certificateServiceNames[place.service],
    place.part ?? '',
    place.server,
    place.address,
    String(place.port),
    shownInWords(place),
    certificate?.subject ?? '',
    (certificate?.names ?? []).join(' '),
    certificate?.issuer ?? '',
    certificate?.signedBy ?? '',
    certificate === null ? '' : isoOf(certificate.from),
    certificate === null ? '' : isoOf(certificate.until),
    certificate?.fingerprint ?? '',
    trustInWords(place),
    nameInWords(place),
    fileInWords(place),
  ];
}

function shownInWords({ sight }: TlsPort): string {
  switch (sight.kind) {
    case 'shown':
      return 'yes';
    case 'plain':
      return 'no TLS';
    case 'not_read':
      return `not read: ${sight.why}`;
  }
}

function trustInWords({ trust }: TlsPort): string {
  switch (trust.kind) {
    case 'verified':
      return `verified by ${trust.by.join(' ')}`;
    case 'refused':
      return `refused by ${trust.by}: ${trust.why}`;
    case 'not_checked':
      return `not checked: ${trust.why}`;
  }
}

function nameInWords({ name }: TlsPort): string {
  switch (name.kind) {
    case 'fits':
      return `fits ${name.address}`;
    case 'differs':
      return `does not fit ${name.address}`;
    case 'not_checked':
      return 'not checked';
  }
}

function fileInWords({ file }: TlsPort): string {
  switch (file.kind) {
    case 'same':
      return `${file.path} holds the same`;
    case 'differs':
      return `${file.path} holds another one until ${isoOf(file.certificate.until)}`;
    case 'not_read':
      return `${file.path ?? 'file'} not read: ${file.why}`;
    case 'none':
      return '';
  }
}
