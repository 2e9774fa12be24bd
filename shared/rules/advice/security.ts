import type { AdviceFacts, OwnConfigAdviceFacts } from '../../model/advice/advice-facts';
import type { HbaFileRule } from '../../model/configure/parameter';
import { namesInWords } from '../words/wording';
import {
  advise,
  evidenceOf,
  evidenceOfState,
  lookAtMembers,
  notChecked,
  parameterOf,
  untold,
  well,
  type AdviceLook,
  type AdviceRule,
} from './advice-rule';

const hbaForm = { tab: 'configuration', view: 'hba', label: 'Open pg_hba' } as const;
const fileForm = { tab: 'configuration', view: 'member', label: 'Open patroni.yml' } as const;
const passwords = { tab: 'configuration', view: 'passwords', label: 'Change passwords' } as const;
const MOST_LINES = 5;

/** Whether a rule is for the whole of IPv4 or IPv6. */
function isWorld({ address, netmask }: HbaFileRule): boolean {
  if (address === null) return false;
  if (address === 'all') return true;
  return ['0.0.0.0', '::', '::0'].includes(address) && (netmask === null || /^(0\.0\.0\.0|::0?)$/.test(netmask));
}

function isLoopback({ type, address, netmask }: HbaFileRule): boolean {
  if (type === 'local') return true;
  if (address === '::1') return netmask === null || /^(ffff:){7}ffff$/i.test(netmask);
  return address !== null && /^127\./.test(address) && (netmask === null || /^255\./.test(netmask));
}

function lineInWords({ line, type, databases, users, address, netmask, method }: HbaFileRule): string {
  const words = [type, databases.join(','), users.join(','), address, netmask, method].filter((word) => word !== null);
  return `line ${line}: ${words.join(' ')}`;
}

