import { toErrorData } from '../../../shared/model/app-error';
import type { DataDirectory, RepairEvidence } from '../../../shared/model/repair/repair';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { judgeForeignData } from '../../../shared/rules/repair/foreign-data';
import { lockHolder, scopeKey } from '../../../shared/rules/repair/scope-keys';
import { readLog } from '../services/service-script';
import { KEPT_INFIX } from './data-scripts';
import { stampOf } from './keep-keys';
import { readDataDirectory, siteOf, type MemberSite } from './read-data';
import { readScope, etcdSceneOf } from './read-scope';
import { renewMember } from './renew-member';
import type { LookForRepair, RepairScene } from './repair-work';

/** A member whose data directory is of another cluster. */
export const lookForForeignData: LookForRepair<'foreign_data'> = async (given, { member }) => {
  const scene = etcdSceneOf(given);
  const { now } = scene.deps;
  const [keys, site] = await Promise.all([readScope(scene), siteOf(scene, member)]);
  const leader = lockHolder(keys);
  const expected = scopeKey(keys, 'initialize')?.value ?? null;
  const [own, leaders, said] = await Promise.all([
    readDataDirectory(site, now),
    dataOfLeader(scene, leader),
    lineOfLog(scene, site, /system ID mismatch/i),
  ]);
  const keptAs = `${own.directory}${KEPT_INFIX}${stampOf(scene.at)}`;
  return {
    plan: judgeForeignData({
      ...{ member, leader, own, leaders, expected, said, keptAs, unit: site.unit },
      paused: scene.state.paused,
      expectedAt: keys.at,
      owners: ownersOf(scene, own.systemIdentifier),
    }),
    carryOut: (context) =>
      renewMember(
        {
          ...{ scene, site, before: own, expected },
          leader: leader ?? '',
          keptAs: own.content === 'cluster' ? keptAs : null,
        },
        context,
      ),
  };
};

/** What the leader has; null where that cannot be read. */
export async function dataOfLeader(scene: RepairScene, leader: string | null): Promise<DataDirectory | null> {
  if (leader === null) return null;
  try {
    return await readDataDirectory(await siteOf(scene, leader), scene.deps.now);
  } catch {
    return null;
  }
}

/** The last line of Patroni's log on a member's server that says so; null: there is none, or it could not be read. */
export async function lineOfLog(scene: RepairScene, site: MemberSite, says: RegExp): Promise<RepairEvidence | null> {
  const { remote, unit } = site;
  if (unit === null) return null;
  const at = scene.deps.now();
  const source = `${remote.name}, journalctl -u ${unit}`;
  try {
    const argv = ['journalctl', '-u', unit, '-n', '300', '-o', 'short-iso', '--no-pager'];
    const { stdout } = await remote.run(argv, { timeoutMs: 15_000, sudo: true });
    const line = readLog(stdout, 300).findLast((one) => says.test(one));
    return line === undefined ? null : { sentence: line.slice(0, 400), source, at };
  } catch (thrown) {
    return { sentence: `Its log could not be read: ${toErrorData(thrown).message}`, source, at };
  }
}

/** The other clusters of the app whose members have this identifier. */
function ownersOf({ deps, entry }: RepairScene, systemIdentifier: string | null): readonly string[] {
  if (systemIdentifier === null) return [];
  return deps
    .clusters()
    .filter(({ id }) => id !== entry.id && deps.hub.state(id)?.systemIdentifier === systemIdentifier)
    .map(clusterName);
}
