import type { AdviceEvidence, AdviceSeverity } from '../../model/advice/advice';
import type { AdviceFacts } from '../../model/advice/advice-facts';
import {
  advise,
  bySeverity,
  evidenceOf,
  evidenceOfState,
  lookAtMembers,
  notChecked,
  type AdviceLook,
  type AdviceRule,
} from './advice-rule';
import {
  compareVersions,
  ETCD_LOGIN_SINCE,
  faultsOf,
  hasSince,
  knownEtcd,
  knownPatroni,
  knownPostgres,
  lineOf,
  PATRONI_LOGIN_SINCE,
  VERSIONS_AS_OF,
  type KnownVersions,
} from './known-versions';

const servers = { tab: 'servers', label: 'Open servers and services' } as const;

/** What is known against a version. */
interface Complaint {
  readonly severity: AdviceSeverity;
  readonly text: string;
}

/** What the tables say of a version on a day; `today` is ms since the epoch. Nothing where it is new and well. */
export function complaintsOf(known: KnownVersions, version: string, today: number): readonly Complaint[] {
  const faults = faultsOf(known, version).map(({ severity, fault, fixedIn }) => ({
    severity,
    text: `${version}: ${fault}; fixed in ${fixedIn}`,
  }));
  const line = lineOf(known, version);
  const newest = known.lines.at(-1);
  if (line === null) {
    const isOlder = newest !== undefined && (compareVersions(version, newest.line) ?? 0) < 0;
    return [
      ...faults,
      ...(isOlder
        ? [{ severity: 'warning' as const, text: `${version} is of a line that gets no fixes any more` }]
        : []),
    ];
  }
  const until = line.supportedUntil === null ? null : Date.parse(line.supportedUntil);
  const ended =
    until !== null && until < today
      ? [
          {
            severity: 'warning' as const,
            text: `${line.line} has been out of support since ${line.supportedUntil ?? ''}`,
          },
        ]
      : [];
  const soon =
    until !== null && until >= today && until - today < 180 * 86_400_000
      ? [{ severity: 'info' as const, text: `${line.line} goes out of support on ${line.supportedUntil ?? ''}` }]
      : [];
  const behind =
    (compareVersions(version, line.newest) ?? 0) < 0
      ? [{ severity: 'info' as const, text: `${version} is older than ${line.newest}` }]
      : [];
  return [...faults, ...ended, ...soon, ...behind];
}

/** e.g. 170005 as `17.5`, 90624 as `9.6.24`. */
function postgresInWords(version: number): string {
  const major = Math.floor(version / 10_000);
  const rest = version % 10_000;
  return major < 10 ? `${major}.${Math.floor(rest / 100)}.${rest % 100}` : `${major}.${rest}`;
}

interface Running {
  readonly name: string;
  readonly version: string;
  readonly evidence: AdviceEvidence;
}

function lookAtVersions(
  program: string,
  known: KnownVersions,
  running: readonly Running[],
  rest: {
    readonly unknown: AdviceLook['notChecked'];
    readonly now: number;
    readonly more?: readonly (Complaint & { readonly name: string })[];
  },
): AdviceLook {
  const versions = [...new Set(running.map(({ version }) => version))];
  const mixed =
    versions.length > 1
      ? [
          {
            severity: 'warning' as const,
            text: `members have different versions: ${versions.toSorted((a, b) => compareVersions(a, b) ?? 0).join(', ')}`,
            name: '',
          },
        ]
      : [];
  const all = [
    ...running.flatMap(({ name, version }) => complaintsOf(known, version, rest.now).map((one) => ({ ...one, name }))),
    ...mixed,
    ...(rest.more ?? []),
  ];
  const [gravest] = all.map(({ severity }) => severity).sort(bySeverity);
  const texts = [...new Set(all.toSorted((a, b) => bySeverity(a.severity, b.severity)).map(({ text }) => text))];
  if (gravest === undefined)
    return {
      advice: null,
      notChecked: rest.unknown,
      seen:
        versions.length === 0
          ? 'No version is known.'
          : `${program} ${versions.join(', ')}; nothing is known against it as of ${VERSIONS_AS_OF}.`,
    };
  const names = [...new Set(all.flatMap(({ name }) => (name === '' ? [] : [name])))];
  return {
    ...advise(
      gravest,
      {
        sentence: `${program}: ${texts.join('; ')}.`,
        todo:
          `Upgrade, replicas first and the leader last, after a switchover. This app's table is of ` +
          `${VERSIONS_AS_OF}: there may be newer releases.`,
        place: servers,
      },
      running.map(({ evidence }) => evidence),
      names,
    ),
    notChecked: rest.unknown,
  };
}

