import { appError } from '../../../shared/model/app-error';
import type { DataDirectory } from '../../../shared/model/repair/repair';
import { valueAt } from '../../../shared/rules/configure/config-patch';
import { readHistoryFile } from '../../../shared/rules/repair/fork';
import type { FoundConfig } from '../clusters/discovery/discovery-answer';
import { mergeFound } from '../clusters/discovery/found-config';
import { asRootOrSelf, findMemberConfig, type MemberFilePlace } from '../member-files/read-member-file';
import { servicesOn } from '../services/read-services';
import type { Remote } from '../ssh/remote';
import { DATA_SCRIPT } from './data-scripts';
import type { RepairScene } from './repair-work';

/** A member's server, and what Patroni runs with there. */
export interface MemberSite {
  readonly member: string;
  readonly remote: Remote;
  readonly asRoot: boolean;
  readonly found: FoundConfig;
  /** As the configuration names it. */
  readonly directory: string;
  /** Where PostgreSQL's programs are; '' where the configuration does not say. */
  readonly programs: string;
  /** The systemd unit of Patroni; null: none is installed. */
  readonly unit: string | null;
}

const LOOK_MS = 90_000;

/** The server of a member, with the way to become root. Throws `operation.no_ssh`. */
export function serverOfMember({ deps, entry, state }: RepairScene, member: string): MemberFilePlace {
  const serverId =
    state.members.find(({ name }) => name === member)?.serverId ??
    entry.members.find(({ name }) => name === member)?.serverId ??
    null;
  if (serverId === null)
    throw appError('operation.no_ssh', `${member} is reached without SSH, so its server cannot be looked at.`, {
      target: member,
      hint: 'Add its server, and choose it for this member under Cluster settings, How members are reached.',
    });
  return { state, member, remote: deps.remotes.remote(serverId), asRoot: deps.hasRoot(serverId) };
}

/** The site of a member. Rejects with `operation.no_ssh`, `config.no_member_file`, `repair.no_data_directory` and `ssh.*`. */
export async function siteOf(scene: RepairScene, member: string): Promise<MemberSite> {
  const place = serverOfMember(scene, member);
  const { remote, asRoot } = place;
  const found = await findMemberConfig(place);
  const merged = mergeFound(found);
  const text = (path: readonly string[]): string => {
    const value = merged.kind === 'config' ? valueAt(merged.config, path) : undefined;
    return typeof value === 'string' ? value : '';
  };
  const directory = text(['postgresql', 'data_dir']);
  if (directory === '')
    throw appError('repair.no_data_directory', `The configuration of ${member} does not say where its data is.`, {
      target: member,
      hint: 'See postgresql.data_dir in its patroni.yml.',
    });
  const unit = (await servicesOn(remote)).find(({ name }) => name === 'patroni')?.unit ?? null;
  return { member, remote, asRoot, found, directory, programs: text(['postgresql', 'bin_dir']), unit };
}

/** What there is in a member's data directory now. Rejects with `repair.unread` and `ssh.*`. */
export async function readDataDirectory(site: MemberSite, now: () => number): Promise<DataDirectory> {
  const at = now();
  const { stdout } = await asRootOrSelf(site.asRoot, (sudo) =>
    site.remote.script(DATA_SCRIPT, [site.directory, site.programs], { timeoutMs: LOOK_MS, sudo }),
  );
  const facts = readDataAnswer(stdout);
  if (facts === null)
    throw appError('repair.unread', `${site.remote.name} did not answer completely what is in ${site.directory}.`, {
      target: site.member,
      retryable: true,
      hint: 'Look again.',
    });
  return { member: site.member, server: site.remote.name, ...facts, at };
}

type DataAnswer = Omit<DataDirectory, 'member' | 'server' | 'at'>;

const CONTENTS = ['none', 'files', 'cluster'] as const;

function textOf(word: string | undefined): string {
  return word === undefined || word === '-' ? '' : Buffer.from(word, 'base64').toString('utf8');
}

function numberOf(word: string | undefined): number | null {
  return word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : null;
}

/** A WAL position as PostgreSQL writes it, in bytes; null when it is none. */
export function readWalPosition(text: string | undefined): number | null {
  const parts = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text ?? '');
  return parts === null ? null : parseInt(parts[1] ?? '', 16) * 2 ** 32 + parseInt(parts[2] ?? '', 16);
}

/** Reads what the script printed; null when it is not whole. */
export function readDataAnswer(output: string): DataAnswer | null {
  const lines = output.split('\n').map((line) => line.trim());
  const [first, last] = [lines.indexOf('matriarch-data 1'), lines.indexOf('end')];
  if (first < 0 || last < first) return null;
  const words = lines.slice(first + 1, last).map((line) => line.split(' '));
  const one = (keyword: string): string | undefined => words.find(([word]) => word === keyword)?.[1];
  const all = (keyword: string): readonly string[] =>
    words.filter(([word]) => word === keyword).map(([, value]) => textOf(value));
  const has = (keyword: string): boolean => words.some(([word]) => word === keyword);
  const content = CONTENTS.find((kind) => kind === one('content'));
  if (content === undefined) return null;
  return {
    directory: textOf(one('directory')),
    content,
    systemIdentifier: /^\d+$/.exec(one('id') ?? '')?.[0] ?? null,
    timeline: numberOf(one('timeline')),
    checkpoint: readWalPosition(one('checkpoint')),
    history: has('history') ? readHistoryFile(textOf(one('history'))) : null,
    // No more than is used in its file system lies in the directory.
    size: content === 'cluster' ? (numberOf(one('size')) ?? numberOf(one('used'))) : null,
    free: numberOf(one('free')),
    isMount: has('mount'),
    links: all('link'),
    runs: has('runs'),
    kept: all('kept'),
  };
}
