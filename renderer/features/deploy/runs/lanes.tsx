import { CircleIcon, DisableIcon } from '@blueprintjs/icons';
import { useEffect, useRef } from 'react';
import type { DeployRun, Lane, LaneStep } from '../../../../shared/model/deploy/deploy-views';
import { ToneIcon } from '../../../ui/mark';
import { printable } from '../../../ui/text';
import { Elapsed } from '../../../ui/time';
import { laneProgress, stepWords } from './run-view';

/** A lane for each server, side by side. */
export function LaneColumns({ run }: { readonly run: DeployRun }) {
  return (
    <div className="d-lanes">
      {run.lanes.map((lane) => (
        <LaneColumn key={lane.server} lane={lane} />
      ))}
    </div>
  );
}

function laneInWords(lane: Lane): string {
  const { ended, total, running, failed } = laneProgress(lane);
  if (failed[0] !== undefined) return `failed: ${failed[0].label}`;
  if (running.length > 0) return running.map((step) => step.label).join(', ');
  return ended === total ? 'all done' : 'waiting for the others';
}

function LaneColumn({ lane }: { readonly lane: Lane }) {
  const { ended, total, failed } = laneProgress(lane);
  const list = useRef<HTMLOListElement>(null);
  const current = lane.steps.findIndex((step) => step.status === 'running' || step.status === 'failed');
  useEffect(() => {
    const box = list.current;
    const row = box?.children[current];
    if (box !== null && row instanceof HTMLElement) box.scrollTop = Math.max(0, row.offsetTop - box.clientHeight / 3);
  }, [current]);
  const sentence = laneInWords(lane);
  return (
    <section className="m-panel d-lane" aria-label={`Server ${lane.server}`}>
      <div className="d-lane-head">
        <div className="m-row m-spread">
          <h3 className="m-clip">{printable(lane.server)}</h3>
          <span className="m-small m-muted m-nowrap">
            {ended} of {total}
          </span>
        </div>
        <div
          className="d-bar"
          role="progressbar"
          aria-label={`Progress of ${lane.server}`}
          aria-valuemin={0}
          aria-valuemax={total}
          aria-valuenow={ended}
        >
          <span
            className={failed.length > 0 ? 'd-bar-failed' : ''}
            style={{ width: `${total === 0 ? 0 : (100 * ended) / total}%` }}
          />
        </div>
        <p className="m-small m-muted m-clip" title={printable(sentence)}>
          {printable(sentence)}
        </p>
      </div>
      <ol ref={list} className="d-lane-steps" tabIndex={0} aria-label={`Steps on ${lane.server}`}>
        {lane.steps.map((step) => (
          <StepLine key={step.id} step={step} />
        ))}
      </ol>
    </section>
  );
}

function StepLine({ step }: { readonly step: LaneStep }) {
  const { word, tone } = stepWords[step.status];
  const notRun = step.status === 'unchanged' || step.status === 'skipped' ? word : '';
  return (
    <li className={`d-lane-step d-lane-${step.status}`} aria-current={step.status === 'running' ? 'step' : undefined}>
      <span className={`m-tone-${tone}`}>
        <StepShape step={step} />
        <span className="m-hidden">{word}: </span>
      </span>
      <span className="m-wrap">
        {printable(step.label)}
        {step.detail === null || (step.status !== 'running' && step.status !== 'todo') ? null : (
          <span className="m-small m-muted"> {printable(step.detail)}</span>
        )}
      </span>
      <span className="m-small m-muted">
        {step.startedAt === null ? notRun : <Elapsed since={step.startedAt} until={step.endedAt} />}
      </span>
    </li>
  );
}

function StepShape({ step }: { readonly step: LaneStep }) {
  if (step.status === 'todo') return <CircleIcon size={12} aria-hidden />;
  if (step.status === 'skipped') return <DisableIcon size={12} aria-hidden />;
  return <ToneIcon tone={stepWords[step.status].tone} size={12} />;
}
