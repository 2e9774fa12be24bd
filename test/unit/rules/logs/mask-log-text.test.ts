import { describe, expect, it } from 'vitest';
import { maskLogText } from '../../../../shared/rules/logs/mask-log-text';

describe('an entry of a log is shown', () => {
  it.each([
    [
      'with no literal of a statement that speaks of a secret',
      "LOG:  statement: ALTER ROLE app PASSWORD 'hunter2' VALID UNTIL '2030-01-01'",
      "LOG:  statement: ALTER ROLE app PASSWORD '***' VALID UNTIL '***'",
    ],
    [
      'with no literal of a statement that took long',
      "LOG:  duration: 12.1 ms  execute s1: SELECT * FROM users WHERE password = 'hunter2'",
      "LOG:  duration: 12.1 ms  execute s1: SELECT * FROM users WHERE password = '***'",
    ],
    [
      'with no password in a statement that was cut off in it',
      "STATEMENT:  CREATE USER app PASSWORD 'hunt",
      "STATEMENT:  CREATE USER app PASSWORD '***'",
    ],
    [
      'with no password in a row of pgaudit',
      `AUDIT: SESSION,1,1,ROLE,CREATE ROLE,,,"create role app password 'hunter2'",<not logged>`,
      `AUDIT: SESSION,1,1,ROLE,CREATE ROLE,,,"create role app password '***'",<not logged>`,
    ],
    [
      'with no password of a URL',
      'could not connect to postgres://app:hunter2@10.0.0.1:5432/app',
      'could not connect to postgres://app:***@10.0.0.1:5432/app',
    ],
    [
      'with no password of a connection string',
      "primary_conninfo: user=replicator password=hunter2 host=db1 passfile='/x'",
      "primary_conninfo: user=replicator password=*** host=db1 passfile='/x'",
    ],
    [
      'with no quoted password of a connection string',
      "dsn user=app password='hunter 2 \\'x' host=db1",
      "dsn user=app password='***' host=db1",
    ],
    [
      'with no password of the environment',
      'Environment=PGPASSWORD=hunter2 LANG=C',
      'Environment=PGPASSWORD=*** LANG=C',
    ],
    ['with no value of JSON', '{"user":"a","password":"hunter2","n":1}', '{"user":"a","password":"***","n":1}'],
    [
      'with no password of a command line',
      'COMMAND=/usr/bin/x --password hunter2 -v',
      'COMMAND=/usr/bin/x --password *** -v',
    ],
    ['with no token', 'etcd auth token=aBcD.12 refused', 'etcd auth token=*** refused'],
    ['with no header', 'Authorization: Basic cGF0cm9uaTpodW50ZXIy', 'Authorization: Basic ***'],
    [
      'with no verifier',
      'role app has SCRAM-SHA-256$4096:c2FsdA==$a2V5:a2V5 now',
      'role app has SCRAM-SHA-256$*** now',
    ],
    ['with no MD5 verifier', 'md5d41d8cd98f00b204e9800998ecf8427e', 'md5***'],
  ])('%s', (_name, text, shown) => {
    expect(maskLogText(text)).toBe(shown);
  });

  it.each([
    ['password=ab,cd;ef host=x', 'password=*** host=x'],
    ['PGPASSWORD=p&ss)w psql -h db1', 'PGPASSWORD=*** psql -h db1'],
    ['dsn password=p"q\'r host=x', 'dsn password=*** host=x'],
    ['dsn password=one\\ two host=x', 'dsn password=*** host=x'],
    ['password = x host = y', 'password = *** host = y'],
    ["PGPASSWORD='a b'c psql", "PGPASSWORD='***' psql"],
    ['Environment="PGPASSWORD=one two" LANG=C', 'Environment="PGPASSWORD=***" LANG=C'],
    ['AWS_SECRET_ACCESS_KEY=abc/def+1 wal-g backup-list', 'AWS_SECRET_ACCESS_KEY=*** wal-g backup-list'],
    ['secret_key = "abc"', 'secret_key = "***"'],
    ['aws_secret_access_key: abc/d,e', 'aws_secret_access_key: ***'],
    ['repo1-cipher-pass=abc,d', 'repo1-cipher-pass=***'],
    ['--repo1-cipher-pass=abc --stanza=main', '--repo1-cipher-pass=*** --stanza=main'],
    ['repo1-s3-key-secret=abc', 'repo1-s3-key-secret=***'],
    ['DB_PASS=abc run', 'DB_PASS=*** run'],
    ['api_key: abc', 'api_key: ***'],
    ['etcdctl --user root:pw get /', 'etcdctl --user root:*** get /'],
    ['etcdctl --user=root:p:w get /', 'etcdctl --user=root:*** get /'],
    ["curl -u 'patroni:p w' http://db1:8008", "curl -u 'patroni:***' http://db1:8008"],
    ['x --password "a b" -v', 'x --password "***" -v'],
    ['GET /x?password=a,b&sslmode=require HTTP/1.1', 'GET /x?password=***&sslmode=require HTTP/1.1'],
    ['{"password": "x,y", "n": 1}', '{"password": "***", "n": 1}'],
    ['{"secret_token":12,"n":1}', '{"secret_token":***,"n":1}'],
    ['{"line":"{\\"password\\":\\"a b\\",\\"n\\":1}"}', '{"line":"{\\"password\\":\\"***\\",\\"n\\":1}"}'],
    ["{'password': 'x'}", "{'password': '***'}"],
    ['(password: a,b)', '(password: ***)'],
    ["ALTER ROLE app PASSWORD 'x'", "ALTER ROLE app PASSWORD '***'"],
    ['postgres://app:p,w@db1/app', 'postgres://app:***@db1/app'],
    ['Driver=PostgreSQL;UID=app;PWD=abc', 'Driver=PostgreSQL;UID=app;PWD=***'],
    [
      'admin : PWD=/home/admin ; USER=root ; COMMAND=/usr/bin/x --token=a;b',
      'admin : PWD=/home/admin ; USER=root ; COMMAND=/usr/bin/x --token=***',
    ],
  ])('with the whole secret and nothing else masked: %s', (text, shown) => {
    expect(maskLogText(text)).toBe(shown);
  });

  it.each([
    'FATAL:  password authentication failed for user "app"',
    "LOG:  statement: SELECT * FROM orders WHERE name = 'x'",
    'no action. I am (db1), the leader with the lock',
    'GET https://10.0.0.1:8008/patroni?at=a@b HTTP/1.1',
    'parameter "password_encryption" changed to "scram-sha-256"',
    'http://10.0.0.1:2379 is healthy: user@host',
    'invalid auth token',
    'admin : TTY=pts/0 ; PWD=/home/admin ; USER=root ; COMMAND=/usr/bin/true',
    'OLDPWD=/var/lib PWD=/ LANG=C',
    "shared_preload_libraries = 'passwordcheck,pg_stat_statements'",
    'passwordcheck.min_password_length = 12',
    'password_encryption = scram-sha-256',
    'LOCATION:  check_password, passwordcheck.c:86',
    'systemd-ask-password-wall.path: Deactivated successfully.',
    'passfile=/var/lib/postgresql/.pgpass host=db1',
    '--password-file /etc/x --no-password app',
    'syntax error: unexpected token at position 3',
    'the token of this session expired; a new token is asked for',
    'password for user app has to be changed',
    'sudo -u postgres psql --user app -h db1',
    'journalctl -u patroni: 3 lines',
    'tokens=12 secrets: 3',
    'AWS_ACCESS_KEY_ID=AKIA123',
  ])('word for word where it holds none: %s', (text) => {
    expect(maskLogText(text)).toBe(text);
  });

  it('in the time of a glance, also where it is long and hostile', () => {
    const hostile = [
      `password=${"'".repeat(60_000)}`,
      `statement: password ${"$a$'".repeat(15_000)}`,
      `x://${'a:'.repeat(30_000)}@`,
      `${'secret'.repeat(10_000)}`,
      `${'-'.repeat(60_000)}password`,
      `${'password=a\\ '.repeat(6_000)}`,
      `${"'password=".repeat(6_000)}`,
      `${'"token\\"'.repeat(8_000)}`,
      `password:${')'.repeat(60_000)}`,
      `${'--user a'.repeat(8_000)}`,
    ];
    const before = performance.now();
    for (const text of hostile) maskLogText(text);
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