/** Looks at the lines of pg_hba that count on each member. */
function lookAtHba(
  facts: AdviceFacts,
  isWrong: (rule: HbaFileRule) => boolean,
  rule: Pick<Parameters<typeof lookAtMembers>[2], 'severity' | 'words' | 'seen'>,
): AdviceLook {
  return lookAtMembers(facts, ({ postgres }) => postgres, {
    ...rule,
    judge: ({ hba }) => {
      if (hba === null) return { kind: 'unknown', why: 'PostgreSQL did not tell its pg_hba to this user.' };
      const wrong = hba.filter((one) => one.error === null && isWrong(one));
      if (wrong.length === 0) return { kind: 'well' };
      const more = wrong.length - MOST_LINES;
      return {
        kind: 'wrong',
        text: `${wrong.slice(0, MOST_LINES).map(lineInWords).join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
      };
    },
  });
}

const hbaTrust: AdviceRule = {
  id: 'hba_trust',
  title: 'Nobody comes in over the network without a password',
  area: 'Security',
  why: 'With `trust` whoever reaches the port is whom they say they are, the superuser included.',
  look: (facts) =>
    lookAtHba(facts, (rule) => rule.method === 'trust' && !isLoopback(rule), {
      severity: 'critical',
      words: (names) => ({
        sentence: `pg_hba lets people in over the network without a password on ${names}.`,
        todo: 'Write scram-sha-256 or cert in place of trust.',
        place: hbaForm,
      }),
      seen: 'No line for the network has trust.',
    }),
};

const NO_ENTRY = new Set(['reject', 'trust']);

const hbaWorld: AdviceRule = {
  id: 'hba_world',
  title: 'pg_hba names networks',
  area: 'Security',
  why: 'A line for every address lets whoever reaches the port try passwords.',
  look: (facts) =>
    lookAtHba(facts, (rule) => isWorld(rule) && !NO_ENTRY.has(rule.method ?? '') && rule.method !== 'cert', {
      severity: 'warning',
      words: (names) => ({
        sentence: `pg_hba is open to every address on ${names}.`,
        todo: 'Write the networks of the applications in place of 0.0.0.0/0, ::/0 or all.',
        place: hbaForm,
      }),
      seen: 'No line is for every address.',
    }),
};

const hbaPlain: AdviceRule = {
  id: 'hba_plain',
  title: 'Passwords are not sent in the clear',
  area: 'Security',
  why: '`password` sends the password itself; without TLS it is read on the way. `md5` is deprecated and easily tried offline.',
  look: (facts) =>
    lookAtHba(
      facts,
      (rule) => (rule.method === 'password' && rule.type !== 'hostssl' && !isLoopback(rule)) || rule.method === 'md5',
      {
        severity: 'warning',
        words: (names) => ({
          sentence: `pg_hba asks for passwords by password or md5 on ${names}.`,
          todo: 'Write scram-sha-256, after every role has a SCRAM password.',
          place: hbaForm,
        }),
        seen: 'No line has password without TLS, or md5.',
      },
    ),
};

const weakPasswords: AdviceRule = {
  id: 'weak_passwords',
  title: 'No password that everybody knows',
  area: 'Security',
  why: 'Passwords of tutorials and images are tried first by whoever finds the port.',
  look: (facts) => {
    const { members, roles } = facts;
    const inFiles = members.flatMap(({ name, own }) =>
      own.kind === 'read'
        ? own.value.weakAccounts.map(({ use, username, why }) => ({
            about: username,
            evidence: evidenceOf(own, `${use} (${username}) in ${own.value.path} of ${name}: ${why}.`),
          }))
        : [],
    );
    const inPostgres =
      roles.kind === 'read'
        ? roles.value.flatMap(({ name, weak }) =>
            weak === null ? [] : [{ about: name, evidence: evidenceOf(roles, `Role ${name}: ${weak}.`) }],
          )
        : [];
    const unknown = [
      ...members.flatMap(({ name, own }) => (own.kind === 'not_read' ? [{ about: name, why: own.why }] : [])),
      ...(roles.kind === 'not_read' ? [{ about: 'the roles of PostgreSQL', why: roles.why }] : []),
      ...(roles.kind === 'read' ? roles.value : []).flatMap(({ name, notCompared: why }) =>
        why === null ? [] : [{ about: name, why }],
      ),
    ];
    const found = [...inFiles, ...inPostgres];
    const names = [...new Set(found.map(({ about }) => about))];
    if (names.length === 0)
      return {
        advice: null,
        notChecked: unknown,
        seen: 'No password in the files of the members and in PostgreSQL is one of those that were compared. Nobody logged in to find out.',
      };
    return {
      ...advise(
        'critical',
        {
          sentence: `${namesInWords(names)} ${names.length === 1 ? 'has a password' : 'have passwords'} that everybody may know.`,
          todo: 'Give them new passwords.',
          place: passwords,
        },
        found.map(({ evidence }) => evidence),
        names,
      ),
      notChecked: unknown,
    };
  },
};

const md5Passwords: AdviceRule = {
  id: 'md5_passwords',
  title: 'Passwords are kept as SCRAM',
  area: 'Security',
  why: 'Who reads an MD5 hash can log in with it, and PostgreSQL will drop it.',
  look: ({ roles }) => {
    if (roles.kind === 'not_read') return notChecked(roles.why);
    const md5 = roles.value.filter(({ form }) => form === 'md5').map(({ name }) => name);
    if (md5.length === 0) return well(`None of ${roles.value.length} roles that log in has an MD5 password.`);
    return advise(
      'warning',
      {
        sentence: `PostgreSQL keeps the passwords of ${namesInWords(md5)} as MD5.`,
        todo: 'Set password_encryption to scram-sha-256 and give these roles new passwords.',
        place: passwords,
      },
      [evidenceOf(roles, `MD5: ${namesInWords(md5)}.`)],
      md5,
    );
  },
};

function isLoopbackListen(listen: string | null): boolean {
  return listen !== null && /^(127\.|localhost(:|$)|\[?::1\]?(:|$))/.test(listen);
}

const restOpen: AdviceRule = {
  id: 'rest_open',
  title: 'The REST API asks who writes',
  area: 'Security',
  why:
    'Without authentication whoever reaches the port of Patroni may switch over, restart, reinitialise and change ' +
    'the configuration, and by it run commands on the servers.',
  look: (facts) =>
    lookAtMembers(facts, ({ own }) => own, {
      judge: (own) => {
        if (own.restAuthentication || isLoopbackListen(own.restListen)) return { kind: 'well' };
        if (own.restTls && own.restVerifyClient !== 'none') return { kind: 'well' };
        return own.restAllowlist
          ? {
              kind: 'wrong',
              text: `restapi of ${own.path} has no authentication; an allowlist limits who may write.`,
              severity: 'warning',
            }
          : { kind: 'wrong', text: `restapi of ${own.path} has no authentication.` };
      },
      severity: 'critical',
      words: (names) => ({
        sentence: `Everybody who reaches the REST API of ${names} may write.`,
        todo: 'Set restapi.authentication with a user and a password on every member, and name them in the access of this cluster.',
        place: fileForm,
      }),
      seen: 'The REST API of every member asks for a user or a client certificate.',
    }),
};

const restTls: AdviceRule = {
  id: 'rest_tls',
  title: 'The REST API has TLS',
  area: 'Security',
  why: 'Without TLS the password of the REST API is read on the way, and what members say of each other can be forged.',
  look: (facts) =>
    lookAtMembers(facts, ({ own }) => own, {
      judge: (own) => {
        if (own.restTls || isLoopbackListen(own.restListen)) return { kind: 'well' };
        const severity = own.restAuthentication ? 'warning' : 'info';
        return { kind: 'wrong', text: `restapi of ${own.path} has no certfile.`, severity };
      },
      severity: 'info',
      words: (names) => ({
        sentence: `The REST API of ${names} speaks plain HTTP.`,
        todo: 'Set restapi.certfile, keyfile and cafile on every member. Load balancers then have to check by TLS.',
        place: fileForm,
      }),
      seen: 'The REST API of every member has TLS.',
    }),
};

interface DcsGuard {
  readonly tls: boolean;
  readonly login: boolean;
  readonly certificate: boolean;
}

function guardInWords({ tls, login, certificate }: DcsGuard): string {
  const who = certificate ? 'with a client certificate' : 'without a client certificate';
  return `It is reached ${tls ? 'by TLS' : 'without TLS'}, ${login ? 'with' : 'without'} a user, ${who}.`;
}

function guardOf({ dcsTls, dcsLogin, dcsCertificate }: OwnConfigAdviceFacts): DcsGuard {
  return { tls: dcsTls, login: dcsLogin, certificate: dcsCertificate };
}

const etcdOpen: AdviceRule = {
  id: 'etcd_open',
  title: 'etcd is guarded',
  area: 'Security',
  why: 'Who may write to etcd decides who leads, and changes the configuration of PostgreSQL.',
  look: ({ access, members, state }) => {
    const place = { tab: 'etcd', label: 'Open etcd' } as const;
    const [file] = members.flatMap(({ own }) =>
      own.kind === 'read' && own.value.dcs?.startsWith('etcd') === true ? [own] : [],
    );
    // What this app itself gets by without is what etcd does not ask for, as long as it is connected now.
    const own = access.etcd !== null && state.dcs.kind === 'live' ? access.etcd : null;
    const guard = own ?? (file === undefined ? null : guardOf(file.value));
    if (guard === null)
      return notChecked(
        'The app does not reach etcd now, and no configuration of a member that says how could be read.',
      );
    const evidence = [
      ...(own === null ? [] : [evidenceOfState(state, guardInWords(own), 'the connection of this app')]),
      ...(file === undefined ? [] : [evidenceOf(file, `${file.value.path}: ${guardInWords(guardOf(file.value))}`)]),
    ];
    const asks = guard.login || (guard.tls && guard.certificate);
    if (guard.tls && asks) return well(guardInWords(guard));
    if (!guard.tls && !guard.login)
      return advise(
        'critical',
        {
          sentence: 'Everybody who reaches etcd may read and write all of it.',
          todo: 'Give etcd certificates (client-cert-auth), or users and TLS.',
          place,
        },
        evidence,
      );
    return guard.tls
      ? advise(
          'warning',
          {
            sentence: 'etcd has TLS and does not ask who connects.',
            todo: 'Switch client-cert-auth on, or create users (etcdctl auth enable).',
            place,
          },
          evidence,
        )
      : advise(
          'warning',
          {
            sentence: 'etcd asks for a user and has no TLS: its password is read on the way.',
            todo: 'Give etcd certificates.',
            place,
          },
          evidence,
        );
  },
};

const postgresTls: AdviceRule = {
  id: 'postgres_tls',
  title: 'PostgreSQL has TLS',
  area: 'Security',
  why: 'Without TLS the data of queries and of replication is read on the way.',
  look: (facts) =>
    lookAtMembers(facts, ({ postgres }) => postgres, {
      judge: (values) => {
        const value = parameterOf(values, 'ssl');
        if (value === null) return untold('ssl');
        return value === 'on' ? { kind: 'well' } : { kind: 'wrong', text: 'ssl is off.' };
      },
      severity: 'warning',
      words: (names) => ({
        sentence: `PostgreSQL has no TLS on ${names}.`,
        todo: 'Put a certificate and a key on every member, and switch ssl on; then write hostssl in pg_hba.',
        place: { tab: 'configuration', view: 'form', label: 'Open the form' },
      }),
      seen: 'ssl is on.',
    }),
};

/** Who may come in. */
export const securityRules: readonly AdviceRule[] = [
  hbaTrust,
  hbaWorld,
  hbaPlain,
  weakPasswords,
  md5Passwords,
  restOpen,
  restTls,
  etcdOpen,
  postgresTls,
];
