import { useEffect, useState } from 'react';
import type { AppErrorData } from '../../../../shared/model/app-error';
import type { DeployRun } from '../../../../shared/model/deploy/deploy-views';
import { errorDataOf } from '../../../rpc/errors';
import { usePage } from '../../../rpc/hooks';
import { applyRunUpdate } from './run-view';

/** Follows a run. `turn` is raised after it was resumed: the stream then starts anew. */
export function useRun(
  runId: string,
  turn: number,
): { readonly run: DeployRun | null; readonly problem: AppErrorData | null } {
  const page = usePage();
  const [run, setRun] = useState<DeployRun | null>(null);
  const [problem, setProblem] = useState<AppErrorData | null>(null);
  useEffect(
    () =>
      page.core.listen(
        (client, signal) => client.deploy.runs.watch({ runId }, { signal }),
        (update) => {
          setProblem(null);
          setRun((before) => applyRunUpdate(before, update));
        },
        (thrown) => setProblem(errorDataOf(thrown)),
      ),
    [page, runId, turn],
  );
  return { run, problem };
}
