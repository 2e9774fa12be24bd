import { describe, expect, it } from 'vitest';
import type { BackupHost } from '../../../../shared/model/backups/backup';
import {
  BACKUP_LIMIT_HOURS,
  findBackupTrouble,
  judgeBackups,
  stanzaInCommand,
} from '../../../../shared/rules/backups/judge-backups';
import { readBackupInfo } from '../../../../shared/rules/backups/read-backup-info';

const HOUR = 3_600_000;
const SYSTEM = '7712853224338624015';
const NOW = Date.UTC(2026, 10, 27, 12);

/** What pgBackRest 2.45 prints, with one full backup that ended so long before now. */
function printed(hours: number, system = SYSTEM, name = 'orders'): string {
  const stop = Math.floor((NOW - hours * HOUR) / 1000);
  return (
    `[{"archive":[{"database":{"id":1,"repo-key":1},"id":"15-1","max":"000000010000000000000007","min":"000000010000000000000002"}],` +
    `"backup":[{"archive":{"start":"000000010000000000000003","stop":"000000010000000000000003"},` +
    `"backrest":{"format":5,"version":"2.45"},` +
    `"database":{"id":1,"repo-key":1},"error":false,"info":{"delta":31338393,"repository":{"delta":4089632,"size":4089632},` +
    `"size":31338393},"label":"20261127-100000F","lsn":{"start":"0/3000028","stop":"0/3000138"},"prior":null,"reference":null,` +
    `"timestamp":{"start":${stop - 5},"stop":${stop}},"type":"full"}],"cipher":"aes-256-cbc",` +
    `"db":[{"id":1,"repo-key":1,"system-id":${system},"version":"15"}],"name":"${name}",` +
    `"repo":[{"cipher":"aes-256-cbc","key":1,"status":{"code":0,"message":"ok"}}],` +
    `"status":{"code":0,"lock":{"backup":{"held":false}},"message":"ok"}}]`
  );
}

function host(change: Partial<BackupHost>): BackupHost {
  const archiving = {
    mode: 'on',
    command: 'pgbackrest --stanza=orders archive-push %p',
    lastWal: null,
    lastAt: null,
    failedAt: null,
    systemIdentifier: SYSTEM,
    dataDirectory: '/data',
  };
  return {
    server: 'db1',
    member: 'db1',
    error: null,
    pgbackrest: null,
    archiving,
    archivingProblem: null,
    timers: [],
    proofs: [],
    others: [],
    ...change,
  };
}
const withInfo = (text: string): BackupHost =>
  host({ pgbackrest: { version: '2.45', files: [], stanzas: readBackupInfo(text), problem: null } });
const silent = host({
  error: { code: 'ssh.timeout', message: 'db1 did not answer.', retryable: true },
  archiving: null,
});

describe('what pgBackRest tells of its repositories', () => {
  it('is read with every digit of the system identifier, sizes in bytes and times in milliseconds', () => {
    const [stanza] = readBackupInfo(printed(2)) ?? [];
    expect(stanza).toMatchObject({ name: 'orders', state: 'ok', encrypted: true, running: false });
    expect(stanza?.systemIdentifiers).toEqual([SYSTEM]);
    expect(stanza?.backups[0]).toMatchObject({
      label: '20261127-100000F',
      kind: 'full',
      endedAt: NOW - 2 * HOUR,
      size: 31_338_393,
      stored: 4_089_632,
      systemIdentifier: SYSTEM,
    });
    expect(stanza?.archives).toEqual([
      { id: '15-1', repository: 1, first: '000000010000000000000002', last: '000000010000000000000007' },
    ]);
  });

  it.each([
    ['no stanza yet', 1, 'missing stanza path', 'empty'],
    ['no backup yet', 2, 'no valid backups', 'empty'],
    ['a repository that cannot be reached', 99, 'other', 'broken'],
  ])('is told apart: %s', (_what, code, message, state) => {
    const text = `[{"archive":[],"backup":[],"cipher":"none","db":[],"name":"orders","status":{"code":${code},"message":"${message}"}}]`;
    expect(readBackupInfo(text)?.[0]).toMatchObject({ state, message });
  });

  it.each(['', 'ERROR: [031]', '{}', '[{"name":1}]', '[null]'])('is nothing where it is %j', (text) => {
    expect(readBackupInfo(text)).toBeNull();
  });
});

