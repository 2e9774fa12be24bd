import '../../job-view/job-view.css';
import { Button } from '@blueprintjs/core';
import { ArrowLeftIcon, CrossIcon } from '@blueprintjs/icons';
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import type { Job } from '../../../shared/model/operate/job';
import { useOpen, useOverlays, useOverlayState } from '../../navigation/overlays';
import { usePage } from '../../rpc/hooks';
import { Mark } from '../../ui/mark';
import { Empty } from '../../ui/panel';
import { Name, printable } from '../../ui/text';
import { Ago } from '../../ui/time';
import { jobWords } from '../../ui/wording/words';
import { JobPanel } from '../../job-view/job-panel';

/** The jobs of this session beside the page: a list, or one job followed. The page below stays usable. */
export default function JobsDrawer() {
  const overlays = useOverlays();
  const open = useOpen();
  const jobId = useOverlayState((state) => state.jobs.jobId);
  const view = useStore(usePage().jobs);
  const frame = useRef<HTMLElement>(null);
  const job = view.jobs.find((each) => each.id === jobId);
  const close = () => overlays.setState({ jobs: { open: false, jobId: null } });
  useEffect(() => {
    frame.current?.focus();
  }, [jobId]);
  return (
    <aside
      className="m-drawer"
      aria-label="Jobs"
      tabIndex={-1}
      ref={frame}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <div className="m-drawer-head">
        {jobId === null ? null : (
          <Button variant="minimal" icon={<ArrowLeftIcon />} aria-label="All jobs" onClick={() => open.jobs()} />
        )}
        <h2 className="m-row m-grow">{job === undefined ? 'Jobs' : <Name text={job.title} />}</h2>
        <Button variant="minimal" icon={<CrossIcon />} aria-label="Close the jobs" onClick={close} />
      </div>
      <div className="m-drawer-body" tabIndex={0} role="region" aria-label={job === undefined ? 'List of jobs' : 'Job'}>
        {job === undefined ? <JobList jobs={view.jobs} /> : <JobPanel job={job} />}
      </div>
    </aside>
  );
}

function JobList({ jobs }: { readonly jobs: readonly Job[] }) {
  const open = useOpen();
  if (jobs.length === 0)
    return (
      <Empty title="No jobs yet">
        <p>Actions you start are shown here until they finish. Older ones are in the history.</p>
      </Empty>
    );
  return (
    <ul className="m-job-list">
      {jobs.map((job) => (
        <li key={job.id}>
          <button type="button" className="m-job-item" onClick={() => open.jobs(job.id)}>
            <span className="m-row m-spread">
              <Name text={job.title} strong />
              <span className="m-small m-muted m-nowrap">
                <Ago at={job.startedAt} />
              </span>
            </span>
            <span className="m-small">
              <Mark tone={jobWords[job.status].tone} word={jobWords[job.status].word} />
            </span>
            {job.result === null ? null : (
              <span className="m-small m-muted m-wrap">{printable(job.result.sentence)}</span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}
