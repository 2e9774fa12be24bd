import type { OperationCheck } from '../../model/operate/operation';
import type { RepairEvidence, RepairPlan } from '../../model/repair/repair';
import { isJsonObject } from '../configure/config-patch';
import { readYaml } from '../configure/yaml/read-yaml';
import { shellWord } from '../words/shell-words';
import { passes, refusesFor, warnsOf } from './check-places';

/** A text that may take the place of a file that does not read. */
export interface FileCandidate {
  readonly from: 'backup' | 'spec';
  readonly text: string;
}

/** What the repair of a patroni.yml that does not read rests on. */
export interface BrokenFileFacts {
  readonly member: string;
  readonly scope: string;
  readonly server: string;
  readonly path: string;
  /** The systemd unit of Patroni, and whether it runs; null: none is installed. */
  readonly unit: { readonly name: string; readonly runs: boolean } | null;
  /** Why the file does not read, as a sentence that holds nothing of it; null: it reads. */
  readonly refused: string | null;
  readonly candidates: readonly FileCandidate[];
  /** The text that is put in place, without its secrets; null: there is none. */
  readonly shown: string | null;
  /** What the decision rests on, of the file as it is: its hash. */
  readonly sha: string;
  readonly at: number;
}

const FROM_WORDS: Readonly<Record<FileCandidate['from'], string>> = {
  backup: 'the text that the app kept beside it before the last change',
  spec: 'what the app itself writes for this member, from the spec of the cluster',
};

/** The first text that reads and is this member's. */
export function chooseFileText(
  candidates: readonly FileCandidate[],
  { member, scope }: Pick<BrokenFileFacts, 'member' | 'scope'>,
): FileCandidate | null {
  return candidates.find(({ text }) => whyNotCandidate(text, { member, scope }) === null) ?? null;
}

/** Why a text is not this member's configuration, as the end of a sentence; null: it is. */
function whyNotCandidate(text: string, { member, scope }: Pick<BrokenFileFacts, 'member' | 'scope'>): string | null {
  const answer = readYaml(text);
  if (answer.kind !== 'value' || !isJsonObject(answer.value)) return 'does not read either';
  const { name, scope: own } = answer.value;
  if (name !== undefined && String(name) !== member) return `is of ${String(name)}`;
  return own !== undefined && String(own) !== scope ? `is of the scope ${String(own)}` : null;
}

/** Judges whether a member's file may be put back: only one that does not read, by a text that does and is its own. */
export function judgeBrokenFile(facts: BrokenFileFacts): RepairPlan {
  const { member, server, path, unit, shown, refused } = facts;
  const chosen = chooseFileText(facts.candidates, facts);
  const [file, backup] = [shellWord(path), shellWord(`${path}.matriarch-backup`)];
  const service = shellWord(unit?.name ?? 'patroni.service');
  return {
    title: `Put back the configuration of ${member}`,
    evidence: evidenceOfFile(facts, chosen),
    checks: [...checkRefused(facts), ...checkCandidates(facts, chosen), ...checkUnit(facts)],
    steps: [
      {
        id: 'validate',
        label: 'Patroni validates the text on the server',
        server,
        commands: ['patroni --validate-config NEW_FILE'],
        ...(shown === null ? {} : { text: shown }),
      },
      {
        id: 'place',
        label: `Put it in place of ${path}`,
        server,
        commands: [`sudo cp -p ${file} ${backup}`, `sudo install NEW_FILE ${file}`],
      },
      {
        id: 'reload',
        label: 'Have Patroni read it',
        server,
        commands: [`sudo systemctl reload ${service} || sudo systemctl start ${service}`],
      },
    ],
    consequences: [
      `The text that does not read is kept beside it as ${path}.matriarch-backup.`,
      `A Patroni of ${member} that runs reads the file again. One that does not is started, and with it its PostgreSQL.`,
    ],
    silent: [],
    asksName: false,
    // Whether the unit runs is left out: a Patroni that cannot read its file is started again and again.
    fingerprint: JSON.stringify([facts.sha, refused, path, chosen?.from ?? null, chosen?.text.length, unit?.name]),
  };
}

function evidenceOfFile(
  { refused, path, server, unit, at }: BrokenFileFacts,
  chosen: FileCandidate | null,
): readonly RepairEvidence[] {
  const source = `${server} over SSH`;
  const runs = unit?.runs === true ? 'runs' : 'does not run';
  return [
    { sentence: refused ?? `${path} reads as YAML.`, source, at },
    {
      sentence: unit === null ? 'No systemd unit of Patroni was found.' : `Patroni (${unit.name}) ${runs}.`,
      source,
      at,
    },
    ...(chosen === null
      ? []
      : [
          {
            sentence: `To be put in its place: ${FROM_WORDS[chosen.from]}.`,
            source: chosen.from === 'spec' ? 'this app' : source,
            at,
          },
        ]),
  ];
}

function checkRefused({ refused, path }: BrokenFileFacts): readonly OperationCheck[] {
  return [
    refused === null
      ? refusesFor('repair.no_evidence', `${path} reads as YAML: it is not broken in this way.`)
      : passes('does_not_read', refused),
  ];
}

function checkCandidates(facts: BrokenFileFacts, chosen: FileCandidate | null): readonly OperationCheck[] {
  if (chosen !== null) {
    const says = `${FROM_WORDS[chosen.from]}`;
    return [
      chosen.from === 'backup'
        ? warnsOf('repair.older_text', `It gets ${says}: what was changed by hand since is in the kept file alone.`)
        : passes('candidate', `It gets ${says}.`),
    ];
  }
  if (facts.candidates.length === 0)
    return [
      refusesFor(
        'repair.no_text',
        `There is no text to put in its place: none is kept beside ${facts.path}, and the app did not set this member up.`,
      ),
    ];
  return facts.candidates.map(({ from, text }) =>
    refusesFor(
      'repair.no_text',
      `It cannot get ${FROM_WORDS[from]}: it ${whyNotCandidate(text, facts) ?? 'cannot be used'}.`,
    ),
  );
}

function checkUnit({ unit, member }: BrokenFileFacts): readonly OperationCheck[] {
  return unit === null
    ? [refusesFor('repair.no_unit', `No systemd unit of Patroni was found on the server of ${member}.`)]
    : [];
}
