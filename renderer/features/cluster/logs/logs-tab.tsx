import './logs.css';
import { Button, HTMLSelect } from '@blueprintjs/core';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { ClusterEvent, ClusterState, TimelineChange } from '../../../../shared/model/cluster/cluster-state';
import type { LogPage, LogRecord, LogServer, LogService } from '../../../../shared/model/logs/log-record';
import { goTo, type LogMoment } from '../../../navigation/route';
import { isViewOf } from '../../../navigation/tab-views';
import { copyText } from '../../../ui/command';
import { downloadText } from '../../../ui/download';
import { Loading } from '../../../ui/loading';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { formatDateTime, plural } from '../../../ui/wording/format';
import { FailoverPanel, lastChangeOf } from './failover-panel';
import { LogList } from './log-list';
import type { LogScreen } from './log-screen';
import { LogTools, type TimeColumn } from './log-tools';
import { logLineText } from './log-words';
import { useLogScreen } from './use-log-screen';

/** What is read around a moment that is jumped to, ms: what leads to it matters more than what follows. */
const AROUND = { beforeMs: 180_000, afterMs: 90_000 };

/**
 * The logs of all servers of a cluster, in the order of time. `at`: the moment to begin with; `member`: whose alone, at first; `view`: of
 * which program alone, at first.
 */
export default function LogsTab(props: {
  readonly state: ClusterState;
  readonly events: readonly ClusterEvent[];
  readonly at: LogMoment | null;
  readonly member: string | null;
  readonly view: string | null;
}) {
  const { state, events, member, view } = props;
  const at = props.at === 'last-change' ? lastChangeOf(events, state.history) : props.at;
  // Servers that come or go are followed from a new beginning.
  const servers = state.members.map((member) => member.serverId ?? '').join(' ');
  return (
    <>
      {props.at === 'last-change' && at === null ? (
        <Notice tone="info">
          No change of the leader is recorded, and Patroni&apos;s history has none with a time.
        </Notice>
      ) : null}
      <Logs
        key={servers}
        clusterId={state.clusterId}
        history={state.history}
        events={events}
        at={at}
        member={member}
        program={isViewOf('logs', view) ? view : null}
      />
    </>
  );
}

interface LogsProps {
  readonly clusterId: string;
  readonly history: readonly TimelineChange[];
  readonly events: readonly ClusterEvent[];
  readonly at: number | null;
  readonly member: string | null;
  readonly program: LogService | null;
}

function Logs({ clusterId, history, events, at, member, program }: LogsProps) {
  const screen = useLogScreen(clusterId);
  useEffect(() => {
    if (member !== null) screen.choose({ ...screen.store.getState().choice, members: new Set([member]) });
  }, [screen, member]);
  useEffect(() => {
    if (program !== null) screen.choose({ ...screen.store.getState().choice, services: new Set([program]) });
  }, [screen, program]);
  const view = useStore(screen.store);
  const [follows, setFollows] = useState(at === null);
  const [goal, setGoal] = useState<{ readonly row: number; readonly turn: number } | null>(null);
  const [times, setTimes] = useState<TimeColumn>('corrected');
  const around = useAround(screen, at, view.started, (row) => {
    setFollows(false);
    setGoal((before) => ({ row, turn: (before?.turn ?? 0) + 1 }));
  });
  const go = (row: number) => {
    setFollows(false);
    setGoal((before) => ({ row, turn: (before?.turn ?? 0) + 1 }));
  };
  if (view.problem !== null && view.held === 0) return <ErrorNotice error={view.problem} />;
  return (
    <div className="m-stack">
      {view.problem === null ? null : <ErrorNotice error={view.problem} />}
      <ServerNotices servers={view.servers} />
      {at === null || around === null ? null : (
        <FailoverPanel
          at={at}
          page={around}
          events={events}
          history={history}
          onGo={(time) => go(screen.rowAt(time))}
        />
      )}
      <Panel
        title="Logs"
        note={`${plural(view.rows.length, 'row')} of ${plural(view.held, 'entry', 'entries')}`}
        flush
        tools={<PanelTools screen={screen} clusterId={clusterId} events={events} at={at} />}
      >
        <LogTools
          screen={screen}
          follows={follows}
          onFollow={setFollows}
          times={times}
          onTimes={setTimes}
          at={goal?.row ?? null}
          onGo={go}
        />
        {view.started ? (
          <LogList screen={screen} times={times} follows={follows} onFollow={setFollows} goal={goal} marked={at} />
        ) : (
          <Loading what="Reading the logs of all servers." />
        )}
      </Panel>
    </div>
  );
}

