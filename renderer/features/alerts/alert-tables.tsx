import { Button } from '@blueprintjs/core';
import type { Alert, AlertSettings } from '../../../shared/model/alerts/alert';
import { alertName } from '../../../shared/rules/alerts/delivery';
import { hrefOf } from '../../navigation/route';
import { useAction, usePage } from '../../rpc/hooks';
import { Mark } from '../../ui/mark';
import { ErrorNotice } from '../../ui/notice';
import { Empty, Panel } from '../../ui/panel';
import { TableHead } from '../../ui/table-head';
import { Name, printable } from '../../ui/text';
import { Ago, Elapsed, useNow } from '../../ui/time';
import { formatDateTime, plural } from '../../ui/wording/format';

/** The most alerts that ended and are shown. */
const MOST_SHOWN = 50;

const words = {
  critical: { tone: 'crit', word: 'Critical' },
  warning: { tone: 'warn', word: 'Warning' },
} as const;

/** The alerts that last now, critical ones first. */
export function LastingAlerts(props: { readonly alerts: readonly Alert[]; readonly settings: AlertSettings }) {
  const { alerts, settings } = props;
  if (alerts.length === 0)
    return (
      <Panel title="Now">
        <Empty title="No alerts">
          <p>No rule below is met on any cluster that can be seen.</p>
        </Empty>
      </Panel>
    );
  return (
    <Panel title="Now" note={plural(alerts.length, 'alert')} flush>
      <table className="m-table" aria-label="Alerts now">
        <TableHead columns={['Severity', 'Alert', 'Cluster', 'For', 'Acknowledged']} />
        <tbody>
          {alerts.map((alert) => (
            <LastingRow
              key={alert.id}
              alert={alert}
              mutedUntil={settings.clusters[alert.clusterId]?.mutedUntil ?? null}
            />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function LastingRow({ alert, mutedUntil }: { readonly alert: Alert; readonly mutedUntil: number | null }) {
  const page = usePage();
  const isMuted = (mutedUntil ?? 0) > useNow();
  const acknowledge = useAction(() => page.call((client) => client.alerts.acknowledge({ id: alert.id })));
  const { tone, word } = words[alert.severity];
  return (
    <tr data-testid={`alert-${alert.rule}`}>
      <td>
        <Mark tone={tone} word={word} />
      </td>
      <td>
        <AlertWords alert={alert} />
        {acknowledge.error === null ? null : <ErrorNotice error={acknowledge.error} />}
      </td>
      <td>
        <ClusterLink alert={alert} />
        {isMuted ? <div className="m-small m-muted">muted</div> : null}
      </td>
      <td className="m-nowrap">
        <Elapsed since={alert.since} />
        {alert.hidden ? <div className="m-small m-muted">cannot be seen now</div> : null}
        {alert.returned === 0 ? null : (
          <div className="m-small m-muted">came back {alert.returned === 1 ? 'once' : `${alert.returned} times`}</div>
        )}
      </td>
      <td>
        {alert.acknowledged === null ? (
          <Button size="small" text="Acknowledge" loading={acknowledge.busy} onClick={() => void acknowledge.run()} />
        ) : (
          <span className="m-small">
            by {printable(alert.acknowledged.by)}, <Ago at={alert.acknowledged.at} />
          </span>
        )}
      </td>
    </tr>
  );
}

/** The alerts that ended, the newest first. */
export function EndedAlerts({ alerts }: { readonly alerts: readonly Alert[] }) {
  if (alerts.length === 0) return null;
  return (
    <Panel title="Ended" note={plural(alerts.length, 'alert')} flush>
      <table className="m-table" aria-label="Alerts that ended">
        <TableHead columns={['Severity', 'Alert', 'Cluster', 'Began', 'Lasted']} />
        <tbody>
          {alerts.slice(0, MOST_SHOWN).map((alert) => (
            <tr key={alert.id}>
              <td>
                <Mark tone="idle" word={words[alert.severity].word} />
              </td>
              <td>
                <AlertWords alert={alert} />
              </td>
              <td>
                <ClusterLink alert={alert} />
              </td>
              <td className="m-nowrap">{formatDateTime(alert.since)}</td>
              <td>
                <Elapsed since={alert.since} until={alert.endedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function AlertWords({ alert }: { readonly alert: Alert }) {
  return (
    <>
      <span className="m-strong">{printable(alertName(alert))}</span>
      <div className="m-wrap">{printable(alert.sentence)}</div>
      {alert.endedAt === null ? <div className="m-small m-muted m-wrap">{printable(alert.advice)}</div> : null}
    </>
  );
}

function ClusterLink({ alert }: { readonly alert: Alert }) {
  return (
    <a href={hrefOf({ page: 'cluster', clusterId: alert.clusterId, tab: 'overview' })}>
      <Name text={alert.clusterTitle} />
    </a>
  );
}
