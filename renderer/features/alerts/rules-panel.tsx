import { Button, Checkbox, HTMLSelect } from '@blueprintjs/core';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { AlertSettings, ClusterAlerts, RuleSettings } from '../../../shared/model/alerts/alert';
import type { ClusterSummary } from '../../../shared/model/cluster/cluster-state';
import type { AlertRule } from '../../../shared/rules/alerts/alert-rule';
import { alertRules, ruleInForce } from '../../../shared/rules/alerts/alert-rules';
import { clusterName } from '../../../shared/rules/citus/citus-names';
import { useAction, usePage } from '../../rpc/hooks';
import { ErrorNotice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { TableHead } from '../../ui/table-head';
import { printable } from '../../ui/text';
import { useNow } from '../../ui/time';
import { formatDateTime } from '../../ui/wording/format';
import { LimitInput } from './limit-input';
import { SpanInput } from './span-input';

const HOUR_MS = 3_600_000;

/** By which rules alerts of a cluster are raised, and for how long it is muted. */
export function RulesPanel({ settings }: { readonly settings: AlertSettings }) {
  const clusters = useStore(usePage().fleet, (fleet) => fleet.clusters);
  const [chosen, setChosen] = useState<string | null>(null);
  const cluster = clusters.find(({ clusterId }) => clusterId === chosen) ?? clusters[0];
  if (cluster === undefined) return null;
  return (
    <Panel
      title="Rules"
      tools={
        <HTMLSelect
          aria-label="Cluster of the rules"
          value={cluster.clusterId}
          onChange={(event) => setChosen(event.currentTarget.value)}
        >
          {clusters.map((each) => (
            <option key={each.clusterId} value={each.clusterId}>
              {clusterName(each)}
            </option>
          ))}
        </HTMLSelect>
      }
      flush
    >
      <Mute cluster={cluster} mutedUntil={settings.clusters[cluster.clusterId]?.mutedUntil ?? null} />
      <table className="m-table" aria-label="Rules">
        <TableHead columns={['Rule', 'Raised after', 'Threshold']} unseen="Default" />
        <tbody>
          {alertRules.map((rule) => (
            <RuleRow
              key={`${cluster.clusterId} ${rule.id}`}
              clusterId={cluster.clusterId}
              rule={rule}
              set={settings.clusters[cluster.clusterId]?.rules[rule.id]}
            />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function RuleRow(props: {
  readonly clusterId: string;
  readonly rule: AlertRule;
  readonly set: RuleSettings | undefined;
}) {
  const { clusterId, rule, set } = props;
  const page = usePage();
  const force = ruleInForce(rule, set);
  const save = useAction((settings: RuleSettings) =>
    page.call((client) => client.alerts.setRule({ clusterId, rule: rule.id, settings })),
  );
  const change = (part: RuleSettings) => void save.run({ ...set, ...part });
  const isChanged = set !== undefined && Object.keys(set).length > 0;
  return (
    <tr data-testid={`rule-${rule.id}`}>
      <td>
        <Checkbox
          className="m-check-plain"
          checked={force.on}
          label={rule.name}
          onChange={(event) => change({ on: event.currentTarget.checked })}
        />
        <div className="m-small m-muted m-wrap">{rule.explain}</div>
        {save.error === null ? null : <ErrorNotice error={save.error} />}
      </td>
      <td>
        <SpanInput
          label={`${rule.name}: raised after`}
          ms={force.afterMs}
          disabled={!force.on}
          onMs={(afterMs) => change({ afterMs })}
        />
      </td>
      <td>
        {rule.threshold === null ? (
          <span className="m-muted">–</span>
        ) : (
          <LimitInput
            label={`${rule.name}: ${rule.threshold.name.toLowerCase()}`}
            unit={rule.threshold.unit}
            showsUnit
            value={force.threshold}
            disabled={!force.on}
            onValue={(threshold) => change({ threshold })}
          />
        )}
      </td>
      <td>
        {isChanged ? (
          <Button size="small" text="Default" aria-label={`${rule.name}: default`} onClick={() => void save.run({})} />
        ) : null}
      </td>
    </tr>
  );
}

function Mute(props: { readonly cluster: ClusterSummary; readonly mutedUntil: ClusterAlerts['mutedUntil'] }) {
  const { cluster, mutedUntil } = props;
  const page = usePage();
  const now = useNow();
  const mute = useAction((until: number | null) =>
    page.call((client) => client.alerts.mute({ clusterId: cluster.clusterId, until })),
  );
  const isMuted = mutedUntil !== null && mutedUntil > now;
  return (
    <div className="m-panel-body m-row m-row-wrap">
      {isMuted ? (
        <>
          <span>
            {printable(clusterName(cluster))} is muted until {formatDateTime(mutedUntil)}: its alerts are shown here
            only.
          </span>
          <Button text="Unmute" loading={mute.busy} onClick={() => void mute.run(null)} />
        </>
      ) : (
        <>
          <span className="m-muted">
            During maintenance, send no notifications for {printable(clusterName(cluster))}:
          </span>
          <Button text="Mute for 1 h" loading={mute.busy} onClick={() => void mute.run(Date.now() + HOUR_MS)} />
          <Button text="Mute for 8 h" loading={mute.busy} onClick={() => void mute.run(Date.now() + 8 * HOUR_MS)} />
        </>
      )}
      {mute.error === null ? null : <ErrorNotice error={mute.error} />}
    </div>
  );
}
