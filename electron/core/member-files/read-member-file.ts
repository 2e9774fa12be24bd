import { createHash } from 'node:crypto';
import { appError, hasCode } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { MemberFileText, MemberFileView } from '../../../shared/model/configure/member-file';
import { isSecretName, maskValues, maskWords, maskYaml } from '../../../shared/rules/configure/member-file/mask-yaml';
import { writeConfigYaml } from '../../../shared/rules/configure/yaml/config-yaml';
import { isJsonObject } from '../../../shared/rules/configure/config-patch';
import type { FoundConfig } from '../clusters/discovery/discovery-answer';
import { askForConfigs, mergeFound } from '../clusters/discovery/found-config';
import { refusedInWords } from '../patroni/config/environment';
import type { Remote } from '../ssh/remote';
import { LOOK_SCRIPT } from './member-file-scripts';
import { secretMark } from './secret-mark';

/** Where a member's own configuration is. `asRoot`: its server has a way to become root. */
export interface MemberFilePlace {
  readonly state: ClusterState;
  readonly member: string;
  readonly remote: Remote;
  readonly asRoot: boolean;
}

const LOOK_MS = 20_000;
/** The discovery reads this much of a file and no more, bytes. */
const MOST_FILE_BYTES = 1_048_576;

/** SHA-256 of a text's bytes, hex. */
export function shaOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/**
 * The configuration that this member's Patroni runs with, as the search for clusters finds it. Rejects with `config.no_member_file`
 * where none names the member, and with `ssh.*`.
 */
export async function findMemberConfig({ state, member, remote, asRoot }: MemberFilePlace): Promise<FoundConfig> {
  const { configs, denied } = await askForConfigs(remote, remote.name, asRoot);
  const named = configs.filter((one) => {
    const merged = mergeFound(one);
    return merged.kind === 'config' && merged.config['name'] === member && isOfScope(merged.config, state);
  });
  // A file that does not read says no name; where it is the only one, it is this member's.
  const broken = configs.filter((one) => mergeFound(one).kind === 'refused');
  const [found] = [...named, ...(broken.length === 1 ? broken : [])];
  if (found !== undefined) return found;
  throw appError('config.no_member_file', `No configuration of ${member} was found on ${remote.name}.`, {
    target: member,
    hint:
      denied.length === 0
        ? 'See with which file Patroni is started there (systemctl cat patroni).'
        : `These files could not be read: ${denied.join(', ')}. Give the server a sudo mode to read them.`,
  });
}

function isOfScope(config: Readonly<Record<string, unknown>>, { scope }: ClusterState): boolean {
  return config['scope'] === undefined || String(config['scope']) === scope;
}

/** A member's own configuration as a page may see it. */
export async function readMemberFile(place: MemberFilePlace, now: () => number): Promise<MemberFileView> {
  const found = await findMemberConfig(place);
  const asOf = now();
  const looks = await lookAt(
    place,
    found.files.map(({ path }) => path),
  );
  const merged = mergeFound(found);
  return {
    member: place.member,
    server: place.remote.name,
    asOf,
    startedWith: found.path,
    user: found.user,
    files: found.files.map((file, index) => shownFile(file, looks[index] ?? '')),
    environment: Object.entries(found.env).map(([name, value]) => ({ name, value: shownVariable(name, value) })),
    merged: merged.kind === 'config' ? shownValues(merged.config) : null,
    mergedBy: found.loaded === null ? 'matriarch' : 'patroni',
    refused: merged.kind === 'refused' ? refusedInWords(merged.file) : null,
  };
}

function shownValues(config: Readonly<Record<string, unknown>>): string {
  const masked = maskValues(config);
  return isJsonObject(masked) ? writeConfigYaml(masked) : '';
}

/** PATRONI_CONFIGURATION holds a whole configuration. */
function shownVariable(name: string, value: string): string {
  if (name === 'PATRONI_CONFIGURATION') return maskYaml(value, secretMark)?.text ?? '••••••';
  return isSecretName(name) ? '••••••' : maskWords(value);
}

function shownFile({ path, text }: { readonly path: string; readonly text: string }, look: string): MemberFileText {
  const masked = maskYaml(text, secretMark);
  const [owner = '?', mode = '?', backup] = look.split(' ');
  return {
    path,
    text: masked?.text ?? null,
    sha: shaOf(text),
    locked: whyLocked(text, masked !== null),
    placement: owner === '?' ? null : `${owner} ${mode}`,
    hasBackup: backup === 'yes',
  };
}

function whyLocked(text: string, reads: boolean): string | null {
  if (text.includes('\ufffd')) return 'The file is not UTF-8: what would be written back is not what stands there.';
  if (Buffer.byteLength(text) >= MOST_FILE_BYTES) return 'The file is larger than 1 MB.';
  return reads
    ? null
    : 'The file does not read as YAML, so that nobody can tell what in it is secret. Correct it in a terminal.';
}

async function lookAt({ remote, asRoot }: MemberFilePlace, paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const answer = await asRootOrSelf(asRoot, (sudo) => remote.script(LOOK_SCRIPT, paths, { timeoutMs: LOOK_MS, sudo }));
  return answer.stdout.split('\n');
}

/** Does it as root; as the login user where the server has no way to become root. */
export async function asRootOrSelf<T>(asRoot: boolean, work: (sudo: boolean) => Promise<T>): Promise<T> {
  if (!asRoot) return work(false);
  try {
    return await work(true);
  } catch (thrown) {
    if (!hasCode(thrown, 'ssh.sudo_not_allowed')) throw thrown;
    return work(false);
  }
}
