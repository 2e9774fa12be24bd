import type { X509Certificate } from 'node:crypto';
import type { CertificateTrust } from '../../../shared/model/certificates/certificates';
import type { TlsClient } from '../../../shared/rules/certificates/certificate-settings';
import type { WantedPort } from './certificate-ports';
import { whyNotTrusted } from './read-certificate';
import type { CertificateFiles, ServerTls } from './server-certificates';

/** Somebody who connects to a port: who it is, and where its files are; `authority` stands for a file that needs not be read. */
export interface PortClient {
  readonly who: string;
  readonly serverId: string;
  readonly client: TlsClient;
  readonly authority: X509Certificate | null;
}

/** Whoever connects to a port of this kind: the members, or etcd's own members. */
export function clientsOf(
  { service }: WantedPort,
  servers: readonly ServerTls[],
  authority: X509Certificate | null,
): readonly PortClient[] {
  const ofMembers = (kind: 'rest' | 'etcd' | 'postgres'): readonly PortClient[] =>
    servers.flatMap(({ serverId, member, ofMember }) =>
      member === null || ofMember === null ? [] : [{ who: member, serverId, client: ofMember[kind], authority: null }],
    );
  switch (service) {
    case 'patroni':
      return ofMembers('rest');
    case 'postgresql':
      return ofMembers('postgres');
    case 'etcd_client':
      return ofMembers('etcd');
    case 'etcd_peer':
      return servers.flatMap(({ serverId, server, etcd }) => {
        if (etcd === null) return [];
        const trustsAll = etcd.peerCa === null ? 'names no authority for its peers (peer-trusted-ca-file)' : null;
        return [
          {
            who: `etcd on ${server}`,
            serverId,
            client: { ca: etcd.peerCa, trustsAll, checksName: true },
            authority: null,
          },
        ];
      });
    case 'haproxy':
    case 'pgbouncer':
      if (authority === null) return [];
      return [
        {
          who: 'the authority of this cluster',
          serverId: '',
          client: { ca: '', trustsAll: null, checksName: false },
          authority,
        },
      ];
  }
}

/** The files of authorities that programs on a server trust. */
export function filesOfClients(server: ServerTls | undefined): readonly string[] {
  if (server === undefined) return [];
  const { ofMember, etcd } = server;
  const all = [ofMember?.rest.ca, ofMember?.etcd.ca, ofMember?.postgres.ca, etcd?.peerCa];
  return all.flatMap((path) => path ?? []);
}

type Verdict =
  | { readonly kind: 'trusts' }
  | { readonly kind: 'refuses'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** Whether those who connect can verify what was shown; one that cannot is enough to say so. */
export function judgeTrust(
  chain: readonly X509Certificate[],
  clients: readonly PortClient[],
  files: ReadonlyMap<string, CertificateFiles>,
  now: number,
): CertificateTrust {
  if (clients.length === 0)
    return { kind: 'not_checked', why: 'Who connects here, and which authority they trust, is not known to this app.' };
  const verdicts = clients.map((one) => ({ one, verdict: verdictOf(chain, one, files, now) }));
  for (const { one, verdict } of verdicts)
    if (verdict.kind === 'refuses') return { kind: 'refused', by: nameOfClient(one), why: verdict.why };
  const trusting = verdicts.filter(({ verdict }) => verdict.kind === 'trusts').map(({ one }) => one.who);
  if (trusting.length > 0) return { kind: 'verified', by: trusting };
  const [first] = verdicts;
  const why = first?.verdict.kind === 'unknown' ? first.verdict.why : 'it is not known why';
  return { kind: 'not_checked', why: `${first?.one.who ?? ''} ${why}.` };
}

function nameOfClient({ who, client, authority }: PortClient): string {
  return authority === null && client.ca !== null ? `${who} (${client.ca})` : who;
}

function verdictOf(
  chain: readonly X509Certificate[],
  { client, serverId, authority }: PortClient,
  files: ReadonlyMap<string, CertificateFiles>,
  now: number,
): Verdict {
  if (client.trustsAll !== null || client.ca === null)
    return { kind: 'unknown', why: client.trustsAll ?? 'names no authority' };
  const found =
    authority === null ? files.get(serverId)?.get(client.ca) : { kind: 'file' as const, certificates: [authority] };
  if (found?.kind !== 'file') {
    const why = found?.kind === 'none' ? found.why : 'it is not read here';
    return { kind: 'unknown', why: `trusts ${client.ca}, which was not read: ${why}` };
  }
  const why = whyNotTrusted(chain, found.certificates, now);
  return why === null ? { kind: 'trusts' } : { kind: 'refuses', why };
}