/** Loads what was written around a moment, once for each, and goes there. */
function useAround(
  screen: LogScreen,
  at: number | null,
  started: boolean,
  onLoaded: (row: number) => void,
): LogPage | null {
  const [around, setAround] = useState<{ readonly at: number; readonly page: LogPage } | null>(null);
  const latest = useRef(onLoaded);
  useEffect(() => {
    latest.current = onLoaded;
  });
  useEffect(() => {
    if (at === null || !started) return;
    let current = true;
    void screen.loadAround(at, AROUND).then((page) => {
      if (!current || page === null) return;
      setAround({ at, page });
      latest.current(screen.rowAt(at));
    });
    return () => {
      current = false;
    };
  }, [screen, at, started]);
  return around !== null && around.at === at ? around.page : null;
}

function ServerNotices({ servers }: { readonly servers: readonly LogServer[] }) {
  const silent = servers.filter((server) => server.status === 'cut_off' || server.status === 'refused');
  const notices = servers.flatMap((server) => (server.notice === null ? [] : [server.notice]));
  return (
    <>
      {silent.map((server) => (
        <Notice key={server.serverId} tone="warn">
          <span className="m-strong">The logs of {printable(server.member)} are not read now.</span>{' '}
          {server.error === null ? '' : printable(server.error.message)}{' '}
          {server.status === 'refused' ? (server.error?.hint ?? '') : 'It is tried again; what is shown of it is old.'}
        </Notice>
      ))}
      {notices.map((notice) => (
        <Notice key={notice} tone="info">
          {printable(notice)}
        </Notice>
      ))}
    </>
  );
}

/** Events that one may want to see the logs of; the newest ones. */
const MOST_JUMPS = 60;

function PanelTools(props: {
  readonly screen: LogScreen;
  readonly clusterId: string;
  readonly events: readonly ClusterEvent[];
  readonly at: number | null;
}) {
  const { screen, clusterId, events, at } = props;
  const [said, setSaid] = useState('');
  const text = () => asText(screen.shown());
  const copy = async () => setSaid((await copyText(text())) ? 'Copied' : 'Not copied');
  return (
    <div className="m-row">
      <Button
        size="small"
        text="Why did it fail over?"
        onClick={() => goTo({ page: 'cluster', clusterId, tab: 'logs', at: 'last-change' })}
        title="The last change of the leader, with the lines that tell why"
      />
      <HTMLSelect
        aria-label="Jump to an event of the recorder"
        value={at === null ? '' : String(at)}
        onChange={({ currentTarget: { value } }) =>
          goTo({ page: 'cluster', clusterId, tab: 'logs', ...(value === '' ? {} : { at: Number(value) }) })
        }
      >
        <option value="">Jump to an event</option>
        {at === null || events.some((event) => event.at === at) ? null : (
          <option value={String(at)}>{formatDateTime(at)}</option>
        )}
        {events
          .slice(-MOST_JUMPS)
          .reverse()
          .map((event) => (
            <option key={event.id} value={String(event.at)}>
              {`${formatDateTime(event.at)} ${printable(event.sentence).slice(0, 80)}`}
            </option>
          ))}
      </HTMLSelect>
      <Button
        size="small"
        text={said === '' ? 'Copy' : said}
        onClick={() => void copy()}
        title="Copy all shown lines"
      />
      <Button
        size="small"
        text="Save as text"
        onClick={() => downloadText(`logs-${clusterId}.txt`, text())}
        title="Save all shown lines"
      />
    </div>
  );
}

function asText(records: readonly LogRecord[]): string {
  return records.map((record) => `${logLineText(record)}\n`).join('');
}
