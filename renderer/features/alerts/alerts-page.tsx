import './alerts.css';
import { useStore } from 'zustand';
import { usePage } from '../../rpc/hooks';
import { Loading } from '../../ui/loading';
import { plural } from '../../ui/wording/format';
import { DeliveriesPanel } from './deliveries-panel';
import { EndedAlerts, LastingAlerts } from './alert-tables';
import { QuietHoursPanel } from './quiet-hours-panel';
import { RulesPanel } from './rules-panel';

/** What needs somebody now, on all clusters; what ended; and by which rules alerts are raised. */
export default function AlertsPage() {
  const view = useStore(usePage().alerts, ({ update }) => update);
  if (view === null) return <Loading what="Reading the alerts." />;
  const lasting = view.alerts.filter(({ endedAt }) => endedAt === null);
  const ended = view.alerts.filter(({ endedAt }) => endedAt !== null);
  return (
    <div className="m-page">
      <div className="m-page-head">
        <h1>Alerts</h1>
        <span className="m-muted">
          Raised while Matriarch runs, for every cluster of the fleet.{' '}
          {lasting.length === 0 ? 'None active.' : `${plural(lasting.length, 'alert')} active.`}
        </span>
      </div>
      <LastingAlerts alerts={lasting} settings={view.settings} />
      <EndedAlerts alerts={ended} />
      <RulesPanel settings={view.settings} />
      <QuietHoursPanel hours={view.settings.quietHours} />
      <DeliveriesPanel />
    </div>
  );
}
