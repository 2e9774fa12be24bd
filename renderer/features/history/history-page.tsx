import { Button, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { DownloadIcon, SearchIcon } from '@blueprintjs/icons';
import { Fragment, useDeferredValue, useState } from 'react';
import { useStore } from 'zustand';
import type { HistoryRow } from '../../../shared/model/operate/job';
import { useAction, useAnswer, usePage } from '../../rpc/hooks';
import { Command } from '../../ui/command';
import { downloadText } from '../../ui/download';
import { formatDateTime, plural } from '../../ui/wording/format';
import { spanInWords } from '../../../shared/rules/words/wording';
import { Answered } from '../../ui/answered';
import { Mark } from '../../ui/mark';
import { ErrorNotice } from '../../ui/notice';
import { Empty, Panel } from '../../ui/panel';
import { TableHead } from '../../ui/table-head';
import { Name, printable } from '../../ui/text';
import { jobKindWords, jobWords } from '../../ui/wording/words';
import { ChainNote } from './chain-note';
import { filterHistory } from './filter';
import { clusterName } from '../../../shared/rules/citus/citus-names';

const MOST = 2000;

/** Everything that was done from here: when, who, what, how it ended. */
export default function HistoryPage() {
  const page = usePage();
  const clusters = useStore(page.fleet, (fleet) => fleet.clusters);
  const ended = useStore(page.jobs, (view) => view.jobs.filter((job) => job.endedAt !== null).length);
  const [clusterId, setClusterId] = useState('');
  const [words, setWords] = useState('');
  const asked = useDeferredValue(words);
  const history = useAnswer(`${clusterId} ${ended}`, (client) =>
    client.history.list({ clusterId: clusterId === '' ? null : clusterId, limit: MOST }),
  );
  const save = useAction(async (format: 'csv' | 'json') => {
    const file = await page.call((client) => client.history.export({ format }));
    downloadText(file.fileName, file.text);
  });
  const rows = filterHistory(history.value ?? [], asked);
  return (
    <div className="m-page">
      <div className="m-page-head">
        <h1>History</h1>
        <div className="m-tools">
          <InputGroup
            type="search"
            leftIcon={<SearchIcon />}
            placeholder="Search"
            aria-label="Search the history"
            value={words}
            onValueChange={setWords}
          />
          <HTMLSelect
            aria-label="Cluster"
            value={clusterId}
            onChange={(event) => setClusterId(event.currentTarget.value)}
          >
            <option value="">All clusters</option>
            {clusters.map((cluster) => (
              <option key={cluster.clusterId} value={cluster.clusterId}>
                {clusterName(cluster)}
              </option>
            ))}
          </HTMLSelect>
          <Button
            icon={<DownloadIcon />}
            text="CSV"
            aria-label="Save the history as CSV"
            loading={save.busy}
            onClick={() => void save.run('csv')}
          />
          <Button
            icon={<DownloadIcon />}
            text="JSON"
            aria-label="Save the history as JSON"
            loading={save.busy}
            onClick={() => void save.run('json')}
          />
        </div>
      </div>
      {save.error === null ? null : <ErrorNotice error={save.error} />}
      <Answered answer={history} what="Reading the history." show={(all) => <Rows rows={rows} all={all.length} />} />
      <ChainNote ended={ended} />
    </div>
  );
}

function Rows({ rows, all }: { readonly rows: readonly HistoryRow[]; readonly all: number }) {
  const [open, setOpen] = useState<string | null>(null);
  if (rows.length === 0)
    return (
      <Panel title="Actions from this computer">
        <Empty title={all === 0 ? 'No actions yet' : 'No results'}>
          <p>
            {all === 0
              ? 'Every action and its result is recorded here, on this computer.'
              : 'Try another search, or all clusters.'}
          </p>
        </Empty>
      </Panel>
    );
  return (
    <Panel title="Actions from this computer" note={plural(rows.length, 'entry', 'entries')} flush>
      <table className="m-table m-table-fixed">
        <colgroup>
          <col style={{ width: 176 }} />
          <col style={{ width: '15%' }} />
          <col style={{ width: '15%' }} />
          <col style={{ width: '15%' }} />
          <col />
          <col style={{ width: 84 }} />
        </colgroup>
        <TableHead columns={['When', 'Cluster', 'What', 'Status', 'Result']} unseen="Details" />
        <tbody>
          {rows.map((row) => (
            <Fragment key={row.id}>
              <tr>
                <td className="m-nowrap">{formatDateTime(row.at)}</td>
                <td>
                  <span className="m-row">
                    <Name text={row.clusterTitle ?? 'no cluster'} />
                  </span>
                </td>
                <td>
                  {jobKindWords[row.kind]}
                  {row.target === null ? null : (
                    <span className="m-row m-small m-muted">
                      <Name text={row.target} />
                    </span>
                  )}
                </td>
                <td>
                  <Mark tone={jobWords[row.status].tone} word={jobWords[row.status].word} />
                </td>
                <td className="m-wrap">
                  {printable(row.sentence)}
                  {row.withoutPrimaryMs === null || row.sentence.includes('without a primary')
                    ? ''
                    : ` (${spanInWords(row.withoutPrimaryMs)} without a primary)`}
                </td>
                <td>
                  <Button
                    size="small"
                    text={open === row.id ? 'Less' : 'More'}
                    aria-expanded={open === row.id}
                    onClick={() => setOpen(open === row.id ? null : row.id)}
                  />
                </td>
              </tr>
              {open === row.id ? (
                <tr>
                  <td colSpan={6}>
                    <Details row={row} />
                  </td>
                </tr>
              ) : null}
            </Fragment>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Details({ row }: { readonly row: HistoryRow }) {
  return (
    <div className="m-stack">
      {row.error === null ? null : <ErrorNotice error={row.error} />}
      <dl className="m-facts">
        <dt>Started by</dt>
        <dd>{printable(row.who)}</dd>
        {row.seal === undefined ? null : (
          <>
            <dt>Number</dt>
            <dd>{row.seal.number}</dd>
          </>
        )}
        <dt>Took</dt>
        <dd>{row.endedAt === null ? 'not known' : spanInWords(row.endedAt - row.at)}</dd>
        {row.answers.length === 0 ? null : (
          <>
            <dt>Responses</dt>
            <dd className="m-mono m-wrap">
              {row.answers.map((answer, index) => (
                <div key={index}>{printable(answer)}</div>
              ))}
            </dd>
          </>
        )}
      </dl>
      {row.command === null ? null : <Command text={row.command} />}
    </div>
  );
}
