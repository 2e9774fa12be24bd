import { describe, expect, it } from 'vitest';
import { uniqueParts } from '../../../../shared/rules/diagnostics/entry-path';
import { maskSecretForms, secretsIn, secretsInFiles } from '../../../../shared/rules/diagnostics/mask-secrets';

const S = 'hunter2Xyz';

describe('a text of a server that leaves the app', () => {
  it.each([
    ['a private key', `-----BEGIN EC PRIVATE KEY-----\n${S}\n-----END EC PRIVATE KEY-----`],
    ['a private key that is cut off', `x\n-----BEGIN PRIVATE KEY-----\n${S}\n`],
    ['a user of PgBouncer', `"app" "${S}"`],
    ['a user of PgBouncer with quotes in it', `"a""b" "${S}""${S}"`],
    ['the login of HAProxy’s statistics', `  stats auth admin:${S}`],
    ['a user of HAProxy', `\tuser ann insecure-password ${S}`],
    ['a user of HAProxy with a hash', `user ann password $5$${S}`],
    ['keepalived', `    auth_pass ${S}`],
    ['LDAP in pg_hba', `host all all all ldap ldapserver=x ldapbindpasswd="${S} y"`],
    ['an environment file', `PATRONI_REPLICATION_PASSWORD=${S}`],
    ['an exported variable', `export PGPASSWORD='${S}'`],
    ['a unit of systemd', `Environment="ETCD_PASSWORD=${S}"`],
    ['a connection string', `primary_conninfo = 'host=db1 user=r password=${S} sslmode=prefer'`],
    ['a connection string of PgBouncer', `app = host=127.0.0.1 dbname=app password=${S}`],
    ['an address', `postgres://u:${S}@db1:5432/x`],
    ['a header of HTTP', `Authorization: Basic ${S}`],
    ['a token', `bearer_token = ${S}`],
    ['a verifier', `SCRAM-SHA-256$4096:${S}$x:y`],
    ['a statement', `LOG:  statement: ALTER USER u PASSWORD '${S}'`],
    ['JSON', `{"password": "${S}"}`],
    ['YAML', `    password: ${S}`],
    ['pgBackRest', `repo1-cipher-pass=${S}`],
    ['a key of S3', `repo1-s3-key-secret=${S}`],
  ])('does not show %s', (_name, text) => {
    expect(maskSecretForms(text)).not.toContain(S);
  });

  it.each([
    "ssl_key_file = '/etc/patroni/tls/server.key'",
    'client_tls_key_file = /etc/pgbouncer/tls/pgbouncer.key',
    'password_encryption = scram-sha-256',
    'listen_addr = *',
    'Filesystem      Size  Used Avail Use% Mounted on',
    'max_connections = 100',
  ])('shows %s as it is', (text) => {
    expect(maskSecretForms(text)).toBe(text);
  });

  it('is masked in linear time, whatever a server wrote', () => {
    const before = performance.now();
    for (const text of [
      '"'.repeat(200_000),
      ' '.repeat(200_000),
      'a='.repeat(100_000),
      'password=' + "'".repeat(100_000),
    ])
      maskSecretForms(text);
    expect(performance.now() - before).toBeLessThan(10_000);
  });
});

describe('the secrets that are known', () => {
  it('of a configuration are found by the names of their settings', () => {
    const config = {
      postgresql: { authentication: { superuser: { username: 'postgres', password: 'a1' } } },
      restapi: { authentication: { username: 'x', password: 42 } },
      etcd3: { password: ['b1', 'c1'] },
      tags: { secret: true },
    };
    expect(secretsIn(config)).toEqual(['a1', '42', 'b1', 'c1']);
  });

  it('of files are found by their form', () => {
    const text = `"app" "one""two"\n stats auth a:three\n user x insecure-password four\n db = host=h password=five\n auth_pass six\n`;
    const found = secretsInFiles(text);
    for (const secret of ['one"two', 'three', 'four', 'five', 'six']) expect(found).toContain(secret);
  });
});

describe('the paths within a bundle', () => {
  it('hold nothing that leads elsewhere, and are told apart', () => {
    expect(uniqueParts(['../../etc', 'a/b', 'a b', '', '.hidden', 'A_B'])).toEqual([
      '__.._etc',
      'a_b',
      'a_b-2',
      '_',
      '_hidden',
      'A_B-3',
    ]);
  });
});
