import '../../../deployment/deployment.css';
import './servers.css';
import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ChangeRequest } from '../../../../shared/rules/deploy/day2/change-offers';
import { useAnswer, usePage } from '../../../rpc/hooks';
import { Loading } from '../../../ui/loading';
import { ErrorNotice } from '../../../ui/notice';
import { Adopt } from './adopt';
import { ChangeView } from './change-view';
import { Comparison } from './comparison';
import { KeysPanel } from './keys-panel';
import { ServersPanel } from './servers-panel';
import { ServicesPanel } from './services-panel';

/** The servers and services of a cluster as its spec has them, and every change of them. */
export default function ServersTab({ state }: { readonly state: ClusterState }) {
  return state.origin === 'demo' ? <DemoServers state={state} /> : <KeptServers state={state} />;
}

/** Nothing is kept of a demo: what was read lives as long as the page shows it. */
function DemoServers({ state }: { readonly state: ClusterState }) {
  const [spec, setSpec] = useState<ClusterSpec | null>(null);
  return spec === null ? (
    <Adopt
      state={state}
      onKeep={(read) => {
        setSpec(read);
        return Promise.resolve();
      }}
    />
  ) : (
    <Known state={state} spec={spec} />
  );
}

function KeptServers({ state }: { readonly state: ClusterState }) {
  const page = usePage();
  const { clusterId } = state;
  const spec = useAnswer(clusterId, (client) => client.deploy.day2.spec({ clusterId }));
  const keep = async (read: ClusterSpec) => {
    await page.call((client) => client.deploy.day2.keep({ spec: read }));
    spec.reload();
  };
  if (spec.error !== null)
    return <ErrorNotice error={spec.error} tools={<Button size="small" text="Try again" onClick={spec.reload} />} />;
  if (spec.value === null)
    return spec.loading ? (
      <Loading what="Loading the servers of this cluster." />
    ) : (
      <Adopt state={state} onKeep={keep} />
    );
  return <Known state={state} spec={spec.value} />;
}

function Known({ state, spec }: { readonly state: ClusterState; readonly spec: ClusterSpec }) {
  const [request, setRequest] = useState<ChangeRequest | null>(null);
  const [comparing, setComparing] = useState(false);
  if (request !== null)
    return <ChangeView state={state} spec={spec} request={request} onLeave={() => setRequest(null)} />;
  return (
    <>
      <ServersPanel state={state} spec={spec} onRequest={setRequest} />
      {comparing ? <Comparison spec={spec} onLeave={() => setComparing(false)} /> : null}
      <div className="m-overview-bottom">
        <ServicesPanel spec={spec} onCompare={() => setComparing(true)} />
        <KeysPanel state={state} spec={spec} />
      </div>
    </>
  );
}
