import { Button } from '@blueprintjs/core';
import { CircleIcon, DisableIcon, ErrorIcon, RefreshIcon, TickCircleIcon } from '@blueprintjs/icons';
import { useEffect, useRef } from 'react';
import type { Job, JobLine, JobPhase } from '../../shared/model/operate/job';
import { useAction, usePage } from '../rpc/hooks';
import { isUnderWay } from '../rpc/live/jobs';
import { Command } from '../ui/command';
import { formatClock, formatDateTime } from '../ui/wording/format';
import { spanInWords } from '../../shared/rules/words/wording';
import { Mark } from '../ui/mark';
import { ErrorNotice } from '../ui/notice';
import { printable } from '../ui/text';
import { Elapsed } from '../ui/time';
import { jobWords } from '../ui/wording/words';

/** One job: its status, each phase with its time, what it measured, its log. */
export function JobPanel({ job }: { readonly job: Job }) {
  const page = usePage();
  const cancel = useAction(() => page.call((client) => client.jobs.cancel({ id: job.id })));
  const { word, tone } = jobWords[job.status];
  return (
    <div className="m-job">
      <div className="m-row m-spread" role="status" data-testid="job-status">
        <Mark tone={tone} word={word} />
        <span className="m-small m-muted" title={formatDateTime(job.startedAt)}>
          {isUnderWay(job.status) ? (
            <>
              for <Elapsed since={job.startedAt} />
            </>
          ) : (
            <>
              took <Elapsed since={job.startedAt} until={job.endedAt} />
            </>
          )}
        </span>
      </div>
      <Result job={job} />
      {job.error === null ? null : <ErrorNotice error={job.error} />}
      <ol className="m-phases" aria-label="Phases">
        {job.phases.map((phase) => (
          <Phase key={phase.id} phase={phase} />
        ))}
      </ol>
      {isUnderWay(job.status) && job.cancellable ? (
        <div>
          <Button size="small" text="Stop this job" loading={cancel.busy} onClick={() => void cancel.run()} />
        </div>
      ) : null}
      {cancel.error === null ? null : <ErrorNotice error={cancel.error} />}
      {job.lines.length === 0 ? null : <Log lines={job.lines} follow={isUnderWay(job.status)} />}
      {job.command === null ? null : (
        <div className="m-stack-tight">
          <h3>Equivalent command</h3>
          <Command text={job.command} />
        </div>
      )}
      <p className="m-small m-muted m-wrap">
        Started by {printable(job.startedBy)} at {formatDateTime(job.startedAt)}.
        {job.confirmation === null ? '' : ` ${printable(job.confirmation)}`}
      </p>
    </div>
  );
}

function Result({ job }: { readonly job: Job }) {
  if (job.result === null) return null;
  return (
    <div className="m-stack-tight" data-testid="job-result">
      <p className="m-strong m-wrap">{printable(job.result.sentence)}</p>
      {job.result.withoutPrimaryMs === null ? null : (
        <p>
          <span className="m-figure">{spanInWords(job.result.withoutPrimaryMs)}</span>{' '}
          <span className="m-muted">without a primary</span>
        </p>
      )}
    </div>
  );
}

const phaseWords: Readonly<Record<JobPhase['status'], string>> = {
  todo: 'To do',
  active: 'Now',
  done: 'Done',
  failed: 'Failed',
  skipped: 'Skipped',
};

function PhaseIcon({ status }: { readonly status: JobPhase['status'] }) {
  switch (status) {
    case 'todo':
      return <CircleIcon size={13} className="m-tone-unknown" aria-hidden />;
    case 'active':
      return <RefreshIcon size={13} className="m-tone-busy" aria-hidden />;
    case 'done':
      return <TickCircleIcon size={13} className="m-tone-good" aria-hidden />;
    case 'failed':
      return <ErrorIcon size={13} className="m-tone-crit" aria-hidden />;
    case 'skipped':
      return <DisableIcon size={13} className="m-tone-unknown" aria-hidden />;
  }
}

function PhaseTime({ phase }: { readonly phase: JobPhase }) {
  if (phase.status === 'skipped') return 'skipped';
  return phase.startedAt === null ? null : <Elapsed since={phase.startedAt} until={phase.endedAt} />;
}

function Phase({ phase }: { readonly phase: JobPhase }) {
  return (
    <li className={`m-phase m-phase-${phase.status}`} aria-current={phase.status === 'active' ? 'step' : undefined}>
      <span>
        <PhaseIcon status={phase.status} />
        <span className="m-hidden">{phaseWords[phase.status]}: </span>
      </span>
      <span className={phase.status === 'active' ? 'm-strong' : ''}>{printable(phase.label)}</span>
      <span className="m-small m-muted">
        <PhaseTime phase={phase} />
      </span>
      {phase.detail === null ? null : <span className="m-phase-detail">{printable(phase.detail)}</span>}
      {phase.progress === null || phase.status !== 'active' ? null : (
        <span
          className="m-progress"
          role="progressbar"
          aria-label={phase.label}
          aria-valuenow={Math.round(phase.progress * 100)}
          aria-valuemin={0}
          aria-valuemax={100}
        >
          <span style={{ width: `${phase.progress * 100}%` }} />
        </span>
      )}
    </li>
  );
}

const lineTones: Readonly<Record<JobLine['level'], string>> = {
  info: '',
  good: 'm-tone-good',
  warning: 'm-tone-warn',
  error: 'm-tone-crit',
};

function Log({ lines, follow }: { readonly lines: readonly JobLine[]; readonly follow: boolean }) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (follow) list.current?.scrollTo(0, list.current.scrollHeight);
  }, [lines.length, follow]);
  return (
    <div className="m-stack-tight">
      <h3>Log</h3>
      <ol className="m-log" aria-label="Log" tabIndex={0} ref={list}>
        {lines.map((line, index) => (
          <li key={index}>
            <span className="m-muted">{formatClock(line.at, true)}</span>
            <span className={lineTones[line.level]}>{printable(line.text)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