describe('the stanza of an archive_command', () => {
  it.each([
    ['pgbackrest --stanza=orders archive-push %p', 'orders'],
    [`/usr/bin/pgbackrest --config=/a --stanza "my orders" archive-push "%p"`, 'my orders'],
    [`env X=1 pgbackrest archive-push --stanza='o' %p`, 'o'],
    ['/bin/true', null],
    ['cp %p /archive/--stanza=x', null],
  ])('%s', (command, stanza) => {
    expect(stanzaInCommand(command)).toBe(stanza);
  });
});

describe('what is said of the backups of a cluster', () => {
  it('is the newest backup of its own database system, whichever server tells it', () => {
    const standing = judgeBackups([silent, withInfo(printed(30)), withInfo(printed(2))], SYSTEM, []);
    expect(standing).toMatchObject({ kind: 'backed_up', stanza: 'orders', newest: { endedAt: NOW - 2 * HOUR } });
  });

  it('never counts a backup of another database system, even in a stanza of the same name', () => {
    expect(judgeBackups([withInfo(printed(2, '7000000000000000001'))], SYSTEM, [])).toMatchObject({
      kind: 'none',
      why: expect.stringMatching(/no stanza of this cluster/) as string,
    });
  });

  it.each([
    ['a server does not answer', [silent, host({})], [], /did not answer/],
    ['a member is not reached over SSH', [host({})], ['db2'], /db2 cannot be looked at/],
    [
      'pgBackRest cannot be asked',
      [host({ pgbackrest: { version: '2.45', files: [], stanzas: null, problem: 'It did not answer within 20 s.' } })],
      [],
      /within 20 s/,
    ],
    [
      'the repository is not reached',
      [withInfo('[{"name":"orders","status":{"code":99,"message":"other"}}]')],
      [],
      /says of orders: other/,
    ],
    ['no server was looked at', [], [], /No server/],
  ])('is not known where %s', (_what, hosts: BackupHost[], missing: string[], why) => {
    const standing = judgeBackups(hosts, SYSTEM, missing);
    expect(standing).toMatchObject({ kind: 'not_known', why: [expect.stringMatching(why)] });
    expect(findBackupTrouble(standing, BACKUP_LIMIT_HOURS, NOW)).toEqual([]);
  });

  it('is left to another program where one is seen, and is not held to be missing', () => {
    const standing = judgeBackups([host({ others: ['barman is installed'] })], SYSTEM, []);
    expect(standing).toEqual({ kind: 'elsewhere', tools: ['barman is installed'] });
    expect(findBackupTrouble(standing, BACKUP_LIMIT_HOURS, NOW)).toEqual([]);
  });

  it.each([
    ['pgBackRest is not installed anywhere', host({}), /not installed/],
    ['no stanza is configured', withInfo('[]'), /no stanza is configured/],
    ['its stanza is empty', withInfo('[{"name":"orders","status":{"code":2,"message":"none"}}]'), /holds no backup/],
  ])('is that there is none where %s and all servers were read', (_what, one, why) => {
    const standing = judgeBackups([one], SYSTEM, []);
    expect(standing).toMatchObject({ kind: 'none', why: expect.stringMatching(why) as string });
    expect(findBackupTrouble(standing, BACKUP_LIMIT_HOURS, NOW)[0]?.code).toBe('backup.none');
  });

  it('is trouble as soon as the newest backup is older than it may be, and not before', () => {
    const trouble = (hours: number) =>
      findBackupTrouble(judgeBackups([withInfo(printed(hours))], SYSTEM, []), 26, NOW).map(({ code }) => code);
    expect(trouble(26)).toEqual([]);
    expect(trouble(26.1)).toEqual(['backup.too_old']);
  });
});
