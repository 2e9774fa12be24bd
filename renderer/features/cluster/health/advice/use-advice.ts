import { useEffect, useState } from 'react';
import type { AdviceUpdate } from '../../../../../shared/model/advice/advice';
import type { AppErrorData } from '../../../../../shared/model/app-error';
import { errorDataOf } from '../../../../rpc/errors';
import { usePage } from '../../../../rpc/hooks';

/** The advice of a cluster, followed while the component is shown; the component must be keyed by the cluster. */
export function useAdvice(clusterId: string): {
  readonly update: AdviceUpdate | null;
  readonly problem: AppErrorData | null;
} {
  const { core } = usePage();
  const [update, setUpdate] = useState<AdviceUpdate | null>(null);
  const [problem, setProblem] = useState<AppErrorData | null>(null);
  useEffect(
    () =>
      core.listen(
        (client, signal) => client.advice.watch({ clusterId }, { signal }),
        (next) => {
          setUpdate(next);
          setProblem(null);
        },
        (thrown) => setProblem(errorDataOf(thrown)),
      ),
    [core, clusterId],
  );
  return { update, problem };
}
