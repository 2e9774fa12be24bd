import type { ClusterState } from '../../../model/cluster/cluster-state';
import { BACKUP_SUFFIX } from '../../../model/configure/member-file';
import { clusterName } from '../../citus/citus-names';
import { shellWord } from '../../words/shell-words';

/** What a change of a member's own file is: another text, or the one that it had before. */
export type MemberFileChange = 'edit' | 'restore';

/** What the job is called, e.g. "Change patroni.yml of db1". */
export function memberFileTitle(change: MemberFileChange, member: string): string {
  return change === 'edit' ? `Change patroni.yml of ${member}` : `Put back the former patroni.yml of ${member}`;
}

/** The commands that do the same on the member's server. `startedWith` is what Patroni is started with. */
export function memberFileCommands(
  change: MemberFileChange,
  place: { readonly path: string; readonly startedWith: string; readonly user: string | null },
  reload: { readonly scope: string; readonly member: string },
): string {
  const path = shellWord(place.path);
  const backup = shellWord(`${place.path}${BACKUP_SUFFIX}`);
  const asUser = `sudo -u ${shellWord(place.user ?? 'postgres')}`;
  const put =
    change === 'edit' ? [`sudo cp -p ${path} ${backup}`, `sudoedit ${path}`] : [`sudo cp -p ${backup} ${path}`];
  return [
    ...put,
    `${asUser} patroni --validate-config -i ${shellWord(place.startedWith)}`,
    `${asUser} patronictl -c ${shellWord(place.startedWith)} reload ${shellWord(reload.scope)} ${shellWord(reload.member)}`,
  ].join('\n');
}

/** What must be typed before a member's own file is changed: the name of a production cluster. Null: one click is enough. */
export function typeForMemberFile(state: Pick<ClusterState, 'production' | 'title' | 'citusGroup'>): string | null {
  return state.production ? clusterName(state) : null;
}

/** Why a member's own file may not be changed now; null when it may. */
export function whyNotMemberFile(state: Pick<ClusterState, 'readOnly'>): string | null {
  return state.readOnly
    ? 'This cluster is set to read-only in this app. Change that under Cluster settings first.'
    : null;
}

/** What Patroni's own validation finds wrong with a new text that it did not find with the old one. */
export function newComplaints(before: readonly string[], after: readonly string[]): readonly string[] {
  const known = new Set(before);
  const fresh = after.filter((line) => !known.has(line));
  // Where Patroni could not even read it, Python says where it was in its own code.
  const said = fresh.filter((line) => !/^(\s|Traceback)/.test(line));
  return said.length === 0 ? fresh : said;
}
