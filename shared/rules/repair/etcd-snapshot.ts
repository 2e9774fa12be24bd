import type { OperationCheck } from '../../model/operate/operation';
import type { RepairChoice, RepairEvidence, RepairPlan } from '../../model/repair/repair';
import { quorumSize } from '../etcd/quorum';
import { shellWord } from '../words/shell-words';
import { bytesInWords, momentInWords, namesInWords } from '../words/wording';
import { passes, refusesFor, warnsOf } from './check-places';

/** A server on which a member of etcd belongs, and what is there of it. Sizes are bytes; null is what could not be read. */
export interface EtcdSite {
  /** The server's name in the inventory, or the address where none is known. */
  readonly server: string;
  readonly reach: { readonly kind: 'no_server' } | { readonly kind: 'unreachable'; readonly why: string } | SiteLook;
}

/** What is there of an etcd on a server that answers. */
export interface SiteLook {
  readonly kind: 'reached';
  readonly unit: string | null;
  /** As systemd calls the state of the unit. */
  readonly active: string | null;
  readonly name: string;
  readonly peer: string;
  readonly tool: string | null;
  readonly directory: string;
  readonly hasConfigFile: boolean;
  readonly hasData: boolean;
  readonly size: number | null;
  readonly free: number | null;
}

/** A snapshot on this computer. */
export interface SnapshotFile {
  readonly path: string;
  readonly size: number;
  /** When it was written, ms since the epoch. */
  readonly at: number;
}

/** What the restoring of etcd from a snapshot rests on. */
export interface EtcdSnapshotFacts {
  /** Members that answer now, by their names. */
  readonly answering: readonly string[];
  readonly sites: readonly EtcdSite[];
  /** The snapshots of this cluster that the app has saved, the newest first. */
  readonly files: readonly SnapshotFile[];
  readonly file: string | null;
  /** What was read of the chosen file; null: nothing, for the reason in `why`. */
  readonly checked: (SnapshotFile & { readonly sha256: string }) | null;
  readonly why: string | null;
  readonly server: string | null;
  /** What data that is there is called when it has been moved aside. */
  readonly keptAs: string;
  /** The token of the new etcd cluster. */
  readonly token: string;
  /** Other clusters of the app that use this etcd. */
  readonly others: readonly { readonly title: string; readonly readOnly: boolean }[];
  readonly gone: readonly string[];
  readonly synchronous: boolean;
  readonly at: number;
}

/** The restored database, the snapshot itself and etcd's first WAL. */
const ROOM_FACTOR = 3;
/** What a new etcd takes beside its database, bytes. */
const ROOM_BASE = 256 * 1024 ** 2;

/** Judges whether an etcd may be made of a snapshot: only where no member answers, and none could bring its data back. */
export function judgeEtcdSnapshot(facts: EtcdSnapshotFacts): RepairPlan {
  const { sites, server, checked } = facts;
  const site = reachedSite(facts);
  return {
    title: server === null ? 'Restore etcd from a snapshot' : `Restore etcd from a snapshot on ${server}`,
    evidence: evidenceOf(facts),
    checks: [
      ...checkNobodyAnswers(facts),
      ...checkSites(facts),
      ...checkNames(facts),
      ...checkFile(facts),
      ...checkSite(facts, site),
      ...checkOthers(facts),
    ],
    steps: site === null || checked === null ? [] : stepsOf(facts, site),
    choices: [fileChoice(facts), serverChoice(facts)],
    consequences: consequencesOf(facts),
    silent: sites.filter(({ reach }) => reach.kind !== 'reached').map((one) => one.server),
    asksName: true,
    fingerprint: fingerprintOf(facts, site),
  };
}

function fingerprintOf({ answering, server, checked, gone, sites }: EtcdSnapshotFacts, site: SiteLook | null): string {
  return JSON.stringify([
    ...[answering, server, checked?.path ?? null, checked?.sha256 ?? null, gone],
    sites.map(({ server: name, reach }) => [name, reach.kind, reach.kind === 'reached' && reach.hasData]),
    site === null ? null : [site.unit, site.directory, site.name, site.peer],
  ]);
}

function reachedSite({ sites, server }: EtcdSnapshotFacts): SiteLook | null {
  const reach = sites.find((one) => one.server === server)?.reach;
  return reach?.kind === 'reached' ? reach : null;
}

function evidenceOf({ answering, sites, checked, why, file, at }: EtcdSnapshotFacts): readonly RepairEvidence[] {
  return [
    {
      sentence: answering.length === 0 ? 'No member of etcd answers.' : `etcd of ${namesInWords(answering)} answers.`,
      source: 'etcd',
      at,
    },
    ...sites.map((site) => ({ sentence: siteInWords(site), source: `${site.server} over SSH`, at })),
    ...(checked === null
      ? []
      : [
          {
            sentence:
              `${checked.path} is whole: ${bytesInWords(checked.size)}, written ${momentInWords(checked.at)}, ` +
              `SHA-256 ${checked.sha256.slice(0, 16)}...`,
            source: 'this computer',
            at,
          },
        ]),
    ...(file !== null && checked === null
      ? [{ sentence: why ?? `${file} could not be read.`, source: 'this computer', at }]
      : []),
  ];
}

