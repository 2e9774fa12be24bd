import { Button, HTMLSelect, TextArea } from '@blueprintjs/core';
import { useState, type KeyboardEvent } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { clusterName } from '../../../../shared/rules/citus/citus-names';
import { judgeStatement, objectionInWords, WRITE_WORDS } from '../../../../shared/rules/postgres/judge-statement';
import { useOpen } from '../../../navigation/overlays';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { Mark } from '../../../ui/mark';
import { ErrorNotice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { ReasonButton } from '../../../ui/reason-button';
import { printable } from '../../../ui/text';
import { TypedName, whyNotTyped } from '../../../ui/typed-name';
import { DatabaseChoice } from './database-choice';
import { ResultPanel } from './result-panel';
import { useStatementRun, type RunPlace } from './use-statement-run';
import { useWriteRequest, type WriteRequest } from './use-write-request';

const timeouts = [10, 30, 120, 600] as const;
const limits = [100, 500, 2_000] as const;

/** One statement at a time, in a read-only transaction; what writes takes typing, and is a job in the history. */
export function QueryView({ state, member }: { readonly state: ClusterState; readonly member: string }) {
  const { clusterId } = state;
  const databases = useAnswer(`databases ${clusterId} ${member}`, (client) =>
    client.postgres.storage({ clusterId, member }),
  );
  const names = (databases.value?.databases ?? []).filter(({ open }) => open).map(({ name }) => name);
  const [database, setDatabase] = useState('postgres');
  const [statement, setStatement] = useState('');
  const [seconds, setSeconds] = useState<number>(30);
  const [limit, setLimit] = useState<number>(100);
  const [writing, setWriting] = useState(false);
  const place: RunPlace = { clusterId, member, database, timeoutMs: seconds * 1000, limit };
  const run = useStatementRun(place);
  const request = useWriteRequest(place, statement);
  const objection = judgeStatement(statement, writing ? 'write' : 'read');
  const why = objection === null ? null : objectionInWords(objection);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || why !== null || writing || run.busy) return;
    event.preventDefault();
    run.start(statement, false);
  };
  return (
    <>
      <Panel
        title="Statement"
        note={<AccessNote writing={writing} />}
        tools={<DatabaseChoice names={names} database={database} onDatabase={setDatabase} />}
      >
        <div className="m-stack">
          <TextArea
            className="m-mono m-sql-editor"
            aria-label="Statement"
            placeholder="SELECT ..."
            value={statement}
            rows={6}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setStatement(event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
          <div className="m-row m-row-wrap">
            {writing ? null : (
              <>
                <ReasonButton
                  intent="primary"
                  text="Run"
                  title="Ctrl Enter"
                  loading={run.busy}
                  why={why}
                  onClick={() => run.start(statement, false)}
                />
                <ReasonButton text="Explain" why={why} disabled={run.busy} onClick={() => run.start(statement, true)} />
                {run.busy ? <Button text="Cancel the statement" onClick={run.cancel} /> : null}
              </>
            )}
            <NumberChoice
              label="Limit of time"
              value={seconds}
              options={timeouts.map((value) => [value, `${value} s`])}
              onValue={setSeconds}
            />
            {writing ? null : (
              <NumberChoice
                label="Rows at once"
                value={limit}
                options={limits.map((value) => [value, `${value} rows`])}
                onValue={setLimit}
              />
            )}
            <span className="m-grow" />
            <ReasonButton
              text={writing ? 'Read only again' : 'Read and write'}
              why={state.readOnly ? 'This cluster is set to read-only in this app.' : null}
              onClick={() => setWriting(!writing)}
            />
          </div>
          {writing ? <WriteForm state={state} place={place} statement={statement} request={request} why={why} /> : null}
        </div>
      </Panel>
      {run.error === null || writing ? null : <ErrorNotice error={run.error} />}
      {run.result === null || writing ? null : <ResultPanel result={run.result} busy={run.busy} onMore={run.more} />}
    </>
  );
}

function AccessNote({ writing }: { readonly writing: boolean }) {
  return writing ? (
    <Mark tone="warn" word="Read and write: what is run is committed" />
  ) : (
    'in a read-only transaction: PostgreSQL refuses what writes'
  );
}

function NumberChoice(props: {
  readonly label: string;
  readonly value: number;
  readonly options: readonly (readonly [number, string])[];
  readonly onValue: (value: number) => void;
}) {
  return (
    <HTMLSelect
      aria-label={props.label}
      value={props.value}
      onChange={(event) => props.onValue(Number(event.currentTarget.value))}
    >
      {props.options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </HTMLSelect>
  );
}

function WriteForm(props: {
  readonly state: ClusterState;
  readonly place: RunPlace;
  readonly statement: string;
  readonly request: WriteRequest;
  readonly why: string | null;
}) {
  const { state, place, statement, request } = props;
  const page = usePage();
  const open = useOpen();
  const [typed, setTyped] = useState('');
  const wanted = state.production ? clusterName(state) : WRITE_WORDS;
  const write = useAction(async () => {
    const { clusterId, member, database, timeoutMs } = place;
    const job = await page.call((client) =>
      client.postgres.write({ clusterId, member, database, timeoutMs, statement, typed, requestId: request.id }),
    );
    request.renew();
    setTyped('');
    open.jobs(job.id);
  });
  const why = props.why ?? whyNotTyped(wanted, typed);
  return (
    <div className="m-stack">
      {write.error === null ? null : <ErrorNotice error={write.error} />}
      <p>
        The statement runs once on {printable(place.member)} in one transaction, which is committed. It is kept in the
        history with who ran it; passwords in it are not.
      </p>
      <TypedName wanted={wanted} typed={typed} onTyped={setTyped} />
      <div>
        <ReasonButton
          intent="danger"
          text="Run and commit"
          loading={write.busy}
          why={why}
          onClick={() => void write.run()}
        />
      </div>
    </div>
  );
}
