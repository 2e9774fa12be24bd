import { HTMLSelect } from '@blueprintjs/core';
import { useEffect, useRef, useState } from 'react';
import type { DeployRun, LaneLine } from '../../../../shared/model/deploy/deploy-views';
import { formatClock } from '../../../ui/wording/format';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { mergedLog } from './run-view';

const NEAR_END_PX = 40;
const tones: Readonly<Record<LaneLine['level'], string>> = { info: '', command: 'm-strong', error: 'm-tone-crit' };

/** The log of all servers as it grows. It follows the end until somebody scrolls up. */
export function RunLog({ run }: { readonly run: DeployRun }) {
  const [server, setServer] = useState('');
  const box = useRef<HTMLOListElement>(null);
  const follow = useRef(true);
  const lines = mergedLog(run, server === '' ? null : server);
  const last = lines.at(-1);
  useEffect(() => {
    if (box.current !== null && follow.current) box.current.scrollTop = box.current.scrollHeight;
  }, [last]);
  const top = useRef(0);
  // Only a move upwards leaves the end: the list may have grown since the page itself moved it down.
  const scrolled = () => {
    const list = box.current;
    if (list === null) return;
    if (list.scrollTop < top.current) follow.current = false;
    if (list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX) follow.current = true;
    top.current = list.scrollTop;
  };
  const choice = (
    <HTMLSelect aria-label="Log of" value={server} onChange={(event) => setServer(event.currentTarget.value)}>
      <option value="">All servers</option>
      {run.lanes.map((lane) => (
        <option key={lane.server} value={lane.server}>
          {lane.server}
        </option>
      ))}
    </HTMLSelect>
  );
  return (
    <Panel title="Log" flush tools={choice}>
      {lines.length === 0 ? (
        <p className="m-muted d-pad">No output yet.</p>
      ) : (
        <ol ref={box} className="d-log" aria-label="Log" tabIndex={0} onScroll={scrolled}>
          {lines.map((line, index) => (
            <li key={index}>
              <span className="m-muted">{formatClock(line.at, true)}</span>
              <span className="m-muted m-clip">{printable(line.server)}</span>
              <span className={`m-wrap ${tones[line.level]}`}>
                {line.level === 'command' ? '$ ' : ''}
                {printable(line.text)}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
