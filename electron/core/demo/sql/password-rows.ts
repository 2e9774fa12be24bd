import type { DemoHost } from '../network/network';

/** Roles of a simulated PostgreSQL that log in with a password. */
const ROLES = ['app', 'postgres', 'replicator', 'reporting'] as const;

const UNCHANGED = 'SCRAM-SHA-256$4096:c2ltdWxhdGVk$c2ltdWxhdGVk:c2ltdWxhdGVk';

/** What pg_authid keeps of the passwords. */
export function passwordRows({ member }: DemoHost): readonly unknown[] {
  return ROLES.map((name) => ({ name, verifier: member.rolePasswords[name] ?? UNCHANGED }));
}

/** What pg_authid keeps of the roles that log in, for the advice. */
export function adviceRoleRows(host: DemoHost): readonly unknown[] {
  return ROLES.map((name) => ({
    name,
    superuser: name === 'postgres',
    replication: name === 'postgres' || name === 'replicator',
    verifier: host.member.rolePasswords[name] ?? UNCHANGED,
  }));
}

/** Takes the passwords of ALTER ROLE statements; every member has them at once. */
export function setPasswordRows({ driver: { sim } }: DemoHost, sql: string): readonly unknown[] {
  const changed = [...sql.matchAll(/ALTER ROLE "((?:[^"]|"")+)" PASSWORD '([^']*)'/g)].map(
    ([, name = '', verifier = '']) => [name.replaceAll('""', '"'), verifier] as const,
  );
  for (const member of sim.members) member.rolePasswords = { ...member.rolePasswords, ...Object.fromEntries(changed) };
  return [{ done: 1 }];
}
