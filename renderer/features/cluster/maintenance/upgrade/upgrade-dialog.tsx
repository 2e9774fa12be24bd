import '../../../../ui/styles/dialog.css';
import { Button, DialogBody, DialogFooter } from '@blueprintjs/core';
import { useState } from 'react';
import type { UpgradeChoice, UpgradePreview } from '../../../../../shared/model/upgrade/upgrade-run';
import { useOpen } from '../../../../navigation/overlays';
import { useAction, useAnswer, usePage } from '../../../../rpc/hooks';
import { Answered } from '../../../../ui/answered';
import { CheckList } from '../../../../ui/check-list';
import { Consequences } from '../../../../ui/consequences';
import { FocusedDialog } from '../../../../ui/focused-dialog';
import { ErrorNotice } from '../../../../ui/notice';
import { ReasonButton } from '../../../../ui/reason-button';
import { TypedName, whyNotTyped } from '../../../../ui/typed-name';
import { UpgradeSteps } from './upgrade-steps';

/** Reads everything again and asks once: what speaks against it, what will happen, every step with its commands. */
export function UpgradeDialog(props: {
  readonly clusterId: string;
  readonly choice: UpgradeChoice;
  readonly onClose: () => void;
}) {
  const { clusterId, choice } = props;
  const page = usePage();
  const open = useOpen();
  const [typed, setTyped] = useState('');
  const [requestId] = useState(() => crypto.randomUUID());
  const answer = useAnswer(JSON.stringify([clusterId, choice]), (client) =>
    client.upgrades.preview({ clusterId, choice }),
  );
  const start = useAction(async ({ fingerprint, typeToConfirm }: UpgradePreview) => {
    const confirmed = typeToConfirm === null ? null : typed;
    const job = await page.call((client) =>
      client.upgrades.start({ clusterId, choice, fingerprint, typed: confirmed, requestId }),
    );
    props.onClose();
    open.jobs(job.id);
  });
  const again = () => {
    start.clear();
    answer.reload();
  };
  const preview = answer.value;
  return (
    <FocusedDialog
      isOpen
      className="m-operate"
      title="Upgrade, one server after another"
      onClose={props.onClose}
      canOutsideClickClose={false}
    >
      <DialogBody>
        <div className="m-stack" data-testid="upgrade-dialog">
          {start.error === null ? null : (
            <ErrorNotice error={start.error} tools={<Button size="small" text="Look again" onClick={again} />} />
          )}
          <Answered
            answer={answer}
            what="Asking every server, PostgreSQL, etcd, and apt what it would do."
            tools={<Button size="small" text="Try again" onClick={again} />}
            show={(shown) => (
              <>
                <CheckList checks={shown.checks} />
                <Consequences consequences={shown.consequences} />
                {shown.allowed ? <TypedName wanted={shown.typeToConfirm} typed={typed} onTyped={setTyped} /> : null}
                <details className="m-details">
                  <summary>The steps and their commands</summary>
                  <UpgradeSteps steps={shown.steps} />
                </details>
              </>
            )}
          />
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={props.onClose} />
            <Button text="Look again" loading={answer.loading} onClick={again} />
            <ReasonButton
              intent="danger"
              data-testid="confirm"
              text="Upgrade"
              loading={start.busy}
              why={answer.loading ? 'The servers are being asked.' : whyNotUpgrade(preview, typed)}
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

function whyNotUpgrade(preview: UpgradePreview | null, typed: string): string | null {
  if (preview === null) return 'The servers could not be asked.';
  const refusal = preview.checks.find(({ verdict }) => verdict === 'refuses');
  return refusal?.sentence ?? whyNotTyped(preview.typeToConfirm, typed);
}
