import type { TlsPort, CertificateService } from '../../model/certificates/certificates';
import { printHostPort } from '../../model/connect/host-port';

/** How the services that show certificates are called. */
export const certificateServiceNames: Readonly<Record<CertificateService, string>> = {
  patroni: 'Patroni',
  postgresql: 'PostgreSQL',
  etcd_client: 'etcd for clients',
  etcd_peer: 'etcd for its peers',
  haproxy: 'HAProxy',
  pgbouncer: 'PgBouncer',
};

/** The service and its server, as a subject of findings and alerts: `PostgreSQL on db1`. */
export function placeInWords({ service, server, part }: TlsPort): string {
  const name = certificateServiceNames[service];
  return `${part === null ? name : `${name} ${part}`} on ${server}`;
}

/** Tells places of one cluster apart; the same place has the same key at each reading. */
export function placeKey({ service, server, part, address, port }: TlsPort): string {
  return [service, server, part ?? '', printHostPort({ host: address, port })].join(' ');
}

const DAY_MS = 86_400_000;

/** The whole days between now and a moment; negative once it has passed. */
export function daysLeft(until: number, now: number): number {
  return Math.floor((until - now) / DAY_MS);
}

/** How long until a moment, in words: `in 12 days`, `tomorrow`, `today`, `3 days ago`. */
export function daysInWords(until: number, now: number): string {
  if (until <= now) {
    const ago = Math.floor((now - until) / DAY_MS);
    return ago === 0 ? 'less than a day ago' : `${ago} ${ago === 1 ? 'day' : 'days'} ago`;
  }
  const days = daysLeft(until, now);
  return days === 0 ? 'in less than a day' : `in ${days} ${days === 1 ? 'day' : 'days'}`;
}
