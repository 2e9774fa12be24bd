/** The kinds of connection that a rule may name. */
export const hbaTypes = ['local', 'host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'] as const;
/** One of these kinds. */
export type HbaType = (typeof hbaTypes)[number];

/** The methods by which PostgreSQL lets clients in. */
const METHODS: readonly string[] = [
  ...['trust', 'reject', 'scram-sha-256', 'md5', 'password', 'gss', 'sspi', 'ident', 'peer', 'ldap', 'radius'],
  ...['cert', 'pam', 'bsd', 'oauth'],
];

/** Options with the methods that take them; an empty list: all of them (hba.c, parse_hba_auth_opt). */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  map: ['ident', 'peer', 'gss', 'sspi', 'cert', 'oauth'],
  clientcert: [],
  clientname: [],
  ...forMethods(['pam'], ['pamservice', 'pam_use_hostname']),
  ...forMethods(
    ['ldap'],
    [
      ...['ldapurl', 'ldaptls', 'ldapscheme', 'ldapserver', 'ldapport', 'ldapbinddn', 'ldapbindpasswd'],
      ...['ldapsearchattribute', 'ldapsearchfilter', 'ldapbasedn', 'ldapprefix', 'ldapsuffix'],
    ],
  ),
  ...forMethods(['gss', 'sspi'], ['krb_realm', 'include_realm']),
  ...forMethods(['sspi'], ['compat_realm', 'upn_username']),
  ...forMethods(['radius'], ['radiusservers', 'radiussecrets', 'radiusports', 'radiusidentifiers']),
  ...forMethods(['oauth'], ['issuer', 'scope', 'validator', 'delegate_ident_mapping']),
};

function forMethods(methods: readonly string[], names: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(names.map((name) => [name, methods]));
}

/** Options without which a method cannot work: one of each group. */
const NEEDED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  ldap: [['ldapserver', 'ldapurl', 'ldapbasedn']],
  radius: [['radiusservers'], ['radiussecrets']],
  oauth: [['issuer'], ['scope']],
};

/** Why PostgreSQL does not take a method in a rule of this type; null where it does. */
export function whyNotMethod(type: HbaType, method: string): string | null {
  if (!METHODS.includes(method)) return `${method} is not a method that PostgreSQL knows.`;
  if (method === 'sspi' || method === 'bsd') return `${method} does not exist on Linux.`;
  if (type !== 'local' && method === 'peer') return 'peer works with local only.';
  if (type === 'local' && method === 'gss') return 'gss does not work with local.';
  return type !== 'hostssl' && method === 'cert' ? 'cert works with hostssl only.' : null;
}

/** Why PostgreSQL does not take the options behind a method; null where it does. */
export function whyNotOptions(type: HbaType, method: string, options: readonly string[]): string | null {
  const stray = options.find((option) => !option.includes('='));
  if (stray !== undefined) return `${stray} is not an option: options have the form name=value.`;
  const given = options.map((option) => [option.slice(0, option.indexOf('=')), option.replace(/^[^=]*=/, '')] as const);
  const reason = given.map(([name, value]) => whyNotOption(type, method, name, value)).find((one) => one !== null);
  if (reason !== undefined) return reason;
  const missing = (NEEDED[method] ?? []).find((group) => !group.some((name) => given.some(([is]) => is === name)));
  return missing === undefined ? null : `${method} needs the option ${missing.join(' or ')}.`;
}

function whyNotOption(type: HbaType, method: string, name: string, value: string): string | null {
  const methods = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
  if (methods === undefined) return `PostgreSQL has no option ${name}.`;
  if (methods.length > 0 && !methods.includes(method))
    return `The option ${name} works with ${methods.join(', ')} only.`;
  if (name !== 'clientcert' && name !== 'clientname') return null;
  if (type !== 'hostssl') return `The option ${name} works with hostssl only.`;
  const words = name === 'clientname' ? ['CN', 'DN'] : ['verify-ca', 'verify-full'];
  return words.includes(value) ? null : `${name} is one of ${words.join(', ')}.`;
}
