import type { BackupSetup, BackupWorkStep } from '../../model/backups/backup-setup';
import type { ClusterState } from '../../model/cluster/cluster-state';
import type { OperationCheck } from '../../model/operate/operation';
import { bytesInWords, namesInWords } from '../words/wording';
import {
  archivePatch,
  authorizedLine,
  backupUnit,
  backupUnits,
  configPath,
  keyDirectory,
  memberConfig,
  repositoryConfig,
  sshWrapper,
  type BackupMember,
} from './backup-files';

/** What a server says before backups are set up on it. */
export interface SetUpLook {
  readonly version: string | null;
  /** The version that its package sources offer; null: none. */
  readonly candidate: string | null;
  /** Configuration of pgBackRest that somebody else wrote, in words. */
  readonly foreign: readonly string[];
  readonly socket: string | null;
  /** Bytes free where the repository would be; null where none would be there, or not known. */
  readonly free: number | null;
  /** Bytes of the data directory there; null where there is none, or not known. */
  readonly dataSize: number | null;
  /** What stands where the repository would be. */
  readonly held: HeldRepository;
}

/** What stands under the path of a repository: nothing of the stanza, or backups of a database system, which may not be legible. */
export type HeldRepository =
  | { readonly kind: 'free' }
  | { readonly kind: 'data' }
  | { readonly kind: 'stanza'; readonly systemIdentifier: string }
  /** `known`: the passphrase is in the configuration there, or in the vault of the app. */
  | { readonly kind: 'encrypted'; readonly known: boolean };

/** What a set-up is judged by. */
export interface SetUpFacts {
  readonly state: ClusterState;
  readonly members: readonly {
    readonly member: BackupMember;
    readonly server: string;
    readonly look: SetUpLook | null;
  }[];
  readonly repository: { readonly server: string; readonly look: SetUpLook | null } | null;
  /** An archive_command or archive_library that is somebody else's; null: none. */
  readonly foreignArchive: string | null;
  readonly isCitus: boolean;
}

const PLAIN = /^(\/[\w.@+-]+)+$/;
type Servers = readonly { readonly server: string; readonly look: SetUpLook | null }[];

/** What speaks for and against setting backups up. */
export function checkSetUp(setup: BackupSetup, facts: SetUpFacts): readonly OperationCheck[] {
  const servers: Servers = [...facts.members, ...(facts.repository === null ? [] : [facts.repository])];
  return [
    ...checkCluster(facts),
    ...servers.flatMap(checkServer),
    ...facts.members.flatMap(checkMember),
    ...checkHeld(setup, facts),
    ...checkSpace(setup, facts),
  ];
}

function checkCluster({ state, foreignArchive, isCitus }: SetUpFacts): readonly OperationCheck[] {
  const refusals: readonly (readonly [boolean, string])[] = [
    [state.readOnly, 'This cluster is set to read-only in this app. Change that in its settings first.'],
    [
      isCitus,
      'The groups of a Citus cluster are not backed up from here yet: only backups of all groups at one moment fit together.',
    ],
    [state.config?.standbyCluster === true, 'A standby cluster is backed up at its primary site.'],
    [state.config === null, 'The dynamic configuration of the cluster is not known.'],
    [state.leader.holder === null, 'Nobody leads now.'],
    [
      foreignArchive !== null,
      `WAL is archived by somebody else's command already, which is never overwritten: ${foreignArchive ?? ''}`,
    ],
  ];
  return refusals.flatMap(([isSo, sentence]) =>
    isSo ? [{ code: 'backup.cluster', verdict: 'refuses' as const, sentence }] : [],
  );
}

