import '../../../ui/styles/dialog.css';
import { Button, DialogBody, DialogFooter } from '@blueprintjs/core';
import { useState, type ReactNode } from 'react';
import type { Job } from '../../../../shared/model/operate/job';
import type { OperationCheck } from '../../../../shared/model/operate/operation';
import { useOpen } from '../../../navigation/overlays';
import type { CoreClient } from '../../../rpc/core';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { Answered } from '../../../ui/answered';
import { FocusedDialog } from '../../../ui/focused-dialog';
import { ErrorNotice } from '../../../ui/notice';
import { ReasonButton } from '../../../ui/reason-button';
import { printable } from '../../../ui/text';
import { TypedName, whyNotTyped } from '../../../ui/typed-name';

/** What the preview of every job says. */
interface JobPreview {
  readonly checks: readonly OperationCheck[];
  /** The name that has to be typed; null: none. */
  readonly typeToConfirm: string | null;
}

/** How a job was confirmed: `typed` is the name, where one is asked for. */
interface JobConfirmed {
  readonly typed: string | null;
  readonly requestId: string;
}

interface PreviewedJobProps<P extends JobPreview> {
  readonly title: (preview: P | null) => string;
  readonly testId: string;
  /** The word on the button that confirms. */
  readonly action: string;
  /** What changes nothing of the cluster is confirmed by another colour; default: danger. */
  readonly intent?: 'primary' | 'danger';
  /** What is looked at meanwhile, why the button waits for it, and what is so when it failed, as sentences. */
  readonly words: { readonly looking: string; readonly waiting: string; readonly unread: string };
  /** What is asked for: when it changes, the servers are asked anew and what was typed is forgotten. */
  readonly wish: object;
  readonly ask: (client: CoreClient) => Promise<P>;
  readonly start: (client: CoreClient, preview: P, confirmed: JobConfirmed) => Promise<Job>;
  /** The preview; `name` is the field for the name that has to be typed. */
  readonly show: (preview: P, name: ReactNode) => ReactNode;
  readonly onClose: () => void;
}

/** Looks at the servers and asks once: what speaks against a job, what it will do, one confirmation; then shows the job. */
export function PreviewedJobDialog<P extends JobPreview>(props: PreviewedJobProps<P>) {
  const { words, onClose } = props;
  const page = usePage();
  const open = useOpen();
  const [typed, setTyped] = useState('');
  const [requestId] = useState(() => crypto.randomUUID());
  const key = JSON.stringify(props.wish);
  const answer = useAnswer(key, props.ask);
  const start = useAction(async (shown: P) => {
    const confirmed = { typed: shown.typeToConfirm === null ? null : typed, requestId };
    const job = await page.call((client) => props.start(client, shown, confirmed));
    onClose();
    open.jobs(job.id);
  });
  const [askedKey, setAskedKey] = useState(key);
  if (askedKey !== key) {
    setAskedKey(key);
    setTyped('');
    start.clear();
  }
  const again = () => {
    start.clear();
    answer.reload();
  };
  const preview = answer.value;
  return (
    <FocusedDialog
      isOpen
      className="m-operate"
      title={printable(props.title(preview))}
      onClose={onClose}
      canOutsideClickClose={false}
    >
      <DialogBody>
        <div className="m-stack" data-testid={props.testId}>
          {start.error === null ? null : (
            <ErrorNotice error={start.error} tools={<Button size="small" text="Look again" onClick={again} />} />
          )}
          <Answered
            answer={answer}
            what={words.looking}
            tools={<Button size="small" text="Try again" onClick={again} />}
            show={(shown) => props.show(shown, nameField(shown, typed, setTyped))}
          />
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={onClose} />
            <Button text="Look again" loading={answer.loading} onClick={again} />
            <ReasonButton
              intent={props.intent ?? 'danger'}
              data-testid="confirm"
              text={props.action}
              loading={start.busy}
              why={answer.loading ? words.waiting : whyNotStart(preview, typed, words.unread)}
              onClick={() => {
                if (preview !== null) void start.run(preview);
              }}
            />
          </>
        }
      />
    </FocusedDialog>
  );
}

/** Nothing is typed for what is refused. */
function nameField(preview: JobPreview, typed: string, onTyped: (text: string) => void): ReactNode {
  if (refusalOf(preview) !== null) return null;
  return <TypedName wanted={preview.typeToConfirm} typed={typed} onTyped={onTyped} />;
}

function refusalOf(preview: JobPreview): string | null {
  return preview.checks.find(({ verdict }) => verdict === 'refuses')?.sentence ?? null;
}

function whyNotStart(preview: JobPreview | null, typed: string, unread: string): string | null {
  return preview === null ? unread : (refusalOf(preview) ?? whyNotTyped(preview.typeToConfirm, typed));
}
