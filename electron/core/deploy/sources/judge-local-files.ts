import { toErrorData } from '../../../../shared/model/app-error';
import type { PreflightCheck } from '../../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { localArchive, wheelsOf } from './local-files';

/** Whether the files of this workstation that servers need are there and are what the spec means. */
export async function judgeLocalFiles({ sources: { etcd, patroni } }: ClusterSpec): Promise<readonly PreflightCheck[]> {
  const checks: PreflightCheck[] = [];
  if (patroni.kind === 'pip' && patroni.wheelDirectory !== undefined)
    checks.push(
      await judged(
        'wheels',
        'Wheels on this workstation',
        async () => `${(await wheelsOf(patroni)).length} files in ${patroni.wheelDirectory ?? ''}.`,
      ),
    );
  if (etcd.kind === 'archive' && etcd.url.toLowerCase().startsWith('file:'))
    checks.push(
      await judged(
        'archive-file',
        "etcd's archive on this workstation",
        async () => `${(await localArchive(etcd))?.name ?? ''} has the SHA-256 of the spec.`,
      ),
    );
  return checks;
}

async function judged(id: string, name: string, ask: () => Promise<string>): Promise<PreflightCheck> {
  try {
    return { id, name, server: null, verdict: 'ok', evidence: await ask(), reason: '', fix: null };
  } catch (thrown) {
    const error = toErrorData(thrown);
    return {
      id,
      name,
      server: null,
      verdict: 'blocks',
      evidence: error.message,
      reason: error.hint ?? 'Choose other files.',
      fix: null,
    };
  }
}
