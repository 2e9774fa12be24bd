import './events.css';
import type { ClusterEvent } from '../../../../shared/model/cluster/cluster-state';
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

/** One event: when, what, and the sentence. */
export function EventLine({ event }: { readonly event: ClusterEvent }) {
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
      <CopyButton
        text={`${new Date(event.at).toISOString()} ${event.sentence}`}
        label={`Copy this event: ${printable(event.sentence)}`}
      />
    </div>
  );
}
