import { Button } from '@blueprintjs/core';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type {
  MemberReplication,
  ReceivedStream,
  ReplicationView,
  SentStream,
} from '../../../../shared/model/postgres/replication';
import { findPostgresTrouble } from '../../../../shared/rules/postgres/find-postgres-trouble';
import { pairReplication, type ReplicationPair } from '../../../../shared/rules/postgres/pair-replication';
import { Answered } from '../../../ui/answered';
import { Copyable } from '../../../ui/copyable';
import { Mark } from '../../../ui/mark';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { Name, printable } from '../../../ui/text';
import { Ago } from '../../../ui/time';
import { spanInWords } from '../../../../shared/rules/words/wording';
import { formatBytes } from '../../../ui/wording/format';
import type { Tone } from '../../../ui/wording/words';
import { SlotPanel } from './slot-panel';
import { ServerPanel } from './server-panel';
import { usePolled } from './use-polled';

const tones = { critical: 'crit', warning: 'warn', info: 'info' } as const;

/** Replication from both ends, the slots, and the archiver of each member. */
export function ReplicationPanels({ state }: { readonly state: ClusterState }) {
  const { clusterId } = state;
  const answer = usePolled(`replication ${clusterId}`, false, (client) => client.postgres.replication({ clusterId }));
  const again = <Button size="small" text="Ask again" loading={answer.loading} onClick={answer.reload} />;
  return (
    <Answered
      answer={answer}
      what="Asking PostgreSQL on every member."
      tools={again}
      show={(view) => (
        <>
          <Troubles view={view} />
          <Unknown members={view.members} />
          <Streams view={view} />
          <SlotPanel view={view} />
          <ServerPanel view={view} />
        </>
      )}
    />
  );
}

function Troubles({ view }: { readonly view: ReplicationView }) {
  return findPostgresTrouble(view).map(({ code, severity, sentence, evidence, advice }) => (
    <Notice key={code + sentence} tone={tones[severity]}>
      <div className="m-strong">{printable(sentence)}</div>
      <div>{printable(advice)}</div>
      <div className="m-small m-muted">{printable(evidence)}</div>
    </Notice>
  ));
}

function Unknown({ members }: { readonly members: readonly MemberReplication[] }) {
  return members.flatMap((one) => (one.kind === 'unknown' ? [<ErrorNotice key={one.member} error={one.error} />] : []));
}

function Streams({ view }: { readonly view: ReplicationView }) {
  const pairs = pairReplication(view);
  return (
    <Panel
      title="Replication"
      note={
        <>
          from both ends, asked <Ago at={view.asOf} />
        </>
      }
      flush
    >
      {pairs.length === 0 ? (
        <p className="m-panel-body m-muted">No member that answers sends or receives WAL.</p>
      ) : (
        <div className="m-sql-scroll" tabIndex={0} role="region" aria-label="Table of the replication">
          <table className="m-table m-table-dense" aria-label="Replication">
            <thead>
              <tr>
                <th>From</th>
                <th>To</th>
                <th>The sender says</th>
                <th className="m-num">Sent</th>
                <th className="m-num">Written</th>
                <th className="m-num">Flushed</th>
                <th className="m-num">Replayed</th>
                <th>The receiver says</th>
              </tr>
            </thead>
            <tbody>
              {pairs.map((pair) => (
                <PairRow key={keyOf(pair)} pair={pair} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

const keyOf = ({ from, to, sent }: ReplicationPair): string => JSON.stringify([from, to, sent?.pid]);

function PairRow({ pair }: { readonly pair: ReplicationPair }) {
  const { from, to, sent } = pair;
  const name = to ?? sent?.application ?? null;
  return (
    <tr data-testid={`stream-${name ?? ''}`}>
      <td>{from === null ? <Nobody pair={pair} /> : <Name text={from} strong />}</td>
      <td>
        {name === null ? <span className="m-muted">not told</span> : <Name text={name} strong />}
        {to === null && name !== null ? <div className="m-small m-muted">no member</div> : null}
        {sent?.address == null ? null : (
          <div className="m-small m-muted">
            <Copyable text={sent.address} what="the address" />
          </div>
        )}
      </td>
      {sent === null ? <NotSent /> : <Sent sent={sent} />}
      <td>
        <Received received={pair.received} />
        {pair.disagreement === null ? null : (
          <div className="m-small m-wrap">
            <Mark tone="warn" word="Disagrees" /> {printable(pair.disagreement)}
          </div>
        )}
      </td>
    </tr>
  );
}

function Nobody({ pair: { received, disagreement } }: { readonly pair: ReplicationPair }) {
  const isTold = received === null || disagreement !== null;
  return <span className="m-muted">{isTold ? 'nobody here' : 'not told'}</span>;
}

function NotSent() {
  return (
    <td colSpan={5} className="m-muted">
      –
    </td>
  );
}

function streamTone(state: string | null): Tone {
  if (state === null) return 'unknown';
  return state === 'streaming' ? 'good' : 'busy';
}

function Sent({ sent }: { readonly sent: SentStream }) {
  return (
    <>
      <td>
        <Mark tone={streamTone(sent.state)} word={printable(sent.state ?? 'not told')} />
        <div className="m-small m-muted">
          {printable(sent.syncState ?? '')}
          {sent.slot === null ? ', no slot' : `, slot ${printable(sent.slot)}`}
        </div>
      </td>
      <Behind bytes={sent.sent} ms={null} />
      <Behind bytes={sent.write} ms={sent.writeMs} />
      <Behind bytes={sent.flush} ms={sent.flushMs} />
      <Behind bytes={sent.replay} ms={sent.replayMs} />
    </>
  );
}

function Behind({ bytes, ms }: { readonly bytes: number | null; readonly ms: number | null }) {
  if (bytes === null) return <td className="m-num m-muted">–</td>;
  return (
    <td className="m-num">
      {bytes <= 0 ? 'level' : `${formatBytes(bytes)} behind`}
      {ms === null ? null : <div className="m-small m-muted">{ms < 1_000 ? `${ms} ms` : spanInWords(ms)}</div>}
    </td>
  );
}

function Received({ received }: { readonly received: ReceivedStream | null }) {
  if (received === null) return <span className="m-muted">–</span>;
  return (
    <>
      <Mark tone={streamTone(received.status)} word={printable(received.status ?? 'not told')} />
      <div className="m-small m-muted">
        from{' '}
        {received.senderHost === null ? (
          'a server that is not told'
        ) : (
          <Copyable text={received.senderHost} what="the address" />
        )}
        {received.slot === null ? '' : `, slot ${printable(received.slot)}`}
        {received.timeline === null ? '' : `, timeline ${received.timeline}`}
      </div>
    </>
  );
}