function checkServer({ server, look }: Servers[number]): readonly OperationCheck[] {
  const code = 'backup.server';
  if (look === null) return [{ code, verdict: 'refuses', sentence: `${server} did not tell what is there.` }];
  if (look.foreign.length > 0)
    return [
      {
        code,
        verdict: 'refuses',
        sentence: `pgBackRest on ${server} is configured by somebody else, which is never overwritten: ${look.foreign.join('; ')}`,
      },
    ];
  if (look.version !== null) return [{ code, verdict: 'ok', sentence: `${server} has pgBackRest ${look.version}.` }];
  return look.candidate === null || look.candidate === '(none)'
    ? [{ code, verdict: 'refuses', sentence: `The package sources of ${server} have no pgbackrest.` }]
    : [{ code, verdict: 'ok', sentence: `pgbackrest ${look.candidate} will be installed on ${server}.` }];
}

function checkMember({ member, server, look }: SetUpFacts['members'][number]): readonly OperationCheck[] {
  const code = 'backup.member';
  if (!PLAIN.test(member.dataDirectory))
    return [
      {
        code,
        verdict: 'refuses',
        sentence: `The path ${member.dataDirectory} on ${server} has characters that ssh would not hand on.`,
      },
    ];
  if (look?.socket === null || look === null)
    return [
      {
        code,
        verdict: 'refuses',
        sentence: `The socket of PostgreSQL on port ${member.port} of ${server} was not found.`,
      },
    ];
  return member.address === ''
    ? [{ code, verdict: 'refuses', sentence: `The address of ${member.name} is not known.` }]
    : [];
}

/** A path that holds something else is never written to. */
function checkHeld({ stanza, repository }: BackupSetup, facts: SetUpFacts): readonly OperationCheck[] {
  const code = 'backup.held';
  const places: Servers = facts.repository === null ? facts.members : [facts.repository];
  const found = places.find(({ look }) => look !== null && look.held.kind !== 'free');
  const held = found?.look?.held;
  if (found === undefined || held === undefined) return [];
  const where = `${repository.path} on ${found.server}`;
  const other = 'Choose another directory, or another name for the stanza.';
  switch (held.kind) {
    case 'free':
      return [];
    case 'data':
      return [
        { code, verdict: 'refuses', sentence: `${where} is a data directory of PostgreSQL. Choose another one.` },
      ];
    case 'encrypted':
      return held.known
        ? [{ code, verdict: 'ok', sentence: `${where} holds backups of ${stanza} already; they are continued.` }]
        : [
            {
              code,
              verdict: 'refuses',
              sentence: `${where} holds encrypted backups of a stanza ${stanza}, whose passphrase is not known here. ${other}`,
            },
          ];
    case 'stanza':
      return held.systemIdentifier === facts.state.systemIdentifier
        ? [{ code, verdict: 'ok', sentence: `${where} holds backups of this cluster already; they are continued.` }]
        : [
            {
              code,
              verdict: 'refuses',
              sentence:
                `${where} holds a stanza ${stanza} of another database system (${held.systemIdentifier}), which is never ` +
                `overwritten. ${other}`,
            },
          ];
  }
}

/** So much has to be free for WAL before the first backup, bytes. */
const LEAST_FREE = 128 * 1024 ** 2;

function judgeFreeSpace(where: string, free: number | null, size: number): OperationCheck {
  const code = 'backup.space';
  if (free === null) return { code, verdict: 'warns', sentence: `How much space ${where} has is not known.` };
  const words = `${where} has ${bytesInWords(free)} free; the data of the cluster is ${bytesInWords(size)}.`;
  if (free < LEAST_FREE + size / 10)
    return { code, verdict: 'refuses', sentence: `${words} That is too little for a backup and WAL.` };
  return free < size * 2 + LEAST_FREE
    ? { code, verdict: 'warns', sentence: `${words} Compressed it may fit; see to it before it is full.` }
    : { code, verdict: 'ok', sentence: words };
}

function checkSpace({ repository }: BackupSetup, facts: SetUpFacts): readonly OperationCheck[] {
  if (repository.kind === 's3')
    return [
      {
        code: 'backup.space',
        verdict: 'ok',
        sentence: `How much room the bucket ${repository.bucket} has is its store's.`,
      },
    ];
  const place = facts.repository ?? facts.members[0];
  const free = place?.look?.free ?? null;
  const where = `${repository.path} on ${place?.server ?? ''}`;
  const isMember = facts.members.some(({ server }) => server === facts.repository?.server);
  const sizes = facts.members.map(({ look }) => look?.dataSize ?? 0);
  const space = judgeFreeSpace(where, free, Math.max(0, ...sizes));
  return isMember
    ? [
        space,
        {
          code: 'backup.place',
          verdict: 'warns',
          sentence: 'The repository is on the server of a member: whoever loses it loses data and backups together.',
        },
      ]
    : [space];
}

