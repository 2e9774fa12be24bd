import { etcdMemberName } from '../../../shared/rules/etcd/etcd-members';
import { FREE_ETCD, judgeEtcdSpace } from '../../../shared/rules/repair/etcd-space';
import { bytesInWords, namesInWords } from '../../../shared/rules/words/wording';
import { runEtcdAction } from '../etcd-admin/run-action';
import type { JobContext, JobEnd } from '../jobs/job-engine';
import { etcdSceneOf } from './read-scope';
import { repairedWith, type EtcdScene, type LookForRepair } from './repair-work';

/** An etcd that is full: the work is that of the etcd tab, as steps of the repair. */
export const lookForEtcdSpace: LookForRepair<'etcd_space'> = async (given) => {
  const scene = etcdSceneOf(given);
  const found = await scene.deps.etcdAdmin.preview(scene.entry.id, FREE_ETCD);
  return {
    plan: judgeEtcdSpace(found),
    carryOut: async (context) => {
      const { maintenance } = scene.etcd;
      const run = { maintenance, before: found.reading, context, now: scene.deps.now, file: '' };
      const end = await runEtcdAction(run, FREE_ETCD);
      if (end.status !== 'done') return end;
      context.phase('verify', 'following');
      return seenFree(scene, context, end);
    },
  };
};

/** What etcd itself says afterwards: no alarm, and every member below its quota. */
async function seenFree({ etcd }: EtcdScene, context: JobContext, end: JobEnd): Promise<JobEnd> {
  const { alarms, members } = await etcd.maintenance.read();
  for (const member of members)
    context.answer(`${etcdMemberName(member)}: ${bytesInWords(member.status?.dbSize ?? 0)}`);
  if (alarms === null)
    return repairedWith('The work is done. Whether an alarm is raised could not be read afterwards.');
  if (alarms.length > 0)
    return repairedWith('The work is done, and an alarm is raised again: etcd is full of live keys.');
  const full = members.filter(
    ({ status }) => status !== null && status.quota !== null && status.dbSize >= status.quota,
  );
  if (full.length > 0)
    return repairedWith(`The alarm is gone, but ${namesInWords(full.map(etcdMemberName))} is still at its quota.`);
  return end;
}
