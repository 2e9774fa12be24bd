import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusterEvent, TimelineChange } from '../../../../shared/model/cluster/cluster-state';
import type { LogPage } from '../../../../shared/model/logs/log-record';
import { describeFailover } from '../../../../shared/rules/logs/failover-account';
import type { AccountSentence, FailoverCause } from '../../../../shared/rules/logs/failover-evidence';
import { CopyButton } from '../../../ui/command';
import { ToneIcon } from '../../../ui/mark';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { plural } from '../../../ui/wording/format';
import { formatLogTime, logLineText } from './log-words';

const causeWords: Readonly<Record<FailoverCause, string>> = {
  manual: 'asked for',
  out_of_memory: 'out of memory',
  disk_full: 'disk full',
  killed: 'Patroni killed',
  postgres_crash: 'PostgreSQL crashed',
  stopped: 'Patroni stopped',
  dcs_lost: 'DCS out of reach',
  cut_off: 'standstill or partition',
  power_cut: 'power or network lost',
  unknown: 'cause not known',
};

const leaderKinds: readonly ClusterEvent['kind'][] = ['leader_lost', 'leader_elected', 'promoted', 'primary_gap'];
const NEAR_MS = 90_000;

/** When the leader last changed, as the recorder or Patroni's history has it, ms since the epoch; null where neither knows. */
export function lastChangeOf(events: readonly ClusterEvent[], history: readonly TimelineChange[]): number | null {
  const recorded = events.filter((event) => leaderKinds.includes(event.kind)).map((event) => event.at);
  const rows = history.flatMap((row) => row.at ?? []);
  const last = Math.max(...recorded, ...rows);
  return Number.isFinite(last) ? last : null;
}

/** The account of a change of the leader near a moment; nothing where the leader did not change then. */
export function FailoverPanel(props: {
  readonly at: number;
  readonly page: LogPage;
  readonly events: readonly ClusterEvent[];
  readonly history: readonly TimelineChange[];
  readonly onGo: (time: number) => void;
}) {
  const { at, page, events, history, onGo } = props;
  const isNear = (time: number | null) => time !== null && Math.abs(time - at) <= NEAR_MS;
  const hasChanged =
    events.some((event) => leaderKinds.includes(event.kind) && isNear(event.at)) ||
    history.some((row) => isNear(row.at));
  if (!hasChanged) return null;
  const account = describeFailover({ at, records: page.records, gaps: page.gaps, events, history });
  const text = account.sentences.map(sentenceText).join('\n');
  return (
    <Panel
      title="Why did it fail over?"
      note={`${printable(account.from ?? 'unknown')} to ${printable(account.to ?? 'unknown')}: ${causeWords[account.cause]}`}
      tools={<CopyButton text={text} label="Copy this account" />}
    >
      <ol className="m-account">
        {account.sentences.map((sentence, index) => (
          <Sentence key={index} sentence={sentence} onGo={onGo} />
        ))}
      </ol>
    </Panel>
  );
}

function Sentence({ sentence, onGo }: { readonly sentence: AccountSentence; readonly onGo: (time: number) => void }) {
  const [open, setOpen] = useState(false);
  const count = sentence.lines.length + sentence.events.length;
  return (
    <li>
      <span className="m-row m-row-wrap">
        <span className={`m-tone-${sentence.missing ? 'warn' : 'info'}`}>
          <ToneIcon tone={sentence.missing ? 'warn' : 'info'} size={12} />
        </span>
        <span className="m-wrap">{printable(sentence.text)}</span>
        {count === 0 ? null : (
          <Button
            size="small"
            variant="minimal"
            aria-expanded={open}
            text={open ? 'Hide' : plural(count, 'line')}
            onClick={() => setOpen(!open)}
          />
        )}
      </span>
      {open ? (
        <ul className="m-account-lines">
          {sentence.lines.map((line) => (
            <li key={line.id}>
              <Button
                size="small"
                variant="minimal"
                text={formatLogTime(line.at)}
                aria-label={`Show the line of ${formatLogTime(line.at)} in the list`}
                onClick={() => onGo(line.at)}
              />
              <span className="m-mono m-wrap">
                {printable(line.member)}: {printable(line.text.split('\n')[0] ?? '')}
              </span>
            </li>
          ))}
          {sentence.events.map((event) => (
            <li key={event.id}>
              <Button size="small" variant="minimal" text={formatLogTime(event.at)} onClick={() => onGo(event.at)} />
              <span className="m-wrap">Recorder: {printable(event.sentence)}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </li>
  );
}

function sentenceText(sentence: AccountSentence): string {
  return [
    `- ${sentence.text}`,
    ...sentence.lines.map((line) => `    ${logLineText(line)}`),
    ...sentence.events.map((event) => `    ${new Date(event.at).toISOString()} recorder: ${event.sentence}`),
  ].join('\n');
}
