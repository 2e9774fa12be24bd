import { Button, Dialog, DialogBody, DialogFooter } from '@blueprintjs/core';
import '../operate/operate.css';
import { useState } from 'react';
import type { ClusterState } from '../../../shared/model/cluster-state';
import type { ClusterSpec } from '../../../shared/model/spec/cluster-spec';
import { goTo } from '../../app/route';
import { useAction, usePage } from '../../rpc/hooks';
import { ErrorNotice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { printable } from '../../ui/text';

/** The cluster's own keys and certificates, and their rotation. */
export function KeysPanel({ state, spec }: { readonly state: ClusterState; readonly spec: ClusterSpec }) {
  const [asking, setAsking] = useState(false);
  return (
    <Panel title="Keys and certificates">
      {spec.tls === 'off' ? <p className="m-muted">TLS is off: this cluster has no keys of its own. Turn it on in the spec and set it up again to get them.</p> : (
        <div className="m-stack">
          <p>Each server has a key of its own. Its certificate comes from the authority of this cluster, whose key is in the vault.</p>
          <div><Button text="Rotate all keys" disabled={state.readOnly} title={state.readOnly ? 'This cluster is read-only in Matriarch.' : undefined} onClick={() => setAsking(true)} /></div>
        </div>
      )}
      {asking ? <RotateDialog spec={spec} onClose={() => setAsking(false)} /> : null}
    </Panel>
  );
}

function RotateDialog({ spec, onClose }: { readonly spec: ClusterSpec; readonly onClose: () => void }) {
  const page = usePage();
  const [requestId] = useState(() => crypto.randomUUID());
  const rotate = useAction(async () => {
    const { runId } = await page.call((client) => client.deploy.rotateCertificates({ spec, requestId }));
    onClose();
    goTo({ page: 'deploy', at: ['run', runId] });
  });
  return (
    <Dialog isOpen className="m-operate" title={`Rotate all keys of ${printable(spec.title ?? spec.scope)}`} canOutsideClickClose={false} onClose={onClose}>
      <DialogBody>
        <div className="m-stack">
          {rotate.error === null ? null : <ErrorNotice error={rotate.error} />}
          <ul className="d-list">
            <li>Every server gets a new key and a new certificate from the same authority.</li>
            <li>PostgreSQL, Patroni, HAProxy and PgBouncer read them again and keep running. The members of etcd start again one after another; etcd keeps its majority.</li>
            <li>The old keys stay valid until they expire: applications that trust the authority notice nothing.</li>
          </ul>
        </div>
      </DialogBody>
      <DialogFooter actions={<><Button text="Leave it" onClick={onClose} /><Button intent="primary" data-testid="confirm" text="Rotate all keys" loading={rotate.busy} onClick={() => void rotate.run()} /></>} />
    </Dialog>
  );
}
