import './events.css';
import type { ClusterEvent } from '../../../../shared/model/cluster/cluster-state';
import { hrefOf } from '../../../navigation/route';
import { CopyButton } from '../../../ui/command';
import { formatClock, formatDateTime } from '../../../ui/wording/format';
import { ToneIcon } from '../../../ui/mark';
import { printable } from '../../../ui/text';
import { eventWords, type Tone } from '../../../ui/wording/words';

const tones: Readonly<Record<ClusterEvent['severity'], Tone>> = {
  critical: 'crit',
  warning: 'warn',
  info: 'info',
  good: 'good',
};

/** Events as lines, in the order given. */
export function EventRows({ events }: { readonly events: readonly ClusterEvent[] }) {
  if (events.length === 0) return <p className="m-panel-body m-muted">No events since monitoring started.</p>;
  return (
    <ol className="m-events">
      {events.map((event) => (
        <li key={event.id}>
          <EventLine event={event} />
        </li>
      ))}
    </ol>
  );
}

/** One event: when, what, and the sentence; with a way to the logs of that time where the cluster is given. */
export function EventLine({ event, clusterId }: { readonly event: ClusterEvent; readonly clusterId?: string }) {
  const tone = tones[event.severity];
  return (
    <div className="m-event">
      <time className="m-mono m-muted" dateTime={new Date(event.at).toISOString()} title={formatDateTime(event.at)}>
        {formatClock(event.at, true)}
      </time>
      <span className={`m-tone-${tone} m-event-icon`}>
        <ToneIcon tone={tone} size={13} />
      </span>
      <span className="m-wrap">
        <span className="m-hidden">{eventWords[event.kind]}: </span>
        {printable(event.sentence)}
      </span>
      <span className="m-row">
        {clusterId === undefined ? null : (
          <a
            className="m-small"
            href={hrefOf({ page: 'cluster', clusterId, tab: 'logs', at: event.at })}
            aria-label={`Logs around this: ${printable(event.sentence)}`}
          >
            Logs around this
          </a>
        )}
        <CopyButton
          text={`${new Date(event.at).toISOString()} ${event.sentence}`}
          label={`Copy this event: ${printable(event.sentence)}`}
        />
      </span>
    </div>
  );
}