function siteInWords({ server, reach }: EtcdSite): string {
  switch (reach.kind) {
    case 'no_server':
      return `The server at ${server} is not known to this app.`;
    case 'unreachable':
      return `${server} cannot be reached: ${reach.why}`;
    case 'reached': {
      const unit =
        reach.unit === null ? 'no etcd is installed' : `${reach.unit} is ${reach.active ?? 'in an unknown state'}`;
      const data = reach.hasData
        ? `${reach.directory} has data${reach.size === null ? '' : ` (${bytesInWords(reach.size)})`}`
        : `${reach.directory === '' ? 'where its data belongs is not known' : `${reach.directory} has no data`}`;
      return `${server}: ${unit}; ${data}.`;
    }
  }
}

function fileChoice({ files, file, checked }: EtcdSnapshotFacts): RepairChoice {
  const others = checked !== null && !files.some(({ path }) => path === checked.path) ? [checked] : [];
  return {
    field: 'file',
    legend: 'The snapshot',
    chosen: file,
    options: [...others, ...files].map(({ path, size, at }) => ({
      value: path,
      label: path.split(/[\\/]/).at(-1) ?? path,
      explain: `${bytesInWords(size)}, written ${momentInWords(at)}.`,
    })),
  };
}

function serverChoice({ sites, server }: EtcdSnapshotFacts): RepairChoice {
  return {
    field: 'server',
    legend: 'The server of the new etcd',
    chosen: server,
    options: sites
      .filter(({ reach }) => reach.kind === 'reached')
      .map((site) => ({ value: site.server, label: site.server, explain: siteInWords(site) })),
  };
}

function checkNobodyAnswers({ answering }: EtcdSnapshotFacts): readonly OperationCheck[] {
  if (answering.length === 0) return [passes('nobody_answers', 'No member of etcd answers.')];
  return [
    refusesFor(
      'repair.no_evidence',
      `etcd of ${namesInWords(answering)} answers: its data is newer than any snapshot. Let it go on, alone if it must.`,
    ),
  ];
}

/** With a majority of the members that have their data, etcd may come back by itself, and nothing is lost. */
function checkSites({ sites, gone }: EtcdSnapshotFacts): readonly OperationCheck[] {
  const withData = sites.filter(({ reach }) => reach.kind === 'reached' && reach.hasData);
  const healthy = withData.filter(({ reach }) => reach.kind === 'reached' && reach.active !== 'failed');
  const silent = sites.filter(({ reach, server }) => reach.kind !== 'reached' && !gone.includes(server));
  return [
    ...(healthy.length >= quorumSize(sites.length)
      ? [
          refusesFor(
            'repair.may_come_back',
            `${namesInWords(healthy.map(({ server }) => server))} have the data of their etcd: start it there. ` +
              'With them the majority may be back.',
          ),
        ]
      : withData.map(({ server }) =>
          warnsOf(
            'repair.has_data',
            `${server} has data of etcd, which is newer. Alone it may be enough: see the other repair first.`,
          ),
        )),
    ...silent.map(({ server, reach }) =>
      refusesFor(
        'repair.not_known',
        `Whether etcd on ${server} can come back is not known${reach.kind === 'unreachable' ? `: ${reach.why}` : '.'} That is ` +
          'enough to refuse, unless you say by its name that it is gone for good.',
      ),
    ),
    ...gone
      .filter((name) => sites.some(({ server, reach }) => server === name && reach.kind !== 'reached'))
      .map((name) => warnsOf('repair.said_to_be_gone', `You say that ${name} is gone for good.`)),
  ];
}

function checkNames({ gone, sites }: EtcdSnapshotFacts): readonly OperationCheck[] {
  const wrong = gone.filter((name) => !sites.some(({ server, reach }) => server === name && reach.kind !== 'reached'));
  return wrong.length === 0
    ? []
    : [refusesFor('repair.not_gone', `${namesInWords(wrong)} is not among the servers that do not answer.`)];
}

function checkFile({ file, checked, why, files }: EtcdSnapshotFacts): readonly OperationCheck[] {
  if (file === null)
    return [
      refusesFor(
        'repair.not_chosen',
        files.length === 0
          ? 'This app has saved no snapshot of this etcd. Give the path of one that lies on this computer.'
          : 'Choose the snapshot.',
      ),
    ];
  if (checked === null) return [refusesFor('repair.snapshot_damaged', why ?? `${file} could not be read.`)];
  return [passes('snapshot_whole', 'The snapshot is whole: the hash at its end is right.')];
}

