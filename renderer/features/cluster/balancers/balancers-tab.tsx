import { Button } from '@blueprintjs/core';
import { useEffect } from 'react';
import type { BalancerHost, BalancersView } from '../../../../shared/model/balancers/balancers';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { findingKey } from '../../../../shared/rules/cluster/findings/finding-key';
import { useAnswer } from '../../../rpc/hooks';
import { Answered } from '../../../ui/answered';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Empty, Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { Ago } from '../../../ui/time';
import { BalancerServers } from './balancer-servers';
import { HaproxyPanel } from './haproxy-panel';
import { HealthPanel } from './health-panel';
import { PgbouncerPanel } from './pgbouncer-panel';
import { VipPanel } from './vip-panel';

/** Each reading asks every server once; load balancers change their mind within seconds. */
const EVERY_MS = 5_000;

/** What HAProxy and PgBouncer themselves see, beside what Patroni answers them. */
export default function BalancersTab({ state }: { readonly state: ClusterState }) {
  const { clusterId } = state;
  const answer = useAnswer(clusterId, (client) => client.balancers.read({ clusterId }));
  const { reload, loading } = answer;
  useEffect(() => {
    if (loading) return;
    const timer = setTimeout(reload, EVERY_MS);
    return () => clearTimeout(timer);
  }, [loading, reload]);
  return (
    <div className="m-stack">
      <Answered
        answer={answer}
        what="Asking HAProxy and PgBouncer over SSH."
        tools={<Button size="small" text="Try again" loading={loading} onClick={reload} />}
        show={(view) => <View view={view} state={state} reload={reload} />}
      />
    </div>
  );
}

interface ViewProps {
  readonly view: BalancersView;
  readonly state: ClusterState;
  readonly reload: () => void;
}

function View({ view, state, reload }: ViewProps) {
  const hosts = view.hosts.filter(
    ({ haproxy, pgbouncer, vip }) => haproxy !== null || pgbouncer !== null || vip !== null,
  );
  return (
    <div className="m-stack" data-testid="balancers">
      {view.findings.map((finding) => (
        <Notice key={findingKey(finding)} tone={finding.severity === 'critical' ? 'crit' : 'warn'}>
          <div className="m-strong">{printable(finding.sentence)}</div>
          <div className="m-small m-muted">{printable(finding.evidence)}</div>
          <div>{printable(finding.advice)}</div>
        </Notice>
      ))}
      <p className="m-small m-muted">
        Read <Ago at={view.asOf} /> on the servers of the members
        {view.others.length === 0 ? '' : ' and those of their own'}. A disagreement is shown when it lasts.
      </p>
      {view.hosts.flatMap(({ server, error }) => (error === null ? [] : [<ErrorNotice key={server} error={error} />]))}
      <HealthPanel members={state.members} answers={view.answers} />
      <VipPanel hosts={view.hosts} asOf={view.asOf} />
      {hosts.length === 0 ? <NothingThere hosts={view.hosts} /> : null}
      {hosts.map(({ server, haproxy }) =>
        haproxy === null ? null : (
          <HaproxyPanel key={server} server={server} view={haproxy} answers={view.answers} members={state.members} />
        ),
      )}
      {hosts.map(({ server, pgbouncer }) =>
        pgbouncer === null ? null : <PgbouncerPanel key={server} server={server} view={pgbouncer} />,
      )}
      <BalancerServers state={state} view={view} reload={reload} />
    </div>
  );
}

function NothingThere({ hosts }: { readonly hosts: readonly BalancerHost[] }) {
  if (hosts.length > 0 && hosts.every(({ error }) => error !== null)) return null;
  const why =
    hosts.length === 0
      ? 'No member of this cluster is reached over SSH, so that its server cannot be looked at.'
      : 'Neither HAProxy nor PgBouncer is installed on the servers that are looked at.';
  return (
    <Panel title="Load balancers">
      <Empty title="None found">
        <p>{why}</p>
      </Empty>
    </Panel>
  );
}
