import { Button, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { DownloadIcon, SearchIcon } from '@blueprintjs/icons';
import { useDeferredValue, useRef, useState } from 'react';
import type { ClusterEvent } from '../../../../shared/model/cluster/cluster-state';
import { downloadText } from '../../../ui/download';
import { formatDateTime, plural } from '../../../ui/wording/format';
import { Panel } from '../../../ui/panel';
import { useRows } from '../../../ui/virtual';
import { EventLine } from './event-rows';

type Kind = 'all' | 'failover' | 'problems';

const failoverKinds: readonly ClusterEvent['kind'][] = [
  'leader_lost',
  'leader_elected',
  'promoted',
  'timeline',
  'primary_gap',
  'failover_requested',
  'member_streaming',
  'operation',
  'no_quorum',
  'dcs_lost',
];

/** The event recorder: everything seen since Matriarch watches, newest first. */
export function EventRecorder({
  events,
  clusterId,
}: {
  readonly events: readonly ClusterEvent[];
  readonly clusterId: string;
}) {
  const [kind, setKind] = useState<Kind>('all');
  const [words, setWords] = useState('');
  const asked = useDeferredValue(words).toLowerCase();
  const shown = events.filter((event) => isOf(event, kind) && event.sentence.toLowerCase().includes(asked)).reverse();
  return (
    <Panel
      title="Event recorder"
      note={plural(shown.length, 'event')}
      flush
      tools={
        <div className="m-event-tools">
          <InputGroup
            type="search"
            size="small"
            leftIcon={<SearchIcon />}
            placeholder="Search"
            aria-label="Search the events"
            value={words}
            onValueChange={setWords}
          />
          <HTMLSelect
            aria-label="Which events"
            value={kind}
            onChange={(event) => setKind(kindOf(event.currentTarget.value))}
            options={[
              { value: 'all', label: 'All events' },
              { value: 'failover', label: 'Leader changes' },
              { value: 'problems', label: 'Problems' },
            ]}
          />
          <Button
            size="small"
            icon={<DownloadIcon />}
            text="Save as text"
            onClick={() => downloadText(`events-${clusterId}.txt`, asText(shown))}
          />
        </div>
      }
    >
      {shown.length === 0 ? (
        <p className="m-panel-body m-muted">
          {events.length === 0
            ? 'No events since monitoring started. Matriarch records events only while it runs.'
            : 'No events match.'}
        </p>
      ) : (
        <EventScroll events={shown} clusterId={clusterId} />
      )}
    </Panel>
  );
}

function kindOf(value: string): Kind {
  return value === 'failover' || value === 'problems' ? value : 'all';
}

function isOf(event: ClusterEvent, kind: Kind): boolean {
  switch (kind) {
    case 'all':
      return true;
    case 'failover':
      return failoverKinds.includes(event.kind);
    case 'problems':
      return event.severity === 'critical' || event.severity === 'warning';
  }
}

function asText(events: readonly ClusterEvent[]): string {
  return events
    .map(
      (event) =>
        `${new Date(event.at).toISOString()}  ${event.severity.padEnd(8)}  ${event.kind.padEnd(20)}  ${event.sentence}`,
    )
    .join('\n')
    .concat('\n');
}

function EventScroll(props: { readonly events: readonly ClusterEvent[]; readonly clusterId: string }) {
  const { events, clusterId } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRows({ count: events.length, scroller, rowHeight: 25, overscan: 12 });
  return (
    <div className="m-event-list" ref={scroller} tabIndex={0} role="region" aria-label="Events, newest first">
      <ol className="m-events" style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map((item) => {
          const event = events[item.index];
          return event === undefined ? null : (
            <li
              key={event.id}
              data-index={item.index}
              ref={rows.measureElement}
              style={{ position: 'absolute', left: 0, right: 0, transform: `translateY(${item.start}px)` }}
            >
              <Dated event={event} before={events[item.index - 1]} clusterId={clusterId} />
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function Dated(props: {
  readonly event: ClusterEvent;
  readonly before: ClusterEvent | undefined;
  readonly clusterId: string;
}) {
  const { event, before } = props;
  const day = formatDateTime(event.at).slice(0, 10);
  const first = before === undefined || formatDateTime(before.at).slice(0, 10) !== day;
  return (
    <>
      {first ? <div className="m-event-day">{day}</div> : null}
      <EventLine event={event} clusterId={props.clusterId} />
    </>
  );
}
