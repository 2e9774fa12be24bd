import type { CertificateDetails } from '../../model/certificates/certificates';
import type { NewCertificate, TrustFile } from '../../model/repair/certificate-repair';
import type { RepairStep } from '../../model/repair/repair';
import { shellWord } from '../words/shell-words';
import { momentInWords, namesInWords } from '../words/wording';
import { portsToWake, programOf, type CertificateChange, type CertificateRepairFacts } from './certificate-facts';

/** All steps of a repair of certificates, in their order. */
export function certificateSteps(facts: CertificateRepairFacts): readonly RepairStep[] {
  return [...placeSteps(facts), ...wakeSteps(facts), ...ownSteps(facts), ...forgetSteps(facts)];
}

function placeSteps(facts: CertificateRepairFacts): readonly RepairStep[] {
  const { changes, trustChanges } = facts;
  const servers = [...new Set([...changes.map(({ file }) => file.server), ...trustChanges.map((one) => one.server)])];
  return servers.sort().map((server) => {
    const own = changes.filter(({ file }) => file.server === server);
    const trusts = trustChanges.filter((one) => one.server === server);
    return {
      id: `place-${server}`,
      label: `Put ${countsOf(own.length, trusts.length)} in place; the old ones are kept beside them`,
      server,
      commands: [...own.flatMap((one) => placeCommands(one, facts)), ...trusts.map((one) => trustCommand(one, facts))],
      text: own.map((one) => differenceOf(one, facts)).join('\n'),
    };
  });
}

function countsOf(certificates: number, authorities: number): string {
  return namesInWords([
    ...(certificates === 0 ? [] : [countOf(certificates, 'certificate')]),
    ...(authorities === 0 ? [] : [countOf(authorities, 'file of authorities', 'files of authorities')]),
  ]);
}

function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The files that are written for a change: a key that was not given stays. */
function filesWritten({ file, next }: CertificateChange): readonly string[] {
  if (file.cert === file.key) return [file.cert];
  return next.kind === 'given' && !next.withKey ? [file.cert] : [file.key, file.cert];
}

function placeCommands(change: CertificateChange, { keptSuffix }: CertificateRepairFacts): readonly string[] {
  return filesWritten(change).map(
    (path) =>
      `sudo cp -p ${shellWord(path)} ${shellWord(path + keptSuffix)} && sudo install NEW_FILE ${shellWord(path)}` +
      (path === change.file.key ? `  # ${change.file.placement}, as it is` : ''),
  );
}

function trustCommand({ path }: TrustFile, { keptSuffix }: CertificateRepairFacts): string {
  return `sudo cp -p ${shellWord(path)} ${shellWord(path + keptSuffix)} && sudo tee -a ${shellWord(path)} < AUTHORITY`;
}

/** What becomes of a certificate, a line for each thing that it says. */
function differenceOf({ file, next }: CertificateChange, facts: CertificateRepairFacts): string {
  const old = file.details;
  const fresh = freshDetails(old, next);
  const lines = (name: string, before: string, after: string): readonly string[] =>
    before === after ? [`  ${name}: ${before}`] : [`- ${name}: ${before}`, `+ ${name}: ${after}`];
  return [
    file.cert,
    ...lines('subject', old?.subject ?? 'none', fresh.subject),
    ...lines('names', namesOf(old), fresh.names),
    ...lines('issuer', old?.issuer ?? 'none', fresh.issuer),
    ...lines('ends', old === null ? 'none' : momentInWords(old.until), fresh.ends),
    ...(filesWritten({ file, next, because: '' }).includes(file.key) ? ['+ key: a new one'] : ['  key: stays']),
    `  kept: ${file.cert}${facts.keptSuffix}`,
    '',
  ].join('\n');
}

function namesOf(details: CertificateDetails | null): string {
  return details === null || details.names.length === 0 ? 'none' : details.names.join(', ');
}

function freshDetails(
  old: CertificateDetails | null,
  next: NewCertificate,
): { readonly subject: string; readonly names: string; readonly issuer: string; readonly ends: string } {
  if (next.kind === 'given') {
    const { subject, issuer, until } = next.details;
    return { subject, names: namesOf(next.details), issuer, ends: momentInWords(until) };
  }
  const issuer = next.kind === 'made' ? next.issuer : 'nobody yet';
  return {
    subject: old?.subject ?? 'none',
    names: namesOf(old),
    issuer,
    ends: '397 days after it is made, no later than its authority',
  };
}

