import type { BackupWorkStep } from '../../model/backups/backup-setup';
import type { ProofSchedule } from '../../model/backups/proof-schedule';
import type { OperationCheck } from '../../model/operate/operation';
import { bytesInWords } from '../words/wording';
import { BACKUP_FILE_MARK, type BackupFile } from './backup-files';
import { PROOF_EXIT } from './judge-proof';

/** Where every proof is restored to, below a directory of its own that is removed afterwards. */
export const PROOF_PLACE = '/var/lib/postgresql';
/** Where the timers write how their proofs came out. */
export const PROOF_RECORDS = '/var/lib/matriarch-proof';

/** The unit that proves the newest backup of a stanza. */
export const proofUnit = (stanza: string): string => `matriarch-proof-${stanza}`;
/** The script that it runs. */
const proofScriptPath = (stanza: string): string => `/usr/local/lib/matriarch/proof-${stanza}`;

/**
 * The script of the timer: it proves the newest backup by `body`, the script that proves one, and writes how that came out, whole or not
 * at all. What an earlier run left that was killed is removed first, where it carries the mark of a proof.
 */
export function proofScript(stanza: string, body: string): BackupFile {
  const text = [
    '#!/bin/sh',
    BACKUP_FILE_MARK,
    'LC_ALL=C; TZ=UTC; export LC_ALL TZ',
    `stanza=${stanza} place=${PROOF_PLACE} records=${PROOF_RECORDS}`,
    'prove() (',
    body.trim(),
    ')',
    String.raw`
work=$(mktemp "$records/.work-XXXXXXXX") && said=$(mktemp "$records/.said-XXXXXXXX") || exit 1
trap 'rm -f -- "$work" "$said"' EXIT
trap 'exit 129' HUP INT TERM
dir=$place/matriarch-proof-$stanza
if [ -f "$dir/proof-by-matriarch" ]; then
  pid=$(sed -n 1p "$dir/data/postmaster.pid" 2>/dev/null)
  [ -n "$pid" ] && grep -q '^postgres' "/proc/$pid/comm" 2>/dev/null || rm -rf -- "$dir"
fi
echo "began $(date +%s)" > "$work"
info=$(timeout -k 5 300 pgbackrest --stanza="$stanza" --output=json --log-level-console=off --log-level-stderr=error \
  info 2>"$said" </dev/null)
label=$(printf '%s' "$info" | grep -oE '"label":"[0-9]{8}-[0-9]{6}F(_[0-9]{8}-[0-9]{6}[DI])?"' | tail -n 1 | cut -d'"' -f4)
size=$(printf '%s' "$info" | sed 's/.*"info":{//; s/"repository":{[^}]*}//' | grep -oE '"size":[0-9]+' | head -n 1 | cut -d: -f2)
repo=$(printf '%s' "$info" | sed 's/.*"database":{//' | grep -oE '"repo-key":[0-9]+' | head -n 1 | cut -d: -f2)
major=$(printf '%s' "$info" | sed 's/.*"db":\[//; s/\].*//' | grep -oE '"version":"[0-9]+' | tail -n 1 | cut -d'"' -f4)
needed=$((${'$'}{size:-0} / 10 * 11 + 268435456))
echo "label $label" >> "$work"
echo "needed $needed" >> "$work"
if [ -z "$label" ] || [ -z "$size" ] || [ -z "$major" ]; then code=NO_BACKUP
else
  prove "$stanza" "$label" "${'$'}{repo:-1}" "$dir" "$needed" "$major" >> "$work" 2>"$said"
  code=$?
fi
tail -n 12 "$said" | cut -c 1-400 | sed 's/^/said /' >> "$work"
cat "$said" >&2
printf 'code %s\nended %s\nfinished\n' "$code" "$(date +%s)" >> "$work"
chmod 0644 "$work" && mv -f -- "$work" "$records/$stanza"
exit "$code"
`
      .replace('NO_BACKUP', String(PROOF_EXIT.noBackup))
      .trim(),
    '',
  ].join('\n');
  return { path: proofScriptPath(stanza), text, mode: 0o755 };
}

