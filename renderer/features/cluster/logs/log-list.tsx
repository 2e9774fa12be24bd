import { Button } from '@blueprintjs/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { LogRecord } from '../../../../shared/model/logs/log-record';
import { CopyButton } from '../../../ui/command';
import { ToneIcon } from '../../../ui/mark';
import { printable } from '../../../ui/text';
import { useRows } from '../../../ui/virtual';
import { formatDateTime } from '../../../ui/wording/format';
import { spanInWords } from '../../../../shared/rules/words/wording';
import type { LogHole, LogRow, LogScreen } from './log-screen';
import type { TimeColumn } from './log-tools';
import { formatLogTime, levelTones, logLineText, logServiceWords } from './log-words';

const ROW_PX = 22;
/** Nearer to the end than this counts as being there, px. */
const END_PX = 30;

/** The lines, of which only those near the screen are in the document. */
export function LogList(props: {
  readonly screen: LogScreen;
  readonly times: TimeColumn;
  readonly follows: boolean;
  readonly onFollow: (follows: boolean) => void;
  /** The row to go to; `turn` grows with each time. */
  readonly goal: { readonly row: number; readonly turn: number } | null;
  /** A moment to mark, ms since the epoch. */
  readonly marked: number | null;
}) {
  const { screen, follows, goal, onFollow } = props;
  const { rows } = useStore(screen.store);
  const [open, setOpen] = useState<string | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRows({ count: rows.length, scroller, rowHeight: ROW_PX, overscan: 20 });
  const latest = useRef(list);
  useEffect(() => {
    latest.current = list;
  });
  useEffect(() => {
    if (follows && rows.length > 0) latest.current.scrollToIndex(rows.length - 1, { align: 'end' });
  }, [follows, rows]);
  useEffect(() => {
    if (goal !== null) latest.current.scrollToIndex(goal.row, { align: 'center' });
  }, [goal]);
  const look = (up: boolean) => {
    const box = scroller.current;
    if (box === null) return;
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < END_PX;
    if (up && follows && !isAtEnd) onFollow(false);
    if (!up && !follows && isAtEnd) onFollow(true);
  };
  if (rows.length === 0) return <p className="m-panel-body m-muted">No lines match, or none was written yet.</p>;
  return (
    <div
      className={`m-log-list m-log-times-${props.times}`}
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label="Lines of all logs, oldest first"
      onWheel={(event) => look(event.deltaY < 0)}
      onKeyUp={(event) => look(['ArrowUp', 'PageUp', 'Home'].includes(event.key))}
      onPointerUp={() => look(true)}
    >
      <div className="m-log-rows" style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return row === undefined ? null : (
            <div
              key={item.key}
              data-index={item.index}
              ref={list.measureElement}
              className={item.index === goal?.row ? 'm-log-row m-log-here' : 'm-log-row'}
              style={{ transform: `translateY(${String(item.start)}px)` }}
            >
              <Row row={row} screen={screen} times={props.times} open={open} onOpen={setOpen} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Row(props: {
  readonly row: LogRow;
  readonly screen: LogScreen;
  readonly times: TimeColumn;
  readonly open: string | null;
  readonly onOpen: (id: string | null) => void;
}) {
  const { row, screen } = props;
  switch (row.kind) {
    case 'gap':
      return (
        <div className={`m-log-gap m-log-gap-${row.gap.state}`} data-testid="log-gap">
          <span className="m-mono">{formatLogTime(row.gap.from)}</span>
          <ToneIcon tone={row.gap.state === 'filled' ? 'old' : 'warn'} size={12} />
          <span>{printable(row.gap.sentence)}</span>
          {row.gap.to === null || row.gap.to === row.gap.from ? null : (
            <span>({spanInWords(row.gap.to - row.gap.from)})</span>
          )}
        </div>
      );
    case 'hole':
      return <HoleRow hole={row.hole} screen={screen} />;
    case 'record':
      return <RecordRow {...props} record={row.record} />;
  }
}

function HoleRow({ hole, screen }: { readonly hole: LogHole; readonly screen: LogScreen }) {
  const { loading } = useStore(screen.store);
  return (
    <div className="m-log-hole">
      <Button
        size="small"
        loading={loading}
        text={hole.from === null ? 'Load older lines' : 'Load the lines between'}
        onClick={() => void screen.fill(hole)}
      />
      <span className="m-small m-muted">
        {hole.from === null ? 'before' : `${formatDateTime(hole.from)} to`} {formatDateTime(hole.to)}
      </span>
    </div>
  );
}

function RecordRow(props: {
  readonly record: LogRecord;
  readonly screen: LogScreen;
  readonly times: TimeColumn;
  readonly open: string | null;
  readonly onOpen: (id: string | null) => void;
}) {
  const { record, screen, times } = props;
  const isOpen = props.open === record.id;
  const tone = levelTones[record.level];
  const lines = record.text.split('\n');
  return (
    <>
      <div className={`m-log-line m-log-${record.level}`} onClick={() => props.onOpen(isOpen ? null : record.id)}>
        {times === 'server' ? null : <Time at={record.at} />}
        {times === 'corrected' ? null : <Time at={record.serverAt} />}
        <bdi className="m-clip m-log-member">{printable(record.member)}</bdi>
        <span className="m-clip m-muted">{logServiceWords[record.service]}</span>
        <span className={`m-log-level m-tone-${tone}`}>
          <ToneIcon tone={tone} size={11} />
          {record.level}
        </span>
        <span className="m-log-text">
          <Highlighted text={lines[0] ?? ''} hits={screen.hitsIn(record)} />
        </span>
        <Button
          size="small"
          variant="minimal"
          className="m-log-more"
          aria-expanded={isOpen}
          aria-label={`Details of the line of ${printable(record.member)} at ${formatLogTime(record.at)}`}
          text={lines.length > 1 ? `+${String(lines.length - 1)}` : '…'}
        />
      </div>
      {isOpen ? <Details record={record} screen={screen} /> : null}
    </>
  );
}

function Time({ at }: { readonly at: number }) {
  return (
    <time className="m-mono m-muted" dateTime={new Date(at).toISOString()} title={formatDateTime(at)}>
      {formatLogTime(at)}
    </time>
  );
}

function Details({ record, screen }: { readonly record: LogRecord; readonly screen: LogScreen }) {
  const clock = useStore(screen.store, (view) => view.servers.find((one) => one.serverId === record.serverId)?.clock);
  const offset = Math.round(record.serverAt - record.at);
  return (
    <div className="m-log-details">
      <div className="m-row m-row-wrap m-small m-muted">
        <span className="m-mono m-wrap">{printable(record.source)}</span>
        <span>
          {formatDateTime(record.at)}; by its own clock {formatDateTime(record.serverAt)}, which is off by{' '}
          {String(offset)} ms
          {clock === undefined || clock === null ? '' : ` (± ${String(Math.ceil(clock.uncertaintyMs))} ms)`}
        </span>
        <span className="m-grow" />
        <CopyButton text={logLineText(record)} label="Copy this entry" />
      </div>
      <pre className="m-log-whole">
        <Highlighted text={record.text} hits={screen.hitsIn(record)} />
      </pre>
      {record.cutBytes === 0 ? null : (
        <p className="m-small m-muted">Cut: {String(record.cutBytes)} bytes more stand in the log.</p>
      )}
    </div>
  );
}

/** A text with its hits marked. */
function Highlighted(props: { readonly text: string; readonly hits: readonly (readonly [number, number])[] }) {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const [begin, end] of props.hits) {
    if (begin < at || begin >= props.text.length) continue;
    parts.push(props.text.slice(at, begin), <mark key={begin}>{props.text.slice(begin, end)}</mark>);
    at = end;
  }
  return (
    <>
      {parts}
      {props.text.slice(at)}
    </>
  );
}
