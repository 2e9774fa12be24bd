import { Button, FormGroup, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import type { GatheredBundle } from '../../../../../shared/model/diagnostics/diagnostics';
import { useAction, usePage } from '../../../../rpc/hooks';
import { Copyable } from '../../../../ui/copyable';
import { Mark } from '../../../../ui/mark';
import { ErrorNotice, Notice } from '../../../../ui/notice';
import { Panel } from '../../../../ui/panel';
import { ReasonButton } from '../../../../ui/reason-button';
import { TableHead } from '../../../../ui/table-head';
import { printable } from '../../../../ui/text';
import { Ago } from '../../../../ui/time';
import { formatBytes, formatDateTime, plural } from '../../../../ui/wording/format';
import { useBundle, type BundleWork } from './use-bundle';

const spans = [10, 30, 60, 180, 720] as const;
const spanName = (minutes: number): string => (minutes < 60 ? `${minutes} min` : plural(minutes / 60, 'hour'));

/** Local time as it is written in the field: `2026-03-01 12:00:03`; null where it is none. */
function momentOf(text: string): number | null {
  const [, date, clock] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)$/.exec(text.trim()) ?? [];
  const at = date === undefined || clock === undefined ? NaN : new Date(`${date}T${clock}`).getTime();
  return Number.isFinite(at) && at >= 0 ? at : null;
}

/** One file with what somebody needs who helps from afar: gathered first, looked through, and then saved. */
export default function BundleView({ state }: { readonly state: ClusterState }) {
  const { work, gather, stop } = useBundle(state.clusterId);
  const [moment, setMoment] = useState(() => formatDateTime(Date.now()));
  const [minutes, setMinutes] = useState<number>(30);
  const at = momentOf(moment);
  const isGathering = work.kind === 'gathering';
  return (
    <div className="m-stack" data-testid="bundle">
      <Panel title="Diagnostic bundle">
        <div className="m-stack">
          <p>
            One file with the logs around a time, the configurations, versions, statistics and findings of this cluster.
            Passwords, keys and other secrets are masked. Nothing on the servers changes, and nothing is sent anywhere.
          </p>
          <div className="m-row m-row-wrap">
            <FormGroup label="Logs around" labelFor="bundle-at" helperText="Local time, such as 2026-03-01 12:00:03.">
              <InputGroup id="bundle-at" value={moment} disabled={isGathering} onValueChange={setMoment} />
            </FormGroup>
            <FormGroup label="Before and after" labelFor="bundle-span" helperText="So much on each side.">
              <HTMLSelect
                id="bundle-span"
                value={minutes}
                disabled={isGathering}
                onChange={(event) => setMinutes(Number(event.currentTarget.value))}
              >
                {spans.map((span) => (
                  <option key={span} value={span}>
                    {spanName(span)}
                  </option>
                ))}
              </HTMLSelect>
            </FormGroup>
          </div>
          <div className="m-row">
            <ReasonButton
              intent="primary"
              text={work.kind === 'gathered' ? 'Gather again' : 'Gather'}
              loading={isGathering}
              why={at === null ? 'Write the time as 2026-03-01 12:00:03.' : null}
              onClick={() => {
                if (at !== null) gather({ at, beforeMinutes: minutes, afterMinutes: minutes });
              }}
            />
            {isGathering ? <Button text="Stop" onClick={stop} /> : null}
            <Progress work={work} />
          </div>
          {work.kind === 'failed' ? <ErrorNotice error={work.error} /> : null}
        </div>
      </Panel>
      {work.kind === 'gathered' ? <Gathered key={work.bundle.bundleId} bundle={work.bundle} /> : null}
    </div>
  );
}

function Progress({ work }: { readonly work: BundleWork }) {
  return (
    <span role="status" data-testid="bundle-progress">
      {work.kind === 'gathering' ? (
        <Mark
          tone="busy"
          word={work.at === null ? 'Beginning' : `${work.at.done + 1} of ${work.at.of}: ${printable(work.at.what)}`}
        />
      ) : null}
      {work.kind === 'stopped' ? <Mark tone="idle" word="Stopped; nothing was kept" /> : null}
      {work.kind === 'gathered' ? <Mark tone="good" word="Gathered; not saved yet" /> : null}
    </span>
  );
}

function Gathered({ bundle }: { readonly bundle: GatheredBundle }) {
  const page = usePage();
  const [saved, setSaved] = useState<string | null>(null);
  const save = useAction(async () => {
    const { path } = await page.call((client) => client.diagnostics.save({ bundleId: bundle.bundleId }));
    setSaved(path);
  });
  const tools = (
    <Button size="small" intent="primary" text="Save" loading={save.busy} onClick={() => void save.run()} />
  );
  return (
    <>
      {save.error === null ? null : <ErrorNotice error={save.error} />}
      {saved === null ? null : (
        <Notice tone="good">
          <div>Saved on this computer, readable by you alone:</div>
          <Copyable text={saved} what="the path of the bundle" />
        </Notice>
      )}
      <Panel title="Not in it" note={plural(bundle.gaps.length, 'part')}>
        {bundle.gaps.length === 0 ? (
          <p>Everything that was asked for could be read.</p>
        ) : (
          <ul aria-label="Not in the bundle">
            {bundle.gaps.map(({ what, why }, index) => (
              <li key={`${index} ${what}`} className="m-wrap">
                <span className="m-strong">{printable(what)}</span>: {printable(why)}
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Panel
        title="In it"
        note={
          <>
            {plural(bundle.entries.length, 'file')}, {formatBytes(bundle.size)} as one file, gathered{' '}
            <Ago at={bundle.gatheredAt} />
          </>
        }
        tools={tools}
        flush
      >
        <table className="m-table" aria-label="Files of the bundle">
          <TableHead columns={['File', 'Size']} numeric={['Size']} />
          <tbody>
            {bundle.entries.map(({ path, size, isCut }) => (
              <tr key={path}>
                <td className="m-mono m-wrap">{printable(path)}</td>
                <td className="m-num">
                  {formatBytes(size)}
                  {isCut ? <div className="m-small m-muted">its end is cut off</div> : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
    </>
  );
}
