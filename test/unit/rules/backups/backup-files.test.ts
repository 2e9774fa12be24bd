import { describe, expect, it } from 'vitest';
import { backupSetupSchema, type BackupSetup } from '../../../../shared/model/backups/backup-setup';
import {
  archivePatch,
  archivesNothing,
  authorizedLine,
  backupUnits,
  memberConfig,
  repositoryConfig,
  type BackupMember,
} from '../../../../shared/rules/backups/backup-files';
import { checkSetUp, setUpSteps, type SetUpFacts, type SetUpLook } from '../../../../shared/rules/backups/set-up-words';
import { Facts } from '../../../support/cluster/cluster-facts';

const setup: BackupSetup = {
  stanza: 'orders',
  repository: { kind: 'server', serverId: 's4', address: '10.0.0.4', path: '/srv/backups' },
  ...{
    keepFull: 2,
    compression: 'gz',
    encrypted: true,
    fullDay: 'Sun',
    time: '01:30',
    changes: 'diff',
    fromReplica: true,
  },
};
const member = (name: string, change: Partial<BackupMember> = {}): BackupMember => ({
  ...{ name, address: `10.0.0.${name.slice(-1)}`, port: 5432 },
  ...{ dataDirectory: '/var/lib/postgresql/17/main', socketDirectory: '/run/postgresql', ...change },
});
const look: SetUpLook = {
  ...{ version: null, candidate: '2.55.1', foreign: [], socket: '/run/postgresql', free: 10 ** 10 },
  ...{ dataSize: 10 ** 9, held: { kind: 'free' } },
};
const state = new Facts().fold();

function facts(change: Partial<SetUpFacts> = {}): SetUpFacts {
  return {
    state,
    members: [{ member: member('db1'), server: 'db1', look }],
    repository: { server: 'keeper', look },
    foreignArchive: null,
    isCitus: false,
    ...change,
  };
}
const keeperWith = (change: Partial<SetUpLook>): Partial<SetUpFacts> => ({
  repository: { server: 'keeper', look: { ...look, ...change } },
});
const refusals = (change: Partial<SetUpFacts>): string =>
  checkSetUp(setup, facts(change))
    .filter(({ verdict }) => verdict === 'refuses')
    .map(({ sentence }) => sentence)
    .join(' ');

describe('the files of backups', () => {
  it('keep the passphrase on the server with the repository alone', () => {
    expect(memberConfig(setup, member('db1'), 'secret').text).not.toContain('secret');
    expect(repositoryConfig(setup, [member('db1')], 'secret').text).toContain('repo1-cipher-pass=secret');
    expect(repositoryConfig(setup, [member('db1')], 'secret').mode).toBe(0o640);
  });

  it('name the path of the repository on members, too: the one in the file of the package would be taken otherwise', () => {
    expect(memberConfig(setup, member('db1'), null).text).toContain('repo1-path=/srv/backups\n');
  });

  it('let a key run pgBackRest and nothing else', () => {
    expect(authorizedLine('orders', 'ssh-ed25519 AAAA someone@else\n')).toBe(
      'restrict,command="/usr/bin/pgbackrest ${SSH_ORIGINAL_COMMAND#* }" ssh-ed25519 AAAA matriarch-backup-orders',
    );
  });

  it('name every member, so that pgBackRest finds the leader by itself', () => {
    const { text } = repositoryConfig(setup, [member('db1'), member('db2')], null);
    expect(text).toContain('pg1-host=10.0.0.1\n');
    expect(text).toContain('pg2-host=10.0.0.2\n');
    expect(text).toContain('backup-standby=y');
  });

  it('make a full backup on one day and one of the changes on all others; in a directory on the leader alone', () => {
    const text = (kind: 'full' | 'diff', port: number | null): string =>
      backupUnits(setup, kind, port)
        .map((file) => file.text)
        .join('');
    expect(text('full', null)).toContain('OnCalendar=Sun *-*-* 01:30:00');
    expect(text('diff', null)).toContain('OnCalendar=Mon,Tue,Wed,Thu,Fri,Sat *-*-* 01:30:00');
    expect(text('full', null)).not.toContain('ExecCondition');
    expect(text('full', 5433)).toContain('pg_is_in_recovery');
  });

  it('leave what somebody else set for replicas as it is', () => {
    const patch = archivePatch('orders', { postgresql: { create_replica_methods: ['x'], recovery_conf: {} } });
    expect(Object.keys(Object(patch['postgresql']))).toEqual(['parameters']);
  });

  it.each(['25:00', '1:30', '', 'noon', '01:30:00', "01:30'"])('are not made for %j, which is no time', (time) => {
    expect(backupSetupSchema.safeParse({ ...setup, time }).success).toBe(false);
  });

  it.each(['a b', "o'r", '../x', '', '-x', 'ü'])('are not made for a stanza called %j', (stanza) => {
    expect(backupSetupSchema.safeParse({ ...setup, stanza }).success).toBe(false);
  });
});