function checkSite({ server, checked, sites }: EtcdSnapshotFacts, site: SiteLook | null): readonly OperationCheck[] {
  if (server === null) return [refusesFor('repair.not_chosen', 'Choose the server of the new etcd.')];
  if (site === null)
    return [
      sites.some((one) => one.server === server)
        ? refusesFor('repair.not_known', `${server} cannot be looked at.`)
        : refusesFor('repair.no_member', `${server} has no member of this etcd.`),
    ];
  return [...checkHowStarted(server, site), ...checkRoom(server, site, checked)];
}

function checkHowStarted(server: string, site: SiteLook): readonly OperationCheck[] {
  const { unit, tool, directory, name, peer, hasConfigFile } = site;
  if (unit === null) return [refusesFor('repair.no_unit', `No systemd unit of etcd was found on ${server}.`)];
  if (hasConfigFile)
    return [
      refusesFor(
        'repair.config_file',
        `etcd on ${server} is started with a configuration file, which this repair does not read.`,
      ),
    ];
  if (directory === '' || name === '' || peer === '')
    return [
      refusesFor(
        'repair.not_known',
        `The name, the peer address or the data directory of etcd on ${server} could not be read.`,
      ),
    ];
  if (tool === null) return [refusesFor('repair.no_tool', `Neither etcdutl nor etcdctl is installed on ${server}.`)];
  return [passes('how_started', `etcd of ${server} is ${name} at ${peer}, in ${directory}.`)];
}

function checkRoom(
  server: string,
  { free }: SiteLook,
  checked: EtcdSnapshotFacts['checked'],
): readonly OperationCheck[] {
  if (checked === null) return [];
  if (free === null) return [refusesFor('repair.room_not_known', `The room on ${server} could not be read.`)];
  const needed = checked.size * ROOM_FACTOR + ROOM_BASE;
  const words = `Restoring takes about ${bytesInWords(needed)}; ${bytesInWords(free)} are free on ${server}`;
  return [free >= needed ? passes('room', `${words}.`) : refusesFor('repair.no_room', `${words}.`)];
}

function checkOthers({ others }: EtcdSnapshotFacts): readonly OperationCheck[] {
  return others.map(({ title, readOnly }) =>
    readOnly
      ? refusesFor('operation.read_only', `${title}, which uses this etcd too, is set to read-only in this app.`)
      : warnsOf('repair.shared', `${title} uses this etcd too, and gets the keys of that time back.`),
  );
}

function stepsOf({ checked, server, keptAs, token }: EtcdSnapshotFacts, site: SiteLook): RepairPlan['steps'] {
  const unit = shellWord(site.unit ?? 'etcd.service');
  const file = checked?.path ?? '';
  const [name, peer] = [shellWord(site.name), shellWord(site.peer)];
  const data = shellWord(site.directory);
  return [
    { id: 'stop', label: 'Stop etcd', server, commands: [`sudo systemctl stop ${unit}`] },
    { id: 'upload', label: `Upload ${file}`, server, commands: [] },
    {
      id: 'restore',
      label: site.hasData ? `Restore it, and keep the data that is there as ${keptAs}` : 'Restore it',
      server,
      commands: [
        `${site.tool ?? 'etcdutl'} snapshot restore SNAPSHOT --name ${name} --initial-cluster ${shellWord(`${site.name}=${site.peer}`)} ` +
          `--initial-advertise-peer-urls ${peer} --initial-cluster-token ${token} --data-dir NEW`,
        ...(site.hasData ? [`sudo mv -T ${data} ${shellWord(keptAs)}`] : []),
        `sudo mv -T NEW ${data}`,
      ],
    },
    { id: 'start', label: 'Start etcd', server, commands: [`sudo systemctl start ${unit}`] },
  ];
}

function consequencesOf({ checked, server, synchronous }: EtcdSnapshotFacts): readonly string[] {
  const at = checked === null ? 'the time of the snapshot' : momentInWords(checked.at);
  return [
    `All keys are as they were at ${at}: changes of the dynamic configuration since then are gone, and so are keys of other programs.`,
    'PostgreSQL is not touched. It stays as it is, most likely read-only, until Patroni has taken the leader lock anew.',
    `A leader lock in the snapshot ends with its lease; then Patroni chooses a leader by the WAL of its members, as ever.`,
    ...(synchronous
      ? [
          'The list of synchronous standbys is that of the snapshot: a member that was one since then is not known as one.',
        ]
      : []),
    'No lost member of etcd may ever be started again with its old data. Remove their data first.',
    `A single member tolerates no failure: add members again one by one on the tab etcd, when ${server ?? 'it'} leads.`,
  ];
}
