import type { OperationCheck } from '../../model/operate/operation';
import type { NewCertificate } from '../../model/repair/certificate-repair';
import type { RepairEvidence, RepairPlan } from '../../model/repair/repair';
import { certificateServiceNames, daysInWords } from '../certificates/certificate-words';
import { momentInWords, namesInWords } from '../words/wording';
import { portsToWake, type AuthorityFacts, type CertificateRepairFacts } from './certificate-facts';
import { certificateRequests, certificateSteps } from './certificate-steps';
import { passes, refusesFor, warnsOf } from './check-places';

/** Judges the repair of certificates that have ended or end soon. */
export function judgeCertificates(facts: CertificateRepairFacts): RepairPlan {
  const { changes, authority, keptSuffix } = facts;
  const names = [...new Set(changes.map(({ file }) => file.server))];
  const steps = certificateSteps(facts);
  const requests = certificateRequests(facts);
  const isRefused = changes.some(({ next }) => next.kind === 'none');
  return {
    title: changes.length === 0 ? 'Renew certificates' : `Renew certificates on ${namesInWords(names)}`,
    evidence: evidenceOf(facts),
    checks: checksOf(facts),
    steps: isRefused ? [] : steps,
    ...(requests.length === 0 ? {} : { requests }),
    consequences: consequencesOf(facts),
    silent: [],
    asksName: authority.signer === 'new_authority',
    asksFiles: changes.some(({ next }) => next.kind !== 'made' || next.by === 'given_authority'),
    ...(authority.signer === 'new_authority'
      ? {
          leads: [
            {
              text: 'Save the new authority for applications afterwards',
              tab: 'health',
              view: 'certificates',
            } as const,
          ],
        }
      : {}),
    fingerprint: JSON.stringify([
      changes.map(({ file, next }) => [
        file.server,
        file.cert,
        file.details?.fingerprint ?? null,
        nextInFingerprint(next),
      ]),
      facts.trustChanges.map(({ server, path, fingerprints }) => [server, path, fingerprints]),
      portsToWake(facts).map(({ server, service }) => [server, service]),
      [authority.signer, authority.app?.fingerprint ?? null, authority.given?.fingerprint ?? null, keptSuffix],
    ]),
  };
}

function nextInFingerprint(next: NewCertificate): string {
  switch (next.kind) {
    case 'made':
      return `made ${next.by}`;
    case 'given':
      return `given ${next.details.fingerprint}`;
    case 'none':
      return 'none';
  }
}

function evidenceOf(facts: CertificateRepairFacts): readonly RepairEvidence[] {
  const { files, changes, authority, problems, at } = facts;
  const fine = files.filter((file) => !changes.some((one) => one.file === file) && file.details !== null);
  const first = [...fine].sort((a, b) => (a.details?.until ?? 0) - (b.details?.until ?? 0))[0];
  return [
    ...changes.map(({ file, because }) => ({
      sentence: `${file.cert} (${programsInWords(file.programs)}) ${because}.`,
      source: `${file.server} over SSH`,
      at,
    })),
    ...portsToWake(facts).map(({ service, server, shown, address, port }) => ({
      sentence: `${certificateServiceNames[service]} still shows one until ${momentInWords(shown?.until ?? 0)}, not that of its file.`,
      source: `${address}:${port} on ${server}`,
      at,
    })),
    ...(authority.app === null ? [] : [{ sentence: authorityInWords(authority, at), source: 'this app', at }]),
    ...(first === undefined
      ? []
      : [
          {
            sentence:
              `${fine.length === 1 ? 'One other certificate is' : `${fine.length} others are`} good; the first of them ends ` +
              `${daysInWords(first.details?.until ?? 0, at)} (${first.cert}).`,
            source: `${first.server} over SSH`,
            at,
          },
        ]),
    ...files.flatMap(({ server, cert, details }) =>
      details === null
        ? [{ sentence: `${cert} holds no certificate that can be read.`, source: `${server} over SSH`, at }]
        : [],
    ),
    ...problems.map(({ server, why }) => ({ sentence: why, source: server, at })),
  ];
}

