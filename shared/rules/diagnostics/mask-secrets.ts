import { isSecretName, maskWords } from '../configure/member-file/mask-yaml';
import { isJsonObject } from '../configure/config-patch';
import { maskLogText } from '../logs/mask-log-text';

/** What stands where a secret stood. */
const MASK = '***';

const KEY_BLOCK =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z0-9 ]*-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY[A-Z0-9 ]*-----|$)/g;
/** A line of PgBouncer's userlist.txt: `"user" "password or verifier"`. */
const USERLIST = /^([ \t]*"(?:[^"]|"")*"[ \t]+")(?:[^"\r\n]|"")*(?="|$)/gm;
/** HAProxy: `stats auth USER:PASSWORD`, and users of a userlist. */
const STATS_AUTH = /^([ \t]*stats[ \t]+auth[ \t]+[^\s:]+:)\S+/gm;
const HAPROXY_USER = /^([ \t]*user[ \t]+\S+[ \t]+(?:insecure-)?password[ \t]+)\S+/gm;
/** keepalived: `auth_pass WORD`. */
const AUTH_PASS = /^([ \t]*auth_pass[ \t]+)\S+/gm;
/** `ldapbindpasswd=x`, `radiussecrets="x"` of pg_hba. */
const HBA_SECRET = /\b((?:ldapbindpasswd|radiussecrets)[ \t]*=[ \t]*)(?:"[^"\r\n]*"|\S+)/gi;
/** `NAME=VALUE` of an environment file, and `name = value` of an INI file, by names that speak of a secret. */
const SETTING = /^([ \t]*(?:export[ \t]+|Environment=["']?)?[A-Za-z_][\w.-]*[ \t]*=[ \t]*)(.*)$/gm;
const SETTING_NAME = /([A-Za-z_][\w.-]*)[ \t]*=[ \t]*$/;
/** A password within a setting that is named otherwise: `auth_query_password`, `pgpass` and the like end so. */
const MORE_SECRET_NAMES = /(?:pass|pwd|password|passwd|secret|token|passphrase|[_-]key)(?:[_-]?\d*)?$/i;
/** A setting whose name only looks so: it tells where a key is, not what it is. */
const HARMLESS_NAMES = /(?:key_file|keyfile|_file|path|dir|sslkey|ssl_key|certkey)$/i;
const SPEAKS = /passw|secret|token|:\/\//i;
const LONGEST_LINE = 8_000;
const PATH_VALUE = /^["']?\/[\w./-]*["']?$/;

/**
 * A text of a server without what is secret by its form: private keys, passwords of configurations, connection strings and environment
 * files, verifiers, and headers of HTTP. Secrets that are known are masked beside that, wherever they stand.
 */
export function maskSecretForms(text: string): string {
  return text
    .replaceAll(KEY_BLOCK, `${MASK} private key ${MASK}`)
    .replaceAll(USERLIST, `$1${MASK}`)
    .replaceAll(STATS_AUTH, `$1${MASK}`)
    .replaceAll(HAPROXY_USER, `$1${MASK}`)
    .replaceAll(AUTH_PASS, `$1${MASK}`)
    .replaceAll(HBA_SECRET, `$1${MASK}`)
    .replaceAll(SETTING, maskSetting)
    .split('\n')
    .map(maskLine)
    .join('\n');
}

/** Words are looked for in lines that speak of secrets; one that is longer than any line a person wrote is cut. */
function maskLine(line: string): string {
  const whole = line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} (cut)` : line;
  const masked = maskLogText(whole);
  return SPEAKS.test(masked) ? maskWords(masked) : masked;
}

function maskSetting(all: string, head: string, value: string): string {
  const name = SETTING_NAME.exec(head)?.[1] ?? '';
  const isSecret = (isSecretName(name) || MORE_SECRET_NAMES.test(name)) && !HARMLESS_NAMES.test(name);
  return isSecret && value.trim() !== '' && !PATH_VALUE.test(value.trim()) ? `${head}${MASK}` : all;
}

/** The secrets in a configuration of Patroni, by the names of their settings: to be masked wherever else they stand. */
export function secretsIn(value: unknown, isSecret = false): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => secretsIn(one, isSecret));
  if (isJsonObject(value))
    return Object.entries(value).flatMap(([name, inside]) => secretsIn(inside, isSecret || isSecretName(name)));
  if (!isSecret || (typeof value !== 'string' && typeof value !== 'number')) return [];
  return [String(value)];
}

/** The secrets in files of HAProxy and PgBouncer, by their form. */
export function secretsInFiles(text: string): readonly string[] {
  const patterns = [
    /^[ \t]*"(?:[^"]|"")*"[ \t]+"((?:[^"\r\n]|"")*)"/gm,
    /^[ \t]*stats[ \t]+auth[ \t]+[^\s:]+:(\S+)/gm,
    /^[ \t]*user[ \t]+\S+[ \t]+(?:insecure-)?password[ \t]+(\S+)/gm,
    /^[ \t]*auth_pass[ \t]+(\S+)/gm,
    /\bpassword[ \t]*=[ \t]*'((?:[^'\\]|\\.|'')+)'/gi,
    /\bpassword[ \t]*=[ \t]*([^\s'"]+)/gi,
  ];
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap(([, secret = '']) => [secret, secret.replaceAll('""', '"')]),
  );
}
