import { describe, expect, it } from 'vitest';
import type { CertificateFile, NewCertificate, ShownPort } from '../../../../shared/model/repair/certificate-repair';
import type { RepairPlan } from '../../../../shared/model/repair/repair';
import { portsToWake, whyRenew, type CertificateRepairFacts } from '../../../../shared/rules/repair/certificate-facts';
import { judgeCertificates } from '../../../../shared/rules/repair/certificates';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-27T12:00:00Z');

const details = (until: number, fingerprint = 'AA') => ({
  ...{ subject: 'CN=db1, O=Example', issuer: 'CN=Example', names: ['db1', '10.0.0.1', 'fd00::1'], fingerprint },
  ...{ from: until - 397 * DAY, until, signedBy: 'other' as const },
});
const file = (server: string, until: number, change: Partial<CertificateFile> = {}): CertificateFile => ({
  ...{ server, cert: '/etc/etcd/tls/etcd.crt', key: '/etc/etcd/tls/etcd.key', programs: ['etcd'], keyFits: true },
  ...{ placement: 'etcd:etcd 600', why: null, details: details(until, server) },
  ...change,
});
const made: NewCertificate = { kind: 'made', by: 'app', issuer: 'CN=Matriarch orders' };
const none: NewCertificate = { kind: 'none', why: 'no file for it was given' };
const facts = (change: Partial<CertificateRepairFacts> = {}): CertificateRepairFacts => ({
  ...{ files: [], changes: [], trusts: [], trustChanges: [], ports: [], problems: [], others: [], own: 'kept' },
  authority: {
    app: { subject: 'CN=Matriarch orders', fingerprint: 'CA', until: NOW + 3000 * DAY },
    ...{ signer: 'app', given: null, turned: false },
  },
  ...{ etcdServers: ['db1', 'db2'], patroniServers: ['db1', 'db2'], balancerServers: [], at: NOW },
  keptSuffix: '.matriarch-kept-20261127T120000Z',
  ...change,
});
const ended = (next: NewCertificate, ...names: readonly string[]): Partial<CertificateRepairFacts> => {
  const files = names.map((name) => file(name, NOW - DAY));
  return { files, changes: files.map((one) => ({ file: one, because: whyRenew(one, NOW) ?? '', next })) };
};
const refusals = ({ checks }: RepairPlan): readonly string[] =>
  checks.flatMap(({ code, verdict }) => (verdict === 'refuses' ? [code] : []));