describe('backups in a store', () => {
  const store: BackupSetup = {
    ...setup,
    repository: {
      ...{ kind: 's3', endpoint: 's3.example:9000', bucket: 'b', region: 'eu', path: '/orders', addressing: 'path' },
      ca: '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n',
    },
  };

  it('are written by every member, with keys that only root and postgres read, over a connection that is verified', () => {
    const { text, mode } = memberConfig(store, member('db1'), 'pass', { key: 'AK', secret: 'SK' });
    expect(mode).toBe(0o640);
    for (const line of [
      ...['repo1-type=s3', 'repo1-s3-endpoint=s3.example', 'repo1-storage-port=9000', 'repo1-s3-uri-style=path'],
      ...['repo1-s3-key=AK', 'repo1-s3-key-secret=SK', 'repo1-storage-verify-tls=y', 'repo1-cipher-pass=pass'],
      'repo1-storage-ca-file=/etc/pgbackrest/matriarch/orders/ca.pem',
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).not.toContain('repo1-host');
  });

  it('are shown without the keys', () => {
    const steps = JSON.stringify(setUpSteps(store, facts({ repository: null })));
    expect(steps).toContain('repo1-s3-key-secret=••••••');
  });

  it.each([
    ['endpoint', 'https://s3.example'],
    ['endpoint', "s3.example' x"],
    ['bucket', 'a b'],
    ['region', ''],
    ['ca', 'no certificate'],
    ['path', '/with blank'],
  ])('are refused for %s %j', (field, value) => {
    const repository = { ...store.repository, [field]: value };
    expect(backupSetupSchema.safeParse({ ...store, repository }).success).toBe(false);
  });
});

describe('setting backups up', () => {
  it('is possible where nothing is in the way, and shows files and commands without the passphrase', () => {
    expect(refusals({})).toBe('');
    const steps = setUpSteps(setup, facts());
    expect(steps.map(({ server }) => server)).toEqual(['db1', 'keeper', 'Patroni', 'keeper']);
    expect(JSON.stringify(steps)).toContain('repo1-cipher-pass=••••••');
  });

  it.each<readonly [string, Partial<SetUpFacts>, RegExp]>([
    [
      'archives by another command',
      { foreignArchive: 'barman-wal-archive %p' },
      /never overwritten: barman-wal-archive/,
    ],
    [
      'has a pgBackRest that somebody else configured',
      { repository: { server: 'keeper', look: { ...look, foreign: ['/etc/pgbackrest.conf: main'] } } },
      /keeper is configured by somebody else.*main/,
    ],
    ['is a group of a Citus cluster', { isCitus: true }, /Citus/],
    [
      'has no package of it',
      { repository: { server: 'keeper', look: { ...look, candidate: '(none)' } } },
      /no pgbackrest/,
    ],
    [
      'has its data in a path with a blank',
      { members: [{ member: member('db1', { dataDirectory: '/data/my db' }), server: 'db1', look }] },
      /characters that ssh/,
    ],
    [
      'runs no PostgreSQL where it should',
      { members: [{ member: member('db1'), server: 'db1', look: { ...look, socket: null } }] },
      /socket of PostgreSQL/,
    ],
    [
      'would be kept where another stanza of the name is',
      keeperWith({ held: { kind: 'stanza', systemIdentifier: '42' } }),
      /another database system \(42\), which is never overwritten/,
    ],
    [
      'would be kept where backups are that nobody can read',
      keeperWith({ held: { kind: 'encrypted', known: false } }),
      /whose passphrase is not known here/,
    ],
    ['would be kept in a data directory', keeperWith({ held: { kind: 'data' } }), /is a data directory of PostgreSQL/],
    ['has no room for its backups', keeperWith({ free: 0 }), /0 B free.*too little/],
  ])('is refused where a cluster %s', (_what, change, words) => {
    expect(refusals(change)).toMatch(words);
  });

  it('goes on with backups of this cluster, and with encrypted ones whose passphrase is there', () => {
    const own = { kind: 'stanza', systemIdentifier: state.systemIdentifier ?? '' } as const;
    expect(refusals(keeperWith({ held: own }))).toBe('');
    expect(refusals(keeperWith({ held: { kind: 'encrypted', known: true } }))).toBe('');
  });

  it.each([
    ['', true],
    ['/bin/true', true],
    ['(disabled)', true],
    ['cp %p /archive', false],
    ['true && cp %p /x', false],
  ])('takes %j for an archive that keeps nothing: %s', (command, nothing) => {
    expect(archivesNothing(command)).toBe(nothing);
  });
});
