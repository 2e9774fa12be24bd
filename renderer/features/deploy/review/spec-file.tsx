import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import { useAction, usePage } from '../../../rpc/hooks';
import { downloadText } from '../../../ui/download';
import { ErrorNotice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { clusterSpecSchema } from '../../../../shared/model/spec/cluster-spec';
import { formOf } from '../form/form';
import { portableSpec } from '../form/portable';
import { FileButton } from '../spec-import';
import { useSpec, useWizard, useWizardState } from '../wizard-context';

/** The cluster as one file: to read, to keep, to take another one instead. */
export function SpecFile() {
  const page = usePage();
  const wizard = useWizard();
  const spec = useSpec();
  const inventory = useWizardState((state) => state.inventory);
  const [shown, setShown] = useState<{ readonly of: string; readonly text: string } | null>(null);
  const whole = clusterSpecSchema.safeParse(portableSpec(spec, inventory)).success;
  const print = () => page.call((client) => client.deploy.print({ spec: portableSpec(spec, inventory) }));
  const save = useAction(async () => { const file = await print(); downloadText(file.fileName, file.text); });
  const show = useAction(async () => { const file = await print(); setShown({ of: JSON.stringify(spec), text: file.text }); });
  const open = shown !== null && shown.of === JSON.stringify(spec);
  return (
    <Panel title="The cluster as a file" note="without passwords; the same cluster can be set up from it again">
      <div className="m-stack">
        {[save.error, show.error].map((error, index) => (error === null ? null : <ErrorNotice key={index} error={error} />))}
        <div className="m-row m-row-wrap">
          <Button text="Save the file" disabled={!whole} loading={save.busy} onClick={() => void save.run()} />
          <Button text={open ? 'Hide it' : 'Show it'} disabled={!whole} aria-expanded={open} loading={show.busy} onClick={() => { if (open) setShown(null); else void show.run(); }} />
          <FileButton text="Take another file instead" onSpec={(next) => wizard.change(() => formOf(next, true))} />
        </div>
        {open ? <pre className="d-commands" tabIndex={0} aria-label="The file">{printableLines(shown.text)}</pre> : null}
      </div>
    </Panel>
  );
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
