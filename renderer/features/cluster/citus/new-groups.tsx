import { Button } from '@blueprintjs/core';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { useAction, usePage } from '../../../rpc/hooks';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { useGroups } from './use-groups';

/** Groups that etcd has and the inventory lacks: they came after the cluster was added. */
export function NewGroups({ state }: { readonly state: ClusterState }) {
  const page = usePage();
  const watched = new Set(useGroups(state).map((group) => group.citusGroup));
  const fresh = (state.citusGroups ?? []).filter((group) => !watched.has(group));
  const add = useAction(() => page.call((client) => client.clusters.addNewGroups({ clusterId: state.clusterId })));
  if (watched.size === 0 || fresh.length === 0) return null;
  const which = `${fresh.length === 1 ? 'Group' : 'Groups'} ${fresh.join(', ')}`;
  return (
    <>
      {add.error === null ? null : <ErrorNotice error={add.error} />}
      <Notice
        tone="info"
        tools={
          <Button
            size="small"
            text={fresh.length === 1 ? 'Add it' : 'Add them'}
            loading={add.busy}
            onClick={() => void add.run()}
          />
        }
      >
        <span className="m-strong">
          {which} of this Citus cluster {fresh.length === 1 ? 'is' : 'are'} in etcd but not in Matriarch.
        </span>{' '}
        Nothing is known of {fresh.length === 1 ? 'its' : 'their'} members here.
      </Notice>
    </>
  );
}