describe('the repair of certificates', () => {
  it.each([
    ['has ended', NOW - 1, true, /^ended/],
    ['ends within 30 days', NOW + 29 * DAY, true, /^ends in 29 days/],
    ['does not fit its key', NOW + 300 * DAY, false, /not that of the key/],
    ['is good', NOW + 31 * DAY, true, null],
    ['is good, with a key that could not be read', NOW + 31 * DAY, null, null],
  ] as const)('takes a certificate that %s', (_what, until, keyFits, why) => {
    const said = whyRenew({ details: details(until), keyFits }, NOW);
    if (why === null) expect(said).toBeNull();
    else expect(said).toMatch(why);
  });

  it('is refused where nothing has ended, and says which ends first', () => {
    const plan = judgeCertificates(facts({ files: [file('db1', NOW + 90 * DAY), file('db2', NOW + 60 * DAY)] }));
    expect(refusals(plan)).toEqual(['repair.no_evidence']);
    expect(plan.checks[0]?.sentence).toContain('the first to end is /etc/etcd/tls/etcd.crt on db2, in 60 days');
  });

  it('puts all files in place before any service is told, keeps the old ones, and never restarts PostgreSQL', () => {
    const plan = judgeCertificates(facts(ended(made, 'db1', 'db2')));
    expect(refusals(plan)).toEqual([]);
    expect(plan.steps.map(({ id }) => id)).toEqual(['place-db1', 'place-db2', 'etcd']);
    expect(plan.steps[0]?.commands.join('\n')).toContain(
      'sudo cp -p /etc/etcd/tls/etcd.key /etc/etcd/tls/etcd.key.matriarch-kept-20261127T120000Z',
    );
    expect(plan.steps[0]?.text).toContain('  names: db1, 10.0.0.1, fd00::1');
    expect(plan.steps[0]?.text).toContain('+ issuer: CN=Matriarch orders');
    expect(plan.steps.flatMap(({ commands }) => commands).join('\n')).not.toMatch(/restart patroni|restart postgresql/);
    expect(plan.asksFiles).toBe(false);
  });

  it('is refused without an authority, with the request for each certificate by the key on its server', () => {
    const plan = judgeCertificates(
      facts({ ...ended(none, 'db1', 'db2'), authority: { app: null, signer: null, given: null, turned: false } }),
    );
    expect(refusals(plan)).toEqual(['repair.no_authority', 'repair.certificate_missing']);
    expect(plan.checks[2]?.sentence).toBe('/etc/etcd/tls/etcd.crt on db1 and db2: no file for it was given.');
    expect(plan.steps).toEqual([]);
    expect(plan.asksFiles).toBe(true);
    expect(plan.requests?.[0]?.commands).toEqual([
      'sudo openssl req -new -key /etc/etcd/tls/etcd.key -subj /CN=db1/O=Example ' +
        '-addext subjectAltName=DNS:db1,IP:10.0.0.1,IP:fd00::1 -addext extendedKeyUsage=serverAuth,clientAuth ' +
        '-out /tmp/db1-etcd.csr',
    ]);
  });

  it('is refused for a file that something else keeps', () => {
    const one = file('db1', NOW - DAY, { why: 'it is a link to /etc/letsencrypt/archive/db1/cert1.pem.' });
    const plan = judgeCertificates(facts({ files: [one], changes: [{ file: one, because: 'ended', next: made }] }));
    expect(refusals(plan)).toEqual(['repair.certificate_place']);
  });

  it('wakes a service that still shows another certificate than its file holds, and changes no file', () => {
    const port: ShownPort = {
      ...{ service: 'etcd_client', server: 'db1', address: '10.0.0.1', port: 2379, why: null },
      ...{ file: '/etc/etcd/tls/etcd.crt', shown: details(NOW - DAY, 'OLD') },
    };
    const asleep = facts({ files: [file('db1', NOW + 300 * DAY)], ports: [port] });
    expect(portsToWake(asleep)).toEqual([port]);
    const plan = judgeCertificates(asleep);
    expect(refusals(plan)).toEqual([]);
    expect(plan.steps.map(({ id }) => id)).toEqual(['etcd']);
  });

  it('asks for the name where the authority is made anew, and says what applications must get', () => {
    const trust = {
      server: 'db1',
      path: '/etc/etcd/tls/ca.crt',
      programs: ['etcd' as const],
      fingerprints: ['CA'],
      why: null,
    };
    const plan = judgeCertificates(
      facts({
        ...ended({ kind: 'made', by: 'new_authority', issuer: 'a new authority of this app' }, 'db1'),
        ...{ trustChanges: [trust], own: 'made' },
        authority: {
          app: { subject: 'CN=Matriarch orders', fingerprint: 'CA', until: NOW - DAY },
          ...{ signer: 'new_authority', given: null, turned: false },
        },
      }),
    );
    expect(plan.asksName).toBe(true);
    expect(plan.steps.map(({ id }) => id)).toEqual(['place-db1', 'etcd', 'own', 'forget']);
    expect(plan.consequences.join(' ')).toContain('sslrootcert');
    expect(plan.steps[1]?.label).toContain('all together');
  });

  it('warns of clusters that share the etcd, and is refused where one of them is read-only', () => {
    const others = [{ title: 'Ledger', readOnly: true }];
    const plan = judgeCertificates(facts({ ...ended(made, 'db1'), others }));
    expect(refusals(plan)).toEqual(['operation.read_only']);
    expect(plan.checks.map(({ code }) => code)).toContain('repair.shared_etcd');
  });
});
