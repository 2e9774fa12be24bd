import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { DriftReport } from '../../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { goTo } from '../../../navigation/route';
import { useAction, usePage } from '../../../rpc/hooks';
import { ConfirmDialog } from '../../../ui/confirm-dialog';
import { ErrorNotice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { Choices } from '../../../ui/choices';
import { CertificateTable } from '../../../deployment/plan/certificate-table';

/** The cluster's own keys and certificates, and their rotation. */
export function KeysPanel({ state, spec }: { readonly state: ClusterState; readonly spec: ClusterSpec }) {
  const page = usePage();
  const [asking, setAsking] = useState(false);
  const [found, setFound] = useState<DriftReport | null>(null);
  const ends = useAction(async () => setFound(await page.call((client) => client.deploy.check({ spec }))));
  return (
    <Panel title="Keys and certificates">
      {spec.tls === 'off' ? (
        <p className="m-muted">
          TLS is off: this cluster has no keys of its own. To get them, turn TLS on in the cluster file and set the
          cluster up again.
        </p>
      ) : (
        <div className="m-stack">
          <p>
            Every server has its own key. Its certificate is issued by the certificate authority of this cluster, whose
            key is stored in the vault.
          </p>
          <div className="m-row m-row-wrap">
            <Button
              text="Rotate all keys"
              disabled={state.readOnly}
              title={state.readOnly ? 'This cluster is read-only in Matriarch.' : undefined}
              onClick={() => setAsking(true)}
            />
            <Button text="Show expiry dates" loading={ends.busy} onClick={() => void ends.run()} />
          </div>
          {ends.error === null ? null : <ErrorNotice error={ends.error} />}
          {found === null ? null : <CertificateTable ends={found.certificates} at={found.at} />}
        </div>
      )}
      {asking ? <RotateDialog spec={spec} onClose={() => setAsking(false)} /> : null}
    </Panel>
  );
}

const choices = [
  {
    value: 'keys',
    label: 'All keys',
    explain: 'Every server gets a new key and a new certificate from the same authority.',
  },
  {
    value: 'authority',
    label: 'All keys and the authority',
    explain: 'A new authority replaces the old one and issues new certificates for new keys on every server.',
  },
] as const;

function RotateDialog({ spec, onClose }: { readonly spec: ClusterSpec; readonly onClose: () => void }) {
  const page = usePage();
  const [requestId] = useState(() => crypto.randomUUID());
  const [what, setWhat] = useState<'keys' | 'authority'>('keys');
  const rotate = useAction(async () => {
    const { runId } = await page.call((client) =>
      client.deploy.rotateCertificates({ spec, authority: what === 'authority', requestId }),
    );
    onClose();
    goTo({ page: 'deploy', at: ['run', runId] });
  });
  return (
    <ConfirmDialog
      title={`Rotate all keys of ${spec.title ?? spec.scope}`}
      start={rotate}
      confirm={{ text: what === 'keys' ? 'Rotate all keys' : 'Rotate the authority and all keys', intent: 'primary' }}
      onConfirm={() => void rotate.run()}
      onClose={onClose}
    >
      <Choices legend="What should be rotated?" value={what} choices={choices} onValue={setWhat} />
      <ul className="d-list" aria-label="What this means">
        <li>
          PostgreSQL, Patroni, HAProxy and PgBouncer load the new keys and keep running. etcd members restart one at a
          time; etcd keeps its quorum.
        </li>
        {what === 'keys' ? (
          <li>Applications that trust the authority are not affected.</li>
        ) : (
          <li>
            It runs in three rounds, so that all members trust each other at every moment. Applications that verify the
            servers&rsquo; certificates need the new authority afterwards.
          </li>
        )}
      </ul>
    </ConfirmDialog>
  );
}