function authorityInWords({ app, turned }: AuthorityFacts, at: number): string {
  const until = app?.until ?? 0;
  const ends = until <= at ? `ended ${daysInWords(until, at)}` : `ends ${daysInWords(until, at)}`;
  return `The authority ${app?.subject ?? ''} that this app made for the cluster ${ends}.${
    turned ? ' A change to it was begun, and its forerunner is trusted still.' : ''
  }`;
}

const programNames: Readonly<Record<string, string>> = {
  etcd: 'etcd',
  patroni: 'Patroni',
  postgresql: 'PostgreSQL',
  haproxy: 'HAProxy',
  pgbouncer: 'PgBouncer',
  vip_manager: 'vip-manager',
};

function programsInWords(programs: readonly string[]): string {
  return namesInWords(programs.map((name) => programNames[name] ?? name));
}

function checksOf(facts: CertificateRepairFacts): readonly OperationCheck[] {
  const { changes, authority, others } = facts;
  const wake = portsToWake(facts);
  if (changes.length === 0 && wake.length === 0 && !authority.turned)
    return [refusesFor('repair.no_evidence', nothingEnds(facts)), ...checkProblems(facts)];
  const readOnly = others.filter((one) => one.readOnly);
  return [
    changes.length === 0
      ? passes('not_in_use', 'The files are good; what still shows an older certificate is told to read them.')
      : passes(
          'ended',
          `${changes.length} of ${facts.files.length} certificates have ended, end within 30 days or do not fit their key.`,
        ),
    ...checkSources(facts),
    ...checkPlaces(facts),
    ...checkProblems(facts),
    ...(readOnly.length === 0
      ? []
      : [
          refusesFor(
            'operation.read_only',
            `${namesInWords(readOnly.map(({ title }) => title))} in the same etcd ${readOnly.length === 1 ? 'is' : 'are'} ` +
              'read-only in this app.',
          ),
        ]),
    ...(others.length === 0
      ? []
      : [
          warnsOf(
            'repair.shared_etcd',
            `${namesInWords(others.map(({ title }) => title))} ${others.length === 1 ? 'has' : 'have'} keys in the same etcd, ` +
              'which may start again.',
          ),
        ]),
    ...(facts.own === 'ended'
      ? [
          warnsOf(
            'repair.own_certificate',
            'The certificate by which this app asks etcd or Patroni has ended, too, and is none of those that are replaced. ' +
              "Choose another in the cluster's settings.",
          ),
        ]
      : []),
  ];
}

function nothingEnds({ files, at }: CertificateRepairFacts): string {
  const [first] = files
    .flatMap(({ details, cert, server }) => (details === null ? [] : [{ details, cert, server }]))
    .sort((a, b) => a.details.until - b.details.until);
  return first === undefined
    ? 'No certificate was found on the servers of this cluster.'
    : `No certificate has ended or ends within 30 days: the first to end is ${first.cert} on ${first.server}, ` +
        `${daysInWords(first.details.until, at)}.`;
}

/** Where the new certificates come from; one that comes from nowhere refuses. */
function checkSources({ changes, authority, files, at }: CertificateRepairFacts): readonly OperationCheck[] {
  const none = changes.filter(({ next }) => next.kind === 'none');
  const made = changes.find(({ next }) => next.kind === 'made')?.next;
  const given = changes.filter(({ next }) => next.kind === 'given');
  const issuers = [...new Set(none.map(({ file }) => file.details?.issuer ?? ''))].filter((one) => one !== '');
  return [
    ...(none.length === 0
      ? []
      : [
          refusesFor(
            'repair.no_authority',
            `The key of the authority that signed them (${namesInWords(issuers) || 'unknown'}) is not in this app. ` +
              'Give the new files, or the certificate and the key of the authority for this once: the key is held in memory only.',
          ),
          ...missingByFile(none).map(({ cert, servers, why }) =>
            refusesFor('repair.certificate_missing', `${cert} on ${servers}: ${why}.`),
          ),
        ]),
    ...(made === undefined || made.kind !== 'made' ? [] : [passes('signer', signerInWords(made.by, made.issuer))]),
    ...(given.length === 0
      ? []
      : [
          passes(
            'given',
            `${given.length} of the given certificates fit: the key, the names, the chain and the time of each were checked.`,
          ),
        ]),
    ...checkRotation(authority, at),
    ...(authority.signer === 'new_authority'
      ? [
          warnsOf(
            'repair.new_authority',
            `The authority itself has ended or ends soon, so all ${files.length} certificates are made anew by a new one.`,
          ),
        ]
      : []),
  ];
}

