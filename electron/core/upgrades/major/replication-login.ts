import { appError } from '../../../../shared/model/app-error';
import { valueAt } from '../../../../shared/rules/configure/config-patch';

/** What libpq is given to log in for replication as Patroni does: a service file and a password file. Both are secret. */
export interface ReplicationLogin {
  readonly service: string;
  readonly pass: string;
}

/** Options of a connection that Patroni takes from `postgresql.authentication` (patroni/config.py, _AUTH_ALLOWED_PARAMETERS). */
const OPTIONS = [
  'sslmode',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslrootcert',
  'sslcrl',
  'sslcrldir',
  'gssencmode',
  'channel_binding',
  'sslnegotiation',
  'passfile',
] as const;

/**
 * How Patroni of a member logs in for replication, at the member's own address. Throws `upgrade.no_login` where its configuration does
 * not say so in words that a file of libpq can hold.
 */
export function replicationLogin(
  config: Readonly<Record<string, unknown>>,
  place: { readonly member: string; readonly host: string; readonly port: number },
): ReplicationLogin {
  const section = ['postgresql', 'authentication', 'replication'];
  const text = (name: string): string | null => {
    const value = valueAt(config, [...section, name]);
    return value === undefined || value === null || value === '' ? null : String(value);
  };
  const user = text('username');
  const password = text('password');
  const options = OPTIONS.flatMap((name) => {
    const value = text(name);
    return value === null ? [] : [[name, value] as const];
  });
  const service = [['host', place.host], ['port', String(place.port)], ['user', user ?? ''], ...options] as const;
  const isWritable = service.every(([, value]) => isServiceValue(value)) && !/[\n\r]/.test(password ?? '');
  if (user === null || !isWritable)
    throw appError('upgrade.no_login', `How Patroni of ${place.member} logs in for replication is not known.`, {
      target: place.member,
      hint: 'A copy is taken as Patroni takes one: postgresql.authentication.replication of its configuration says how.',
    });
  return {
    service: ['[matriarch]', ...service.map(([name, value]) => `${name}=${value}`), ''].join('\n'),
    pass: password === null ? '' : `*:*:*:*:${password.replaceAll(/[\\:]/g, (sign) => `\\${sign}`)}\n`,
  };
}

/** A service file has no quotes: blanks at the end of a line are lost, and a line is not longer than this in older versions. */
function isServiceValue(value: string): boolean {
  return value !== '' && value.length < 900 && value.trim() === value && !/[\n\r]/.test(value);
}
