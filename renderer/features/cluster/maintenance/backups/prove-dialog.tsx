import { FormGroup, HTMLSelect } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import { useOpen } from '../../../../navigation/overlays';
import { useAction, usePage } from '../../../../rpc/hooks';
import { ConfirmDialog } from '../../../../ui/confirm-dialog';
import { Consequences } from '../../../../ui/consequences';
import { printable } from '../../../../ui/text';

/** Asks where the newest backup is proved: on a replica's server unless another is chosen. */
export function ProveDialog({ state, onClose }: { readonly state: ClusterState; readonly onClose: () => void }) {
  const { clusterId, members, leader } = state;
  const page = usePage();
  const open = useOpen();
  const id = useId();
  const reached = members.filter(({ serverId }) => serverId !== null);
  const [member, setMember] = useState(
    (reached.find(({ name }) => name !== leader.holder) ?? reached[0] ?? members[0])?.name ?? '',
  );
  const [requestId] = useState(() => crypto.randomUUID());
  const start = useAction(async () => {
    const job = await page.call((client) => client.backups.prove({ clusterId, member, requestId }));
    onClose();
    open.jobs(job.id);
  });
  return (
    <ConfirmDialog
      title="Prove the newest backup"
      start={start}
      confirm={{ text: 'Prove it', intent: 'primary' }}
      onConfirm={() => void start.run()}
      onClose={onClose}
    >
      <FormGroup label="On the server of" labelFor={id}>
        <HTMLSelect id={id} value={member} onChange={(event) => setMember(event.currentTarget.value)}>
          {reached.map(({ name }) => (
            <option key={name} value={name}>
              {printable(name)}
            </option>
          ))}
        </HTMLSelect>
      </FormGroup>
      <Consequences
        consequences={[
          'The newest backup is restored into a directory of its own on that server, where there is room for it.',
          'A PostgreSQL is started on it that listens on a socket in that directory alone and archives nothing; ' +
            'it is asked, its checksums are verified, and all of it is removed again.',
          'The cluster is not touched. Reading and verifying take disk and processors of that server meanwhile.',
        ]}
      />
    </ConfirmDialog>
  );
}