function placeInWords({ repository }: BackupSetup): string {
  return repository.kind === 's3'
    ? `in ${repository.path} of the bucket ${repository.bucket} at ${repository.endpoint}`
    : `in ${repository.path}`;
}

/** What setting backups up means, as sentences. */
export function setUpConsequences(setup: BackupSetup, { members, repository }: SetUpFacts): readonly string[] {
  const where = repository === null ? placeInWords(setup) : `on ${repository.server} in ${setup.repository.path}`;
  return [
    `Backups and WAL of ${namesInWords(members.map(({ member }) => member.name))} are kept ${where}: ${setup.keepFull} full backups with ` +
      'what builds on them.',
    'PostgreSQL is restarted on each member where archive_mode is off: replicas first, then the leader, which takes no writes for some ' +
      'seconds.',
    setup.encrypted
      ? 'The repository is encrypted. Its passphrase is made here and kept in the vault of this app: without it no backup can be restored.'
      : 'The repository is not encrypted: whoever reads it reads the data.',
    'New replicas are made from the newest backup, and from the leader where that fails.',
  ];
}

/** Every package, file and command, by server. Keys and the passphrase are not made yet and are named only. */
export function setUpSteps(setup: BackupSetup, { state, members, repository }: SetUpFacts): readonly BackupWorkStep[] {
  const { stanza } = setup;
  const passphrase = setup.encrypted ? '••••••' : null;
  const login = setup.repository.kind === 's3' ? { key: '••••••', secret: '••••••' } : null;
  const all = members.map(({ member }) => member);
  const shown = ({ path, text }: { readonly path: string; readonly text: string }): readonly string[] => [
    `# ${path}`,
    ...text.trimEnd().split('\n').slice(1),
  ];
  const ssh =
    repository === null
      ? []
      : [...shown(sshWrapper(stanza)), `# ~postgres/.ssh/authorized_keys`, authorizedLine(stanza, 'ssh-ed25519 KEY')];
  const first = [
    `apt-get install pgbackrest`,
    ...(repository === null ? [] : [`ssh-keygen -t ed25519 -f ${keyDirectory(stanza)}/id_ed25519`]),
  ];
  const units = (port: number | null): readonly string[] => [
    ...backupUnits(setup, 'full', port).flatMap(shown),
    ...backupUnits(setup, setup.changes, port).flatMap(shown),
  ];
  const commands = [
    `pgbackrest --stanza=${stanza} stanza-create`,
    `pgbackrest --stanza=${stanza} check`,
    `systemctl start ${backupUnit(stanza, 'full')}.service`,
    ...['full', setup.changes].map((kind) => `systemctl enable --now matriarch-backup-${stanza}-${kind}.timer`),
  ];
  const patch = JSON.stringify(archivePatch(stanza, state.config?.raw ?? {}));
  return [
    ...members.map(({ member, server }) => ({
      server,
      title: `pgBackRest of ${member.name}, configured in ${configPath(stanza)}`,
      lines: [
        ...first,
        ...shown(memberConfig(setup, member, passphrase, login)),
        ...ssh,
        ...(repository === null ? units(member.port) : []),
      ],
    })),
    ...(repository === null
      ? []
      : [
          {
            server: repository.server,
            title: 'The repository',
            lines: [...first, ...shown(repositoryConfig(setup, all, passphrase)), ...ssh, ...units(null)],
          },
        ]),
    { server: 'Patroni', title: 'Archive WAL, and make replicas from backups', lines: [`PATCH /config ${patch}`] },
    { server: repository?.server ?? 'leader', title: 'Make the stanza, check it, back up', lines: commands },
  ];
}
