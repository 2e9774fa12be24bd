import { Button } from '@blueprintjs/core';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { useAnswer } from '../../../rpc/hooks';
import { Answered } from '../../../ui/answered';
import { Panel } from '../../../ui/panel';
import { DriftList } from '../../../deployment/plan/drift-list';

/** What differs between the spec and the servers now. The comparison changes nothing. */
export function Comparison({ spec, onLeave }: { readonly spec: ClusterSpec; readonly onLeave: () => void }) {
  const drift = useAnswer('check', (client) => client.deploy.check({ spec }));
  const tools = (
    <>
      <Button size="small" text="Check again" loading={drift.loading} onClick={drift.reload} />
      <Button size="small" text="Close" onClick={onLeave} />
    </>
  );
  return (
    <Panel title="Comparison with the servers" tools={tools}>
      <div className="m-stack">
        <Answered
          answer={drift}
          what="Checking every file, package and service."
          show={(report) => <DriftList report={report} spec={spec} />}
        />
      </div>
    </Panel>
  );
}
