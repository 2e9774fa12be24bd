import { Button, DialogBody, DialogFooter } from '@blueprintjs/core';
import { useState } from 'react';
import { goTo } from '../navigation/route';
import { useAction, usePage } from '../rpc/hooks';
import { FocusedDialog } from '../ui/focused-dialog';
import { ErrorNotice } from '../ui/notice';
import { Name } from '../ui/text';

/** The cluster that shall leave the list; `isGroup`: it is a group of a Citus cluster, whose other groups leave with it. */
export interface RemovableCluster {
  readonly clusterId: string;
  readonly title: string;
  readonly isGroup: boolean;
}

/** Asks whether a cluster shall leave the inventory, and says that its servers stay as they are. */
export function RemoveClusterDialog(props: { readonly cluster: RemovableCluster; readonly onClose: () => void }) {
  const page = usePage();
  const { clusterId, title, isGroup } = props.cluster;
  const remove = useAction(async () => {
    await page.call((client) => client.clusters.remove({ clusterId }));
    goTo({ page: 'fleet' });
  });
  return (
    <FocusedDialog isOpen title="Remove from Matriarch" onClose={props.onClose}>
      <DialogBody>
        {remove.error === null ? null : <ErrorNotice error={remove.error} />}
        <p>
          <Name text={title} strong /> is removed from the inventory
          {isGroup ? ', with all groups of this Citus cluster' : ''}. Nothing changes on its servers, and you can add it
          again later.
        </p>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={props.onClose} />
            <Button intent="danger" text="Remove" loading={remove.busy} onClick={() => void remove.run()} />
          </>
        }
      />
    </FocusedDialog>
  );
}

/** The button that asks, for places where a cluster is of no more use. */
export function RemoveClusterButton({ cluster }: { readonly cluster: RemovableCluster }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button size="small" text="Remove from Matriarch" onClick={() => setAsking(true)} />
      {asking ? <RemoveClusterDialog cluster={cluster} onClose={() => setAsking(false)} /> : null}
    </>
  );
}
