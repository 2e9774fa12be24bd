import { useEffect, useRef, useState } from 'react';
import type { AppErrorData } from '../../../../shared/model/app-error';
import type { StatementPage } from '../../../../shared/model/postgres/statement';
import { errorDataOf } from '../../../rpc/errors';
import { usePage } from '../../../rpc/hooks';
import type { Page } from '../../../rpc/page';

/** Where a statement runs, and how long and how much. */
export interface RunPlace {
  readonly clusterId: string;
  readonly member: string;
  readonly database: string;
  readonly timeoutMs: number;
  readonly limit: number;
}

/** The rows that were read so far, with what they are the rows of. */
export interface StatementResult {
  readonly place: RunPlace;
  readonly statement: string;
  readonly explain: boolean;
  readonly page: StatementPage;
}

/** The runs of one editor: one at a time, which can be cancelled. */
export interface Runs {
  readonly busy: boolean;
  readonly error: AppErrorData | null;
  readonly result: StatementResult | null;
  readonly start: (statement: string, explain: boolean) => void;
  /** The rows after those that are there. */
  readonly more: () => void;
  readonly cancel: () => void;
}

/** A run that has not ended, and where it is. */
interface Running {
  readonly clusterId: string;
  readonly member: string;
  readonly runId: string;
}

/** Runs statements that only read. One that still runs when the view is left, or shows another member, is cancelled. */
export function useStatementRun(place: RunPlace): Runs {
  const page = usePage();
  const running = useRef<Running | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AppErrorData | null>(null);
  const [result, setResult] = useState<StatementResult | null>(null);
  const { clusterId, member } = place;

  useEffect(
    () => () => {
      const left = running.current;
      running.current = null;
      setBusy(false);
      if (left !== null) cancelRun(page, left).catch(() => undefined);
    },
    [page, clusterId, member],
  );
  const ask = async (
    at: RunPlace,
    statement: string,
    explain: boolean,
    before: StatementResult | null,
  ): Promise<void> => {
    const runId = crypto.randomUUID();
    const run = { clusterId: at.clusterId, member: at.member, runId };
    running.current = run;
    setBusy(true);
    setError(null);
    const skip = before?.page.rows.length ?? 0;
    try {
      const answer = await page.call((client) => client.postgres.run({ ...at, statement, explain, skip, runId }));
      if (running.current !== run) return;
      const rows = [...(before?.page.rows ?? []), ...answer.rows];
      setResult({ place: at, statement, explain, page: { ...answer, rows } });
    } catch (thrown) {
      if (running.current !== run) return;
      setError(errorDataOf(thrown));
      if (before === null) setResult(null);
    } finally {
      if (running.current === run) {
        running.current = null;
        setBusy(false);
      }
    }
  };
  return {
    busy,
    error,
    result,
    start: (statement, explain) => void ask(place, statement, explain, null),
    more: () => {
      if (result !== null) void ask(result.place, result.statement, result.explain, result);
    },
    cancel: () => {
      if (running.current !== null)
        cancelRun(page, running.current).catch((thrown: unknown) => setError(errorDataOf(thrown)));
    },
  };
}

function cancelRun(page: Page, run: Running): Promise<null> {
  return page.call((client) => client.postgres.cancelRun(run));
}
