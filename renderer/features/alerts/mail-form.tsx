import { Button, Checkbox, FormGroup, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import type { DeliveryView, MailInput, MailSecurity } from '../../../shared/model/alerts/deliveries';
import { whyNotMail } from '../../../shared/rules/deliveries/check-deliveries';
import { useAction, usePage } from '../../rpc/hooks';
import { ErrorNotice } from '../../ui/notice';
import { ReasonButton } from '../../ui/reason-button';
import { SendTest } from './send-test';

interface Props {
  readonly mail: DeliveryView['mail'];
  readonly onSaved: () => void;
}

const securities: readonly { readonly value: MailSecurity; readonly label: string }[] = [
  { value: 'offered', label: 'STARTTLS where offered, not verified' },
  { value: 'starttls', label: 'STARTTLS, verified' },
  { value: 'tls', label: 'TLS from the start, verified' },
];

interface Draft extends Omit<MailInput, 'port' | 'to' | 'password'> {
  readonly port: string;
  readonly to: string;
  readonly password: string;
}

function inputOf({ port, to, password, ...draft }: Draft): MailInput {
  const number = Number(port);
  return {
    ...draft,
    host: draft.host.trim(),
    from: draft.from.trim(),
    port: Number.isInteger(number) ? number : 0,
    to: to.split(/[\s,;]+/).filter((address) => address !== ''),
    ...(password === '' ? {} : { password }),
  };
}

function draftOf({ on, host, port, security, from, to, username }: DeliveryView['mail']): Draft {
  return { on, host, port: String(port), security, from, to: to.join(', '), username, password: '' };
}

function whyNotSave(input: MailInput, isSaved: boolean): string | null {
  if (isSaved) return 'Nothing was changed.';
  return input.port >= 1 && input.port <= 65_535 ? whyNotMail(input) : 'The port is a number up to 65535.';
}

function whyNoTest(isSaved: boolean, host: string): string | null {
  if (!isSaved) return 'Save first: the test is sent by what is kept.';
  return host === '' ? 'Name a server and save it first.' : null;
}

/** To whom alerts are mailed, and by which server. The password stays in the vault; an empty field leaves it as it is. */
export function MailForm({ mail, onSaved }: Props) {
  const page = usePage();
  const [draft, setDraft] = useState(() => draftOf(mail));
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const input = inputOf(draft);
  const save = useAction(async (forget: boolean) => {
    await page.call((client) => client.alerts.setMail(forget ? { ...input, password: '' } : input));
    onSaved();
  });
  const isSaved = JSON.stringify(draft) === JSON.stringify(draftOf(mail));
  return (
    <div className="m-stack-tight">
      <Checkbox
        checked={draft.on}
        label="Mail alerts"
        onChange={(event) => change({ on: event.currentTarget.checked })}
      />
      <div className="m-row m-row-wrap">
        <FormGroup label="Server" labelFor="mail-host">
          <InputGroup
            id="mail-host"
            value={draft.host}
            placeholder="mail.example.com"
            onValueChange={(host) => change({ host })}
          />
        </FormGroup>
        <FormGroup label="Port" labelFor="mail-port">
          <InputGroup
            id="mail-port"
            inputMode="numeric"
            value={draft.port}
            onValueChange={(port) => change({ port })}
          />
        </FormGroup>
        <FormGroup label="Security" labelFor="mail-security">
          <HTMLSelect
            id="mail-security"
            value={draft.security}
            onChange={({ currentTarget: { value } }) => {
              const chosen = securities.find((one) => one.value === value);
              if (chosen !== undefined) change({ security: chosen.value });
            }}
          >
            {securities.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </HTMLSelect>
        </FormGroup>
      </div>
      <div className="m-row m-row-wrap">
        <FormGroup label="Sender" labelFor="mail-from">
          <InputGroup
            id="mail-from"
            value={draft.from}
            placeholder="matriarch@example.com"
            onValueChange={(from) => change({ from })}
          />
        </FormGroup>
        <FormGroup label="To" labelFor="mail-to">
          <InputGroup
            id="mail-to"
            value={draft.to}
            placeholder="dba@example.com, oncall@example.com"
            onValueChange={(to) => change({ to })}
          />
        </FormGroup>
      </div>
      <div className="m-row m-row-wrap">
        <FormGroup label="User" labelFor="mail-user" helperText="Empty: the server wants no login.">
          <InputGroup
            id="mail-user"
            autoComplete="off"
            value={draft.username}
            onValueChange={(username) => change({ username })}
          />
        </FormGroup>
        <FormGroup
          label="Password"
          labelFor="mail-password"
          helperText={
            mail.hasPassword ? 'One is in the vault; leave this empty to keep it.' : 'It is kept in the vault.'
          }
        >
          <InputGroup
            id="mail-password"
            type="password"
            autoComplete="off"
            value={draft.password}
            onValueChange={(password) => change({ password })}
          />
        </FormGroup>
      </div>
      <div className="m-row m-row-wrap">
        <ReasonButton
          intent="primary"
          text="Save mail"
          why={whyNotSave(input, isSaved)}
          loading={save.busy}
          onClick={() => void save.run(false)}
        />
        {mail.hasPassword ? (
          <Button text="Remove the password" disabled={save.busy} onClick={() => void save.run(true)} />
        ) : null}
        <SendTest channel="mail" why={whyNoTest(isSaved, mail.host)} onSent={onSaved} />
      </div>
      {save.error === null ? null : <ErrorNotice error={save.error} />}
    </div>
  );
}
