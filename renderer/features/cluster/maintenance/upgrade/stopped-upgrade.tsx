import { Button } from '@blueprintjs/core';
import type { StoppedUpgrade } from '../../../../../shared/model/upgrade/upgrade-run';
import { namesInWords } from '../../../../../shared/rules/words/wording';
import { useOpen } from '../../../../navigation/overlays';
import { useAction, usePage } from '../../../../rpc/hooks';
import { Command } from '../../../../ui/command';
import { ErrorNotice, Notice } from '../../../../ui/notice';
import { Panel } from '../../../../ui/panel';
import { printable } from '../../../../ui/text';
import { formatDateTime } from '../../../../ui/wording/format';

/** An upgrade that did not come to its end: why, what was done and what was not, how to go on or back, and what is left. */
export function StoppedPanel(props: { readonly clusterId: string; readonly stopped: StoppedUpgrade }) {
  const { clusterId, stopped } = props;
  const page = usePage();
  const open = useOpen();
  const clean = useAction(async () => {
    const job = await page.call((client) => client.upgrades.clean({ clusterId, requestId: crypto.randomUUID() }));
    open.jobs(job.id);
  });
  const hasLeft = stopped.leftovers.length > 0;
  return (
    <Panel title="An upgrade stopped" note={`begun ${formatDateTime(stopped.startedAt)}`}>
      <div className="m-stack" data-testid="upgrade-stopped">
        {clean.error === null ? null : <ErrorNotice error={clean.error} />}
        <Notice
          tone="warn"
          tools={
            <Button
              size="small"
              text={hasLeft ? 'Clean up' : 'Put away'}
              loading={clean.busy}
              onClick={() => void clean.run()}
            />
          }
        >
          <div className="m-strong m-wrap">{printable(stopped.sentence)}</div>
          {stopped.leftovers.map((sentence) => (
            <div key={sentence} className="m-wrap">
              {printable(sentence)}
            </div>
          ))}
        </Notice>
        <dl className="m-facts">
          <div>
            <dt>Done</dt>
            <dd className="m-wrap">{stopped.done.length === 0 ? 'nothing' : printable(namesInWords(stopped.done))}</dd>
          </div>
          <div>
            <dt>Not done</dt>
            <dd className="m-wrap">{stopped.left.length === 0 ? 'nothing' : printable(namesInWords(stopped.left))}</dd>
          </div>
        </dl>
        {stopped.ways.map(({ title, commands }) => (
          <div key={title}>
            <div className="m-strong m-wrap">{printable(title)}</div>
            {commands.map((command) => (
              <Command key={command} text={command} />
            ))}
          </div>
        ))}
        <p className="m-muted">
          An upgrade that is started again below goes on from here: it does only what is not done yet.
        </p>
      </div>
    </Panel>
  );
}
