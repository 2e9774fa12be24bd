import type { OwnConfigAdviceFacts, WeakAccount } from '../../../shared/model/advice/advice-facts';
import { valueAt } from '../../../shared/rules/configure/config-patch';
import { whyWeak } from './weak-passwords';

type Json = Readonly<Record<string, unknown>>;

const DCS = ['etcd3', 'etcd', 'consul', 'zookeeper', 'exhibitor', 'kubernetes', 'raft'] as const;
const ACCOUNTS = [
  { use: 'superuser', path: ['postgresql', 'authentication', 'superuser'] },
  { use: 'replication', path: ['postgresql', 'authentication', 'replication'] },
  { use: 'rewind', path: ['postgresql', 'authentication', 'rewind'] },
  { use: 'REST API', path: ['restapi', 'authentication'] },
  { use: 'etcd', path: ['etcd3'] },
  { use: 'etcd', path: ['etcd'] },
] as const;

function textAt(config: Json, path: readonly string[]): string | null {
  const value = valueAt(config, path);
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

function has(config: Json, path: readonly string[]): boolean {
  const text = textAt(config, path);
  return text !== null && text !== '';
}

/** A name and no password is a certificate or the Unix socket, and not weak. */
function weakAccountsOf(config: Json): readonly WeakAccount[] {
  return ACCOUNTS.flatMap(({ use, path }) => {
    const [username, password] = [textAt(config, [...path, 'username']), textAt(config, [...path, 'password'])];
    const why = username === null || password === null ? null : whyWeak(username, password);
    return username === null || why === null ? [] : [{ use, username, why }];
  });
}

/** What the advice needs of a member's own configuration: that and where something is set, and no secret of it. */
export function ownConfigFacts(path: string, config: Json): OwnConfigAdviceFacts {
  const dcs = DCS.find((name) => valueAt(config, [name]) !== undefined) ?? null;
  const methods = valueAt(config, ['postgresql', 'create_replica_methods']);
  return {
    path,
    restAuthentication:
      has(config, ['restapi', 'authentication', 'username']) && has(config, ['restapi', 'authentication', 'password']),
    restTls: has(config, ['restapi', 'certfile']),
    restAllowlist:
      valueAt(config, ['restapi', 'allowlist']) !== undefined ||
      valueAt(config, ['restapi', 'allowlist_include_members']) === true,
    restVerifyClient: textAt(config, ['restapi', 'verify_client']) ?? 'none',
    restListen: textAt(config, ['restapi', 'listen']),
    dcs,
    dcsTls: dcs !== null && isTls(config, dcs),
    dcsLogin: dcs !== null && has(config, [dcs, 'username']),
    dcsCertificate: dcs !== null && has(config, [dcs, 'cert']),
    watchdogMode: watchdogMode(config),
    watchdogDevice: textAt(config, ['watchdog', 'device']) ?? '/dev/watchdog',
    createReplicaMethods: Array.isArray(methods) ? methods.map(String).slice(0, 20) : [],
    weakAccounts: weakAccountsOf(config),
  };
}

/** Patroni speaks TLS to etcd where the protocol, or the URL, says https (patroni/dcs/etcd.py). */
function isTls(config: Json, dcs: string): boolean {
  return textAt(config, [dcs, 'protocol']) === 'https' || (textAt(config, [dcs, 'url']) ?? '').startsWith('https:');
}

/** YAML reads `off` as false (patroni/watchdog/base.py takes both). */
function watchdogMode(config: Json): string {
  const mode = textAt(config, ['watchdog', 'mode']) ?? 'automatic';
  if (['off', 'false', 'no'].includes(mode.toLowerCase())) return 'off';
  return mode.toLowerCase() === 'required' || mode === 'true' ? 'required' : 'automatic';
}
