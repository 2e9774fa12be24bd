import { Button, Checkbox, DialogBody, DialogFooter, FormGroup, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import type { Prompt } from '../../../shared/model/app/prompt';
import { hostKeyHint } from '../../../shared/rules/connect/host-key-hint';
import { useAction, usePage } from '../../rpc/hooks';
import { FocusedDialog } from '../../ui/focused-dialog';
import { Command, CopyButton } from '../../ui/command';
import { ErrorNotice, Notice } from '../../ui/notice';
import { Name, printable } from '../../ui/text';
import { TypedName, whyNotTyped } from '../../ui/typed-name';
import { useSettled } from '../../ui/time';

type HostKeyPrompt = Extract<Prompt, { kind: 'host_key' }>;
type SecretPrompt = Extract<Prompt, { kind: 'secret' }>;

/**
 * The questions of the core, above whatever is on the screen: the first one, or, where it is about a host key, all host
 * keys that are asked about now in one dialog.
 */
export default function PromptDialog({ open }: { readonly open: readonly Prompt[] }) {
  const page = usePage();
  const answer = useAction((prompts: readonly Prompt[], value: string | null, remember: boolean) =>
    Promise.all(prompts.map(({ id }) => page.core.call((client) => client.prompts.answer({ id, value, remember })))),
  );
  const [first] = open;
  if (first === undefined) return null;
  const error = answer.error === null ? null : <ErrorNotice error={answer.error} />;
  if (first.kind === 'secret')
    return (
      <SecretQuestion
        key={first.id}
        prompt={first}
        busy={answer.busy}
        error={error}
        give={(value, remember) => void answer.run([first], value, remember)}
      />
    );
  if (first.kind === 'production_name')
    return (
      <ProductionName
        key={first.id}
        clusterName={first.clusterName}
        busy={answer.busy}
        error={error}
        give={(typed) => void answer.run([first], typed, false)}
      />
    );
  const prompts = open.filter((prompt) => prompt.kind === 'host_key');
  return (
    <HostKeyQuestion
      prompts={prompts}
      busy={answer.busy}
      error={error}
      give={(trusted) => void answer.run(prompts, trusted ? 'yes' : null, trusted)}
    />
  );
}

interface HostKeyProps {
  readonly prompts: readonly HostKeyPrompt[];
  readonly busy: boolean;
  readonly error: React.ReactNode;
  readonly give: (trusted: boolean) => void;
}

function HostKeyQuestion({ prompts, busy, error, give }: HostKeyProps) {
  const many = prompts.length > 1;
  const settled = useSettled(prompts.map((prompt) => prompt.id).join(' '));
  return (
    <FocusedDialog
      isOpen
      title={many ? `Are these the right ${prompts.length} servers?` : 'Is this the right server?'}
      canOutsideClickClose={false}
      onClose={() => give(false)}
    >
      <DialogBody>
        <div className="m-stack">
          {error}
          <p>
            {many
              ? 'Matriarch connects to these servers for the first time. Compare each fingerprint with the one on its server.'
              : 'Matriarch connects to this server for the first time. Compare this fingerprint with the one on the server.'}
          </p>
          {prompts.map((prompt) => (
            <HostKey key={prompt.id} prompt={prompt} />
          ))}
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Do not connect" onClick={() => give(false)} />
            <Button
              intent="primary"
              text={many ? 'They all match, trust them' : 'It matches, trust it'}
              loading={busy}
              disabled={!settled}
              onClick={() => give(true)}
            />
          </>
        }
      />
    </FocusedDialog>
  );
}

function HostKey({ prompt }: { readonly prompt: HostKeyPrompt }) {
  const { hostKey } = prompt;
  const hint = hostKeyHint(hostKey);
  return (
    <section className="m-stack-tight" aria-label={printable(prompt.serverName)}>
      {prompt.note === undefined ? null : <Notice tone="warn">{printable(prompt.note)}</Notice>}
      <dl className="m-facts">
        <dt>Server</dt>
        <dd>
          <Name text={prompt.serverName} strong /> ({printable(hostKey.host)}, port {hostKey.port})
        </dd>
        <dt>Key type</dt>
        <dd className="m-mono">{printable(hostKey.algorithm)}</dd>
        <dt>Fingerprint</dt>
        <dd className="m-row">
          <span className="m-mono m-wrap" data-testid="fingerprint">
            {printable(hostKey.fingerprint)}
          </span>
          <CopyButton text={hostKey.fingerprint} label={`Copy the fingerprint of ${printable(prompt.serverName)}`} />
        </dd>
      </dl>
      <p className="m-small m-muted">To print it on the server itself:</p>
      <Command text={hint.onServer} />
      {hint.byScan === null ? null : (
        <>
          <p className="m-small m-muted">Or from another computer that reaches it and that you trust:</p>
          <Command text={hint.byScan} />
        </>
      )}
    </section>
  );
}

const secretWords = {
  key_passphrase: 'Passphrase of the key',
  password: 'Password',
  sudo_password: 'Password for sudo',
  otp: 'One-time code',
} as const;

interface SecretProps {
  readonly prompt: SecretPrompt;
  readonly busy: boolean;
  readonly error: React.ReactNode;
  readonly give: (value: string | null, remember: boolean) => void;
}

function SecretQuestion({ prompt, busy, error, give }: SecretProps) {
  const [value, setValue] = useState('');
  const [remember, setRemember] = useState(false);
  return (
    <FocusedDialog
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
    </FocusedDialog>
  );
}

/** The name of a production cluster, typed before anything on its servers is changed. */
function ProductionName(props: {
  readonly clusterName: string;
  readonly busy: boolean;
  readonly error: React.ReactNode;
  readonly give: (typed: string | null) => void;
}) {
  const { clusterName, busy, error, give } = props;
  const [typed, setTyped] = useState('');
  const no = whyNotTyped(clusterName, typed);
  return (
    <FocusedDialog
      isOpen
      title={`${printable(clusterName)} is a production cluster`}
      canOutsideClickClose={false}
      onClose={() => give(null)}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (no === null) give(typed);
        }}
      >
        <DialogBody>
          <div className="m-stack">
            {error}
            <p>This changes servers of a production cluster. Nothing has been sent yet.</p>
            <TypedName wanted={clusterName} typed={typed} onTyped={setTyped} />
          </div>
        </DialogBody>
        <DialogFooter
          actions={
            <>
              <Button text="Change nothing" onClick={() => give(null)} />
              <Button
                type="submit"
                intent="danger"
                text="Change production"
                loading={busy}
                disabled={no !== null}
                title={no ?? undefined}
              />
            </>
          }
        />
      </form>
    </FocusedDialog>
  );
}
