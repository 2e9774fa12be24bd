import '../../../../ui/styles/dialog.css';
import './backups.css';
import { Button, DialogBody, DialogFooter } from '@blueprintjs/core';
import { useEffect, useState, type ReactNode } from 'react';
import type { BackupWorkPreview } from '../../../../../shared/model/backups/backup-setup';
import type { Job } from '../../../../../shared/model/operate/job';
import { useOpen } from '../../../../navigation/overlays';
import type { CoreClient } from '../../../../rpc/core';
import { useAction, useAnswer, usePage } from '../../../../rpc/hooks';
import { FocusedDialog } from '../../../../ui/focused-dialog';
import { Loading } from '../../../../ui/loading';
import { ErrorNotice } from '../../../../ui/notice';
import { ReasonButton } from '../../../../ui/reason-button';
import { printable } from '../../../../ui/text';
import { whyNotTyped } from '../../../../ui/typed-name';
import { WorkPreview, whyRefused } from './work-preview';

/** How long what is typed has to rest before the servers are looked at for it, ms. */
const REST_MS = 500;

interface WorkDialogProps<W, P> {
  readonly title: string;
  /** The button that confirms. */
  readonly action: { readonly text: string; readonly intent: 'primary' | 'danger' };
  /** What is filled in, or why that is nothing yet. */
  readonly wish: W | string;
  readonly fields: ReactNode;
  /** What is looked at meanwhile, as a sentence. */
  readonly what: string;
  readonly ask: (client: CoreClient, wish: W) => Promise<P>;
  readonly start: (client: CoreClient, preview: P, confirmed: WorkConfirmed) => Promise<Job>;
  /** Why it cannot be confirmed though the preview allows it; null: nothing. */
  readonly whyNot?: string | null;
  /** Stands before the checks. */
  readonly lead?: (preview: P) => ReactNode;
  /** More buttons beside the one that confirms. */
  readonly tools?: ReactNode;
  readonly onClose: () => void;
}

/** How a work was confirmed: `typed` is the name, where one is asked for. */
interface WorkConfirmed {
  readonly typed: string | null;
  readonly requestId: string;
}

/** What is shown once it has not changed for a while. */
function useRested(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}

/** Asks for a work on servers: what is filled in, what it would do by a look at the servers, and one confirmation. */
export function WorkDialog<W extends object, P extends BackupWorkPreview>(props: WorkDialogProps<W, P>) {
  const { title, action, wish, onClose, lead } = props;
  const page = usePage();
  const open = useOpen();
  const [typed, setTyped] = useState('');
  const [requestId] = useState(() => crypto.randomUUID());
  const text = typeof wish === 'string' ? '' : JSON.stringify(wish);
  const rested = useRested(text);
  const answer = useAnswer<P | null>(rested, (client) =>
    typeof wish === 'string' ? Promise.resolve(null) : props.ask(client, wish),
  );
  const isLooking = text !== '' && (answer.loading || text !== rested);
  const preview = text === '' ? null : answer.value;
  const start = useAction(async (shown: P) => {
    const confirmed = { typed: shown.typeToConfirm === null ? null : typed, requestId };
    const job = await page.call((client) => props.start(client, shown, confirmed));
    onClose();
    open.jobs(job.id);
  });
  const again = () => {
    start.clear();
    answer.reload();
  };
  const why = (): string | null => {
    if (typeof wish === 'string') return wish;
    if (isLooking) return 'The servers are being looked at.';
    if (preview === null || answer.error !== null) return 'The servers could not be looked at.';
    return props.whyNot ?? whyRefused(preview.checks) ?? whyNotTyped(preview.typeToConfirm, typed);
  };
  const error = start.error ?? (isLooking || text === '' ? null : answer.error);
  return (
    <FocusedDialog isOpen className="m-operate" title={printable(title)} onClose={onClose} canOutsideClickClose={false}>
      <DialogBody>
        <div className="m-stack">
          {error === null ? null : (
            <ErrorNotice error={error} tools={<Button size="small" text="Look again" onClick={again} />} />
          )}
          <div className="m-backup-fields">{props.fields}</div>
          {isLooking ? <Loading what={props.what} /> : null}
          {preview === null || isLooking || answer.error !== null ? null : (
            <>
              {lead?.(preview)}
              <WorkPreview {...preview} typed={typed} onTyped={setTyped} />
            </>
          )}
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            {props.tools}
            <Button text="Cancel" onClick={onClose} />
            <ReasonButton
              intent={action.intent}
              data-testid="confirm"
              text={action.text}
              loading={start.busy}
              why={why()}
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
