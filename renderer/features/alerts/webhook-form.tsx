import { Button, Checkbox, FormGroup, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import type { DeliveryView } from '../../../shared/model/alerts/deliveries';
import { whyNotWebhook } from '../../../shared/rules/deliveries/check-deliveries';
import { useAction, usePage } from '../../rpc/hooks';
import { ErrorNotice } from '../../ui/notice';
import { ReasonButton } from '../../ui/reason-button';
import { SendTest } from './send-test';

interface Props {
  readonly webhook: DeliveryView['webhook'];
  readonly onSaved: () => void;
}

/** Where alerts are posted. The token stays in the vault; an empty field leaves it as it is. */
export function WebhookForm({ webhook, onSaved }: Props) {
  const page = usePage();
  const [on, setOn] = useState(webhook.on);
  const [url, setUrl] = useState(webhook.url);
  const [token, setToken] = useState('');
  const input = { on, url: url.trim(), ...(token === '' ? {} : { token }) };
  const why = whyNotWebhook(input);
  const save = useAction(async (forget: boolean) => {
    await page.call((client) => client.alerts.setWebhook(forget ? { ...input, token: '' } : input));
    onSaved();
  });
  const isSaved = on === webhook.on && url.trim() === webhook.url && token === '';
  return (
    <div className="m-stack-tight">
      <Checkbox
        checked={on}
        label="Post alerts to a webhook"
        onChange={(event) => setOn(event.currentTarget.checked)}
      />
      <FormGroup label="Address" labelFor="webhook-url" helperText="It begins with https:// or http://.">
        <InputGroup
          id="webhook-url"
          value={url}
          placeholder="https://alerts.example.com/matriarch"
          onValueChange={setUrl}
        />
      </FormGroup>
      <FormGroup
        label="Token"
        labelFor="webhook-token"
        helperText={
          webhook.hasToken
            ? 'One is in the vault; leave this empty to keep it. It is removed when the address leads to another server.'
            : 'Sent as a bearer token and kept in the vault. Leave it empty if the receiver wants none.'
        }
      >
        <InputGroup id="webhook-token" type="password" autoComplete="off" value={token} onValueChange={setToken} />
      </FormGroup>
      <div className="m-row m-row-wrap">
        <ReasonButton
          intent="primary"
          text="Save webhook"
          why={isSaved ? 'Nothing was changed.' : why}
          loading={save.busy}
          onClick={() => void save.run(false)}
        />
        {webhook.hasToken ? (
          <Button text="Remove the token" disabled={save.busy} onClick={() => void save.run(true)} />
        ) : null}
        <SendTest channel="webhook" why={whyNoTest(isSaved, webhook.url)} onSent={onSaved} />
      </div>
      {save.error === null ? null : <ErrorNotice error={save.error} />}
    </div>
  );
}

function whyNoTest(isSaved: boolean, url: string): string | null {
  if (!isSaved) return 'Save first: the test is sent by what is kept.';
  return url === '' ? 'Enter an address and save it first.' : null;
}
