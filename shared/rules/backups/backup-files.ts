import type { BackupKind } from '../../model/backups/backup';
import { weekdays, type BackupSetup, type StoreLogin } from '../../model/backups/backup-setup';

/** The first line of every file that is written here; what does not begin with it is somebody else's. */
export const BACKUP_FILE_MARK = '# Written by Matriarch. Its changes are lost when backups are set up again.';

/** A member as the files need it. */
export interface BackupMember {
  readonly name: string;
  /** Where the server with the repository reaches it. */
  readonly address: string;
  readonly port: number;
  readonly dataDirectory: string;
  readonly socketDirectory: string;
}

/** A file that is put on a server. */
export interface BackupFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** The directory of the keys of a stanza. */
export const keyDirectory = (stanza: string): string => `/etc/pgbackrest/matriarch/${stanza}`;
/** The configuration of a stanza; pgBackRest reads it beside its own file. */
export const configPath = (stanza: string): string => `/etc/pgbackrest/conf.d/matriarch-${stanza}.conf`;
/** The unit that makes a backup. */
export const backupUnit = (stanza: string, kind: BackupKind): string => `matriarch-backup-${stanza}-${kind}`;
/** What ends every line of the stanza in a file of authorized keys. */
export const keyMark = (stanza: string): string => `matriarch-backup-${stanza}`;

const config = (stanza: string, options: Readonly<Record<string, string | number>>): string =>
  [BACKUP_FILE_MARK, `[${stanza}]`, ...Object.entries(options).map(([name, value]) => `${name}=${value}`), ''].join(
    '\n',
  );

function common({ compression, stanza, repository }: BackupSetup): Readonly<Record<string, string>> {
  const ssh = repository.kind === 'server' ? { 'cmd-ssh': `${keyDirectory(stanza)}/ssh` } : {};
  return { 'compress-type': compression, ...ssh };
}

function own({ dataDirectory, port, socketDirectory }: BackupMember): Readonly<Record<string, string | number>> {
  return { 'pg1-path': dataDirectory, 'pg1-port': port, 'pg1-socket-path': socketDirectory };
}

/** Where the certificates stand by which a store is verified. */
export const storeCaPath = (stanza: string): string => `${keyDirectory(stanza)}/ca.pem`;

function storeOptions(
  { repository, stanza }: BackupSetup,
  login: StoreLogin | null,
): Readonly<Record<string, string | number>> {
  if (repository.kind !== 's3') return {};
  const [host = '', port] = repository.endpoint.split(':');
  return {
    ...{ 'repo1-type': 's3', 'repo1-s3-endpoint': host, 'repo1-s3-bucket': repository.bucket },
    ...{ 'repo1-s3-region': repository.region, 'repo1-s3-uri-style': repository.addressing },
    ...(port === undefined ? {} : { 'repo1-storage-port': Number(port) }),
    'repo1-storage-verify-tls': 'y',
    ...(repository.ca.trim() === '' ? {} : { 'repo1-storage-ca-file': storeCaPath(stanza) }),
    ...(login === null ? {} : { 'repo1-s3-key': login.key, 'repo1-s3-key-secret': login.secret }),
  };
}

function repositoryOptions(
  setup: BackupSetup,
  passphrase: string | null,
  login: StoreLogin | null,
): Readonly<Record<string, string | number>> {
  return {
    'repo1-path': setup.repository.path,
    ...storeOptions(setup, login),
    'repo1-retention-full': setup.keepFull,
    ...(passphrase === null ? {} : { 'repo1-cipher-type': 'aes-256-cbc', 'repo1-cipher-pass': passphrase }),
    'start-fast': 'y',
    'backup-standby': setup.fromReplica && setup.repository.kind === 'server' ? 'y' : 'n',
  };
}

/** The configuration of a member's pgBackRest. The passphrase is only where the repository is; the login is that of a store. */
export function memberConfig(
  setup: BackupSetup,
  member: BackupMember,
  passphrase: string | null,
  login: StoreLogin | null = null,
): BackupFile {
  const { repository, stanza } = setup;
  const there =
    repository.kind === 'server'
      ? // Without it the path in the package's own file would be handed on to the other side.
        { 'repo1-host': repository.address, 'repo1-host-user': 'postgres', 'repo1-path': repository.path }
      : repositoryOptions(setup, passphrase, login);
  return {
    path: configPath(stanza),
    text: config(stanza, { ...there, ...common(setup), ...own(member) }),
    mode: 0o640,
  };
}