function wakeSteps(facts: CertificateRepairFacts): readonly RepairStep[] {
  const { changes, trustChanges, etcdServers, patroniServers, balancerServers } = facts;
  const touched = new Set([
    ...changes.flatMap(({ file }) => file.programs.map((program) => `${program} ${file.server}`)),
    ...trustChanges.flatMap(({ server, programs }) => programs.map((program) => `${program} ${server}`)),
    ...portsToWake(facts).map(({ service, server }) => `${programOf(service)} ${server}`),
  ]);
  const on = (names: readonly string[], ...programs: readonly string[]): readonly string[] =>
    names.filter((server) => programs.some((program) => touched.has(`${program} ${server}`)));
  const etcd = on(etcdServers, 'etcd');
  const patroni = on(patroniServers, 'patroni', 'postgresql');
  const balancers = on(balancerServers, 'haproxy', 'pgbouncer', 'vip_manager');
  return [
    ...(etcd.length === 0 ? [] : [etcdStep(etcd, trustChanges.length > 0)]),
    ...(patroni.length === 0
      ? []
      : [
          {
            id: 'patroni',
            label: `Have Patroni and PostgreSQL on ${namesInWords(patroni)} read them; PostgreSQL is not restarted`,
            server: null,
            commands: [
              'sudo systemctl reload patroni  # start, where it has failed',
              'kill -HUP POSTMASTER  # where it still shows the old one',
            ],
          },
        ]),
    ...(balancers.length === 0
      ? []
      : [
          {
            id: 'balancers',
            label: `Have the load balancers on ${namesInWords(balancers)} read them`,
            server: null,
            commands: [
              'sudo systemctl reload haproxy pgbouncer',
              'sudo systemctl restart vip-manager  # where it reads one of them',
            ],
          },
        ]),
  ];
}

function etcdStep(servers: readonly string[], changesTrust: boolean): RepairStep {
  return {
    id: 'etcd',
    label: changesTrust
      ? `Start etcd on ${namesInWords(servers)} again, all together: it reads whom it trusts at its start only`
      : `Bring etcd on ${namesInWords(servers)} back: it reads its certificate at each handshake; a member that does not come back is ` +
        'started again, one at a time while there is a majority, all together where there is none',
    server: null,
    commands: ['sudo systemctl restart etcd'],
  };
}

function ownSteps({ own }: CertificateRepairFacts): readonly RepairStep[] {
  if (own !== 'made' && own !== 'replaced') return [];
  return [{ id: 'own', label: "Renew this app's own certificate for etcd and Patroni", server: null, commands: [] }];
}

function forgetSteps({ authority }: CertificateRepairFacts): readonly RepairStep[] {
  if (authority.signer !== 'new_authority' && !authority.turned) return [];
  return [
    {
      id: 'forget',
      label: 'Once every port shows its new certificate, take the old authority out of the files that hold both',
      server: null,
      commands: [],
    },
  ];
}

/** How a request for each missing certificate is made on its server, where its key stays. */
export function certificateRequests({ changes }: CertificateRepairFacts): readonly RepairStep[] {
  return changes.flatMap(({ file, next }) => {
    if (next.kind !== 'none' || file.details === null) return [];
    const name = file.cert.slice(file.cert.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
    const names = file.details.names.map((one) => (/^[\d.]+$|:/.test(one) ? `IP:${one}` : `DNS:${one}`)).join(',');
    const subject = file.details.subject
      .split(', ')
      .map((part) => `/${part}`)
      .join('');
    return [
      {
        id: `request-${file.server}-${file.cert}`,
        label: `A request for ${file.cert}`,
        server: file.server,
        commands: [
          `sudo openssl req -new -key ${shellWord(file.key)} -subj ${shellWord(subject)} ` +
            `-addext ${shellWord(`subjectAltName=${names}`)} -addext extendedKeyUsage=serverAuth,clientAuth ` +
            `-out ${shellWord(`/tmp/${file.server}-${name}.csr`)}`,
        ],
      },
    ];
  });
}
