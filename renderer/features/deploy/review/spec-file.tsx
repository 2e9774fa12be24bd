import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { DiffLine } from '../../../../shared/model/deploy/deploy-views';
import { clusterSpecSchema, type ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { diffLines } from '../../../../shared/rules/deploy/review/diff';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { Answered } from '../../../ui/answered';
import { downloadText } from '../../../ui/download';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { formOf } from '../../../deployment/form/form';
import { portableSpec } from '../../../deployment/form/portable';
import { FileButton } from '../wizard/spec-import';
import { useSpec, useWizard, useWizardState } from '../wizard/wizard-context';
import { DiffLines } from '../../../deployment/plan/step-row';

/** The cluster as one file: to read, to keep, to take another one instead. */
export function SpecFile() {
  const page = usePage();
  const wizard = useWizard();
  const spec = useSpec();
  const inventory = useWizardState((state) => state.inventory);
  const [open, setOpen] = useState(false);
  const portable = portableSpec(spec, inventory);
  const isComplete = clusterSpecSchema.safeParse(portable).success;
  const save = useAction(async () => {
    const file = await page.call((client) => client.deploy.print({ spec: portable }));
    downloadText(file.fileName, file.text);
  });
  const [taken, setTaken] = useState<readonly DiffLine[] | null>(null);
  const take = async (next: ClusterSpec, leavesParameters: boolean) => {
    await wizard.reloadInventory();
    const known = wizard.store.getState().inventory;
    const [before, after] = await Promise.all(
      [spec, next].map((one) =>
        page
          .call((client) => client.deploy.print({ spec: portableSpec(one, known) }))
          .then(
            ({ text }) => text,
            () => '',
          ),
      ),
    );
    setTaken(diffLines(before ?? '', after ?? '', after ?? ''));
    wizard.change(() => formOf(next, true, leavesParameters));
  };
  return (
    <Panel title="Cluster file" note="without passwords; use it to set up the same cluster again">
      <div className="m-stack">
        {save.error === null ? null : <ErrorNotice error={save.error} />}
        <div className="m-row m-row-wrap">
          <Button text="Save the file" disabled={!isComplete} loading={save.busy} onClick={() => void save.run()} />
          <Button
            text={open ? 'Hide the file' : 'Show the file'}
            disabled={!isComplete}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          />
          <FileButton text="Use another file" clusterId={spec.id} onSpec={take} />
        </div>
        {taken === null ? null : <Taken lines={taken} />}
        {open && isComplete ? <FileText spec={portable} /> : null}
      </div>
    </Panel>
  );
}

/** The file as it is now: it follows every change of the form. */
function FileText({ spec }: { readonly spec: ClusterSpec }) {
  const file = useAnswer(JSON.stringify(spec), (client) => client.deploy.print({ spec }));
  return (
    <Answered
      answer={file}
      what="Writing the cluster file."
      show={({ text }) => (
        <pre className="d-commands" tabIndex={0} aria-label="Content of the cluster file">
          {printableLines(text)}
        </pre>
      )}
    />
  );
}

/** What a file that was taken instead has changed of the form. */
function Taken({ lines }: { readonly lines: readonly DiffLine[] }) {
  const changed = lines.filter((line) => line.kind !== 'same').length;
  if (changed === 0) return <Notice tone="good">The file matches the form.</Notice>;
  return (
    <>
      <p role="status">The form now follows the file. It changes:</p>
      <DiffLines lines={lines} label="Changes from the file" />
    </>
  );
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