/** The configuration on the server with the repository: it looks for the leader among the members by itself. */
export function repositoryConfig(
  setup: BackupSetup,
  members: readonly BackupMember[],
  passphrase: string | null,
): BackupFile {
  const all = members.flatMap(({ address, dataDirectory, port, socketDirectory }, index) => {
    const name = `pg${index + 1}`;
    return [
      [`${name}-host`, address],
      [`${name}-host-user`, 'postgres'],
      [`${name}-path`, dataDirectory],
      [`${name}-port`, port],
      [`${name}-socket-path`, socketDirectory],
    ] as const;
  });
  return {
    path: configPath(setup.stanza),
    text: config(setup.stanza, {
      ...repositoryOptions(setup, passphrase, null),
      ...common(setup),
      ...Object.fromEntries(all),
    }),
    mode: 0o640,
  };
}

/** The ssh that pgBackRest runs: with the key made for it, the host keys that were read on the servers, and an end where nobody answers. */
export function sshWrapper(stanza: string): BackupFile {
  const directory = keyDirectory(stanza);
  return {
    path: `${directory}/ssh`,
    mode: 0o755,
    text: [
      '#!/bin/sh',
      BACKUP_FILE_MARK,
      `exec ssh -F none -i ${directory}/id_ed25519 -o IdentitiesOnly=yes -o BatchMode=yes \\`,
      `  -o UserKnownHostsFile=${directory}/known_hosts \\`,
      '  -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes -o ConnectTimeout=10 -o ServerAliveInterval=15 \\',
      '  -o ServerAliveCountMax=4 "$@"',
      '',
    ].join('\n'),
  };
}

/** A line of authorized_keys: the key may run pgBackRest and nothing else. */
export function authorizedLine(stanza: string, publicKey: string): string {
  const [kind = '', key = ''] = publicKey.trim().split(/\s+/);
  return `restrict,command="/usr/bin/pgbackrest \${SSH_ORIGINAL_COMMAND#* }" ${kind} ${key} ${keyMark(stanza)}`;
}

/** The service and the timer of a kind of backup. `leaderPort`: it is made only where PostgreSQL on that port leads. */
export function backupUnits(setup: BackupSetup, kind: BackupKind, leaderPort: number | null): readonly BackupFile[] {
  const name = backupUnit(setup.stanza, kind);
  const others = weekdays.filter((day) => day !== setup.fullDay).join(',');
  const days = kind === 'full' ? setup.fullDay : others;
  const condition =
    leaderPort === null
      ? []
      : [
          `ExecCondition=/bin/sh -c '[ "$$(psql -XAtqw -p ${leaderPort} -d postgres -c "select pg_is_in_recovery()")" = f ]'`,
        ];
  return [
    {
      path: `/etc/systemd/system/${name}.service`,
      mode: 0o644,
      text: [
        BACKUP_FILE_MARK,
        '[Unit]',
        `Description=Backup of ${setup.stanza} by pgBackRest (${kind})`,
        'After=network-online.target',
        '[Service]',
        'Type=oneshot',
        'User=postgres',
        ...condition,
        `ExecStart=/usr/bin/pgbackrest --stanza=${setup.stanza} --type=${kind} --log-level-console=info backup`,
        '',
      ].join('\n'),
    },
    {
      path: `/etc/systemd/system/${name}.timer`,
      mode: 0o644,
      text: [
        BACKUP_FILE_MARK,
        '[Unit]',
        `Description=When ${setup.stanza} is backed up (${kind})`,
        '[Timer]',
        `OnCalendar=${days} *-*-* ${setup.time}:00`,
        'Persistent=true',
        '[Install]',
        'WantedBy=timers.target',
        '',
      ].join('\n'),
    },
  ];
}

/** What is laid over the dynamic configuration. What is set there for replicas by somebody else stays. */
export function archivePatch(
  stanza: string,
  raw: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const section = raw['postgresql'];
  const present: Readonly<Record<string, unknown>> =
    typeof section === 'object' && section !== null ? { ...section } : {};
  const pgbackrest = `pgbackrest --stanza=${stanza}`;
  const replicas = {
    create_replica_methods: ['pgbackrest', 'basebackup'],
    pgbackrest: { command: `${pgbackrest} --delta restore`, keep_data: true, no_params: true },
  };
  return {
    postgresql: {
      parameters: { archive_mode: 'on', archive_command: `${pgbackrest} archive-push %p` },
      ...(present['recovery_conf'] === undefined
        ? { recovery_conf: { restore_command: `${pgbackrest} archive-get %f "%p"` } }
        : {}),
      ...(present['create_replica_methods'] === undefined ? replicas : {}),
    },
  };
}

/** Whether an archive_command keeps nothing, so that another may take its place. */
export function archivesNothing(command: string): boolean {
  return ['', '(disabled)', 'true', '/bin/true', '/usr/bin/true', ':', 'exit 0'].includes(command.trim());
}