/** The service and the timer of a proof. It gives way to everything else on its server. */
export function proofUnits(stanza: string, { day, time }: Pick<ProofSchedule, 'day' | 'time'>): readonly BackupFile[] {
  const name = proofUnit(stanza);
  return [
    {
      path: `/etc/systemd/system/${name}.service`,
      mode: 0o644,
      text: [
        BACKUP_FILE_MARK,
        '[Unit]',
        `Description=Proof of the newest backup of ${stanza} by a restore`,
        'After=network-online.target',
        '[Service]',
        'Type=oneshot',
        'User=postgres',
        `StateDirectory=${PROOF_RECORDS.split('/').at(-1) ?? ''}`,
        'StateDirectoryMode=0755',
        'Nice=10',
        'IOSchedulingClass=idle',
        'TimeoutStartSec=24h',
        `ExecStart=${proofScriptPath(stanza)}`,
        '',
      ].join('\n'),
    },
    {
      path: `/etc/systemd/system/${name}.timer`,
      mode: 0o644,
      text: [
        BACKUP_FILE_MARK,
        '[Unit]',
        `Description=When the newest backup of ${stanza} is proved`,
        '[Timer]',
        `OnCalendar=${day} *-*-* ${time}:00`,
        'Persistent=true',
        '[Install]',
        'WantedBy=timers.target',
        '',
      ].join('\n'),
    },
  ];
}

/** What a server says before a proof by timer is set there. */
export interface ProofLook {
  readonly server: string;
  /** The stanza with backups that it tells of the cluster; null: none. */
  readonly stanza: string | null;
  /** What pgBackRest there says where it tells none. */
  readonly problem: string | null;
  readonly hasPrograms: boolean;
  readonly major: number;
  /** Bytes; null: not known. */
  readonly free: number | null;
  readonly needed: number | null;
  /** Files of the same names that somebody else wrote. */
  readonly foreign: readonly string[];
}

/** Whether a stanza's name can stand in a unit of systemd and a script: others may have called theirs anything. */
export function isUnitName(stanza: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,99}$/.test(stanza);
}

/** What speaks for and against proofs by a timer there. */
export function checkProofLook(look: ProofLook, isReadOnly: boolean): readonly OperationCheck[] {
  const { server, stanza, problem, hasPrograms, major, foreign } = look;
  const refusals: readonly (readonly [boolean, string])[] = [
    [isReadOnly, 'This cluster is set to read-only in this app. Change that in its settings first.'],
    [
      stanza === null,
      `pgBackRest on ${server} tells no backup of this cluster${problem === null ? '.' : `: ${problem}`} ` +
        "Choose a member's server or the one with the repository.",
    ],
    [stanza !== null && !isUnitName(stanza), `The name of the stanza, ${stanza ?? ''}, is none for a unit of systemd.`],
    [!hasPrograms, `${server} has no PostgreSQL ${major} with pgBackRest, so that nothing could be started there.`],
    [foreign.length > 0, `${foreign.join(', ')} on ${server} is somebody else's, which is never overwritten.`],
  ];
  const refused = refusals.flatMap(([isSo, sentence]) =>
    isSo ? [{ code: 'proof.server', verdict: 'refuses' as const, sentence }] : [],
  );
  return [...refused, checkRoom(look)];
}

function checkRoom({ server, free, needed }: ProofLook): OperationCheck {
  const code = 'proof.space';
  if (free === null || needed === null)
    return {
      code,
      verdict: 'warns',
      sentence: `How much room ${PROOF_PLACE} on ${server} has and needs is not known.`,
    };
  const words = `${PROOF_PLACE} on ${server} has ${bytesInWords(free)} free; ${bytesInWords(needed)} are needed.`;
  return { code, verdict: free < needed ? 'refuses' : 'ok', sentence: words };
}

/** What proofs by a timer mean, as sentences. */
export function proofConsequences({ day, time }: ProofSchedule, server: string): readonly string[] {
  return [
    `Every ${day} at ${time} by its own clock ${server} restores the newest backup below ${PROOF_PLACE}, where there is room for it, ` +
      'starts a PostgreSQL on it that listens on a socket there alone and archives nothing, asks it, verifies its checksums, ' +
      'and removes all of it again.',
    'How it came out is shown here; an alert is raised when a proof failed or none was made for too long.',
    'The cluster is not touched. A proof gives way to everything else on that server, but takes disk and processors.',
  ];
}

/** Every file and command on the server. */
export function proofSteps(stanza: string, files: readonly BackupFile[], server: string): readonly BackupWorkStep[] {
  return [
    {
      server,
      title: 'Prove the newest backup by a timer',
      lines: [
        ...files.flatMap(({ path, text }) => [`# ${path}`, ...text.trimEnd().split('\n'), '']),
        `systemctl enable --now ${proofUnit(stanza)}.timer`,
      ],
    },
  ];
}