const postgresVersion: AdviceRule = {
  id: 'postgres_version',
  title: 'PostgreSQL is supported and has no known fault',
  area: 'Software',
  why: 'Minor releases only mend faults, and some of those lose data. A line out of support gets no more fixes, not even for security.',
  look: (facts) => {
    const { members, now } = facts;
    const running = members.flatMap(({ name, postgres }) => {
      if (postgres.kind === 'not_read') return [];
      const version = postgresInWords(postgres.value.version);
      return [{ name, version, evidence: evidenceOf(postgres, `PostgreSQL ${version}.`) }];
    });
    return lookAtVersions('PostgreSQL', knownPostgres, running, { now, unknown: unreadOf(members) });
  },
};

function unreadOf(members: AdviceFacts['members']): AdviceLook['notChecked'] {
  return members.flatMap(({ name, postgres }) =>
    postgres.kind === 'not_read' ? [{ about: name, why: postgres.why }] : [],
  );
}

const patroniVersion: AdviceRule = {
  id: 'patroni_version',
  title: 'Patroni gets fixes and fits etcd',
  area: 'Software',
  why: 'Patroni decides who leads. Its faults show when something else fails.',
  look: ({ state, etcd, access, now }) => {
    const running = state.members.flatMap(({ name, patroniVersion: version }) =>
      version === null ? [] : [{ name, version, evidence: evidenceOfState(state, `Patroni ${version}.`, name) }],
    );
    const unknown = state.members.flatMap(({ name, patroniVersion: version }) =>
      version === null ? [{ about: name, why: 'Its version of Patroni is not known.' }] : [],
    );
    if (state.members.length === 0) return notChecked('No member of the cluster is known.');
    const strict =
      etcd.kind === 'read' &&
      access.etcd?.login === true &&
      etcd.value.members.some(({ status }) => status !== null && hasSince(ETCD_LOGIN_SINCE, status.version) === true);
    const more = strict
      ? running.flatMap(({ name, version }) =>
          hasSince(PATRONI_LOGIN_SINCE, version) === false
            ? [
                {
                  name,
                  severity: 'critical' as const,
                  text: `${version} does not work with users of the etcd that runs here; ${PATRONI_LOGIN_SINCE.join(', ')} and later do`,
                },
              ]
            : [],
        )
      : [];
    return lookAtVersions('Patroni', knownPatroni, running, { now, unknown, more });
  },
};

const etcdVersion: AdviceRule = {
  id: 'etcd_version',
  title: 'etcd is supported and has no known fault',
  area: 'Software',
  why: 'Some releases of etcd let the data of their members differ, and then two members of PostgreSQL may both be told that they lead.',
  look: ({ etcd, now }) => {
    if (etcd.kind === 'not_read') return notChecked(etcd.why);
    const running = etcd.value.members.flatMap(({ name, id, status }) =>
      status === null
        ? []
        : [
            {
              name: name === '' ? id : name,
              version: status.version,
              evidence: evidenceOf(etcd, `etcd ${status.version} on ${name === '' ? id : name}.`),
            },
          ],
    );
    const unknown = etcd.value.members.flatMap(({ name, id, status, error }) =>
      status === null ? [{ about: name === '' ? id : name, why: error?.message ?? 'It gave no status.' }] : [],
    );
    return lookAtVersions('etcd', knownEtcd, running, { now, unknown });
  },
};

const etcdApi: AdviceRule = {
  id: 'etcd_api',
  title: 'Patroni speaks the API of etcd that stays',
  area: 'Software',
  why:
    'The section `etcd:` uses the API of version 2, which etcd 3.6 no longer has. `etcd3:` uses that of version 3. ' +
    'Keys of one are not seen by the other.',
  look: (facts) =>
    lookAtMembers(facts, ({ own }) => own, {
      judge: ({ dcs, path }) => {
        if (dcs === null) return { kind: 'unknown', why: `Which DCS ${path} names is not known.` };
        return dcs === 'etcd' ? { kind: 'wrong', text: `${path} has the section etcd.` } : { kind: 'well' };
      },
      severity: 'warning',
      words: (names) => ({
        sentence: `${names} ${facts.members.length === 1 ? 'uses' : 'use'} the API of etcd 2.`,
        todo: 'Pause the cluster, write etcd3 in place of etcd on every member, restart Patroni everywhere, and resume.',
        place: { tab: 'configuration', view: 'member', label: 'Open patroni.yml' },
      }),
      seen: 'No member has the section etcd.',
    }),
};

/** The software itself. */
export const softwareRules: readonly AdviceRule[] = [postgresVersion, patroniVersion, etcdVersion, etcdApi];