/** What is missing, once for each path and reason, with the servers. */
function missingByFile(
  none: CertificateRepairFacts['changes'],
): readonly { readonly cert: string; readonly servers: string; readonly why: string }[] {
  const all = none.map(({ file, next }) => ({ ...file, why: next.kind === 'none' ? next.why : '' }));
  const keyOf = ({ cert, why }: { readonly cert: string; readonly why: string }): string => `${cert} ${why}`;
  return [...new Set(all.map(keyOf))].flatMap((key) => {
    const same = all.filter((one) => keyOf(one) === key);
    const [first] = same;
    const servers = namesInWords(same.map(({ server }) => server));
    return first === undefined ? [] : [{ ...first, servers }];
  });
}

/** A cluster that runs needs no stop for a new authority. */
function checkRotation({ signer, app }: AuthorityFacts, at: number): readonly OperationCheck[] {
  if (signer !== 'new_authority' || app === null || app.until <= at) return [];
  return [
    warnsOf(
      'repair.rotate_instead',
      'The authority has not ended yet: a rotation with a new authority (Servers and services, Keys and certificates) ' +
        'changes it in three rounds without a stop. This repair starts all members of etcd again together.',
    ),
  ];
}

function signerInWords(by: 'app' | 'new_authority' | 'given_authority', issuer: string): string {
  switch (by) {
    case 'app':
      return `They are signed by the authority of this cluster, ${issuer}, which is good, and whose key is in this app.`;
    case 'new_authority':
      return 'They are signed by a new authority, which this app makes and keeps.';
    case 'given_authority':
      return `They are signed by ${issuer}, whose key was given, and is forgotten afterwards.`;
  }
}

function checkPlaces({ changes, trustChanges }: CertificateRepairFacts): readonly OperationCheck[] {
  return [
    ...changes.flatMap(({ file }) =>
      file.why === null ? [] : [refusesFor('repair.certificate_place', `${file.cert} on ${file.server}: ${file.why}`)],
    ),
    ...trustChanges.flatMap(({ path, server, why }) =>
      why === null ? [] : [refusesFor('repair.certificate_place', `${path} on ${server}: ${why}`)],
    ),
  ];
}

function checkProblems({ problems }: CertificateRepairFacts): readonly OperationCheck[] {
  if (problems.length === 0) return [];
  return problems.map(({ server, why }) =>
    warnsOf('repair.not_read', `What ${server} has could not be read, and is left as it is: ${why}`),
  );
}

function consequencesOf(facts: CertificateRepairFacts): readonly string[] {
  const { authority, trustChanges, changes } = facts;
  return [
    'PostgreSQL is not restarted, and no data is touched.',
    ...(changes.length === 0
      ? []
      : [`Every file that is replaced is kept beside the new one as ...${facts.keptSuffix}.`]),
    ...(trustChanges.length > 0
      ? [
          'All members of etcd start again together, which takes seconds: nobody can renew the leader lock meanwhile, and Patroni ' +
            'demotes the primary only if it lasts longer than its retry_timeout.',
        ]
      : ['Members of etcd that do not show the new certificate by themselves are started again.']),
    ...(authority.signer === 'new_authority'
      ? [
          'Applications that verify the server (sslrootcert, sslmode verify-ca or verify-full) refuse it until they get the new ' +
            'authority. It can be saved under Health, Certificates.',
        ]
      : []),
  ];
}
