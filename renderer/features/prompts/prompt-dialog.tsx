import { Button, Checkbox, Dialog, DialogBody, DialogFooter, FormGroup, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import type { Prompt } from '../../../shared/model/app/prompt';
import { useAction, usePage } from '../../rpc/hooks';
import { ErrorNotice, Notice } from '../../ui/notice';
import { Name, printable } from '../../ui/text';

/** A question of the core, above whatever is on the screen. */
export default function PromptDialog({ prompt }: { readonly prompt: Prompt }) {
  const page = usePage();
  const answer = useAction((value: string | null, remember: boolean) =>
    page.core.call((client) => client.prompts.answer({ id: prompt.id, value, remember })),
  );
  const error = answer.error === null ? null : <ErrorNotice error={answer.error} />;
  const give = (value: string | null, remember: boolean) => void answer.run(value, remember);
  switch (prompt.kind) {
    case 'host_key':
      return <HostKeyQuestion prompt={prompt} busy={answer.busy} error={error} give={give} />;
    case 'secret':
      return <SecretQuestion prompt={prompt} busy={answer.busy} error={error} give={give} />;
  }
}

interface QuestionProps<Kind extends Prompt['kind']> {
  readonly prompt: Extract<Prompt, { kind: Kind }>;
  readonly busy: boolean;
  readonly error: React.ReactNode;
  readonly give: (value: string | null, remember: boolean) => void;
}

function HostKeyQuestion({ prompt, busy, error, give }: QuestionProps<'host_key'>) {
  const { hostKey } = prompt;
  return (
    <Dialog isOpen title="Is this the right server?" canOutsideClickClose={false} onClose={() => give(null, false)}>
      <DialogBody>
        <div className="m-stack">
          {error}
          {prompt.note === undefined ? null : <Notice tone="warn">{printable(prompt.note)}</Notice>}
          <p>
            Matriarch connects to <Name text={prompt.serverName} strong /> for the first time. Compare this fingerprint
            with the one on the server.
          </p>
          <dl className="m-facts">
            <dt>Server</dt>
            <dd>
              {printable(hostKey.host)}, port {hostKey.port}
            </dd>
            <dt>Key type</dt>
            <dd className="m-mono">{printable(hostKey.algorithm)}</dd>
            <dt>Fingerprint</dt>
            <dd className="m-mono m-wrap" data-testid="fingerprint">
              {printable(hostKey.fingerprint)}
            </dd>
          </dl>
          <p className="m-muted">
            On the server: <code>ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub</code>
          </p>
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Do not connect" onClick={() => give(null, false)} />
            <Button intent="primary" text="It matches, trust it" loading={busy} onClick={() => give('yes', true)} />
          </>
        }
      />
    </Dialog>
  );
}

const secretWords = {
  key_passphrase: 'Passphrase of the key',
  password: 'Password',
  sudo_password: 'Password for sudo',
  otp: 'One-time code',
} as const;

function SecretQuestion({ prompt, busy, error, give }: QuestionProps<'secret'>) {
  const [value, setValue] = useState('');
  const [remember, setRemember] = useState(false);
  return (
    <Dialog
      isOpen
      title={`${secretWords[prompt.purpose]}: ${printable(prompt.serverName)}`}
      canOutsideClickClose={false}
      onClose={() => give(null, false)}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          give(value, remember);
        }}
      >
        <DialogBody>
          <div className="m-stack">
            {error}
            {prompt.attempt > 1 ? (
              <Notice tone="warn" alert>
                The last answer was not accepted. Attempt {prompt.attempt}.
              </Notice>
            ) : null}
            <FormGroup label={printable(prompt.text)} labelFor="prompt-secret">
              <InputGroup
                id="prompt-secret"
                type="password"
                autoFocus
                autoComplete="off"
                value={value}
                onValueChange={setValue}
              />
            </FormGroup>
            {prompt.mayRemember ? (
              <Checkbox
                checked={remember}
                onChange={(event) => setRemember(event.currentTarget.checked)}
                label="Store in the vault"
              />
            ) : null}
          </div>
        </DialogBody>
        <DialogFooter
          actions={
            <>
              <Button text="Do not connect" onClick={() => give(null, false)} />
              <Button type="submit" intent="primary" text="Continue" loading={busy} disabled={value === ''} />
            </>
          }
        />
      </form>
    </Dialog>
  );
}
