import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { useSpec, useWizard } from '../../wizard/wizard-context';

/** A part of the spec whose settings are edited together. */
export type SpecPart = 'postgres' | 'patroni' | 'etcd' | 'haproxy' | 'pgbouncer' | 'prometheus' | 'accounts';

/** One part of the spec, and a function that changes some of it. */
export function usePart<P extends SpecPart>(
  part: P,
): readonly [ClusterSpec[P], (change: Partial<ClusterSpec[P]>) => void] {
  const wizard = useWizard();
  const spec = useSpec();
  return [
    spec[part],
    (change) => wizard.changeSpec((before) => ({ ...before, [part]: { ...before[part], ...change } })),
  ];
}
