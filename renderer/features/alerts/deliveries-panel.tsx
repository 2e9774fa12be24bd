import { useEffect } from 'react';
import type { DeliveryState } from '../../../shared/model/alerts/deliveries';
import { useAnswer } from '../../rpc/hooks';
import { Answered } from '../../ui/answered';
import { Notice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { printable } from '../../ui/text';
import { Ago } from '../../ui/time';
import { formatDateTime, plural } from '../../ui/wording/format';
import { MailForm } from './mail-form';
import { WebhookForm } from './webhook-form';

const EVERY_MS = 3_000;

/** The ways by which alerts leave the app beside the desktop: a webhook and mail. */
export function DeliveriesPanel() {
  const answer = useAnswer('deliveries', (client) => client.alerts.deliveries());
  const { reload, loading } = answer;
  useEffect(() => {
    if (loading) return;
    const timer = setTimeout(reload, EVERY_MS);
    return () => clearTimeout(timer);
  }, [loading, reload]);
  return (
    <Answered
      answer={answer}
      what="Reading where alerts are sent."
      show={({ webhook, mail }) => (
        <>
          <Panel title="Webhook" note={webhook.on ? 'on' : 'off'}>
            <div className="m-stack">
              <p>
                Alerts are posted as JSON to an address of yours when they are raised and when they are over, as on the
                desktop: not while their cluster is muted, and warnings not in quiet hours.
              </p>
              <WebhookForm key={JSON.stringify({ ...webhook, state: null })} webhook={webhook} onSaved={reload} />
              <Fares state={webhook.state} />
            </div>
          </Panel>
          <Panel title="Mail" note={mail.on ? 'on' : 'off'}>
            <div className="m-stack">
              <p>The same by mail, through a server that takes mail for you (SMTP).</p>
              <MailForm key={JSON.stringify({ ...mail, state: null })} mail={mail} onSaved={reload} />
              <Fares state={mail.state} />
            </div>
          </Panel>
        </>
      )}
    />
  );
}

function Fares({ state: { waiting, lastSentAt, trouble, lost } }: { readonly state: DeliveryState }) {
  return (
    <div className="m-stack-tight">
      <p className="m-small m-muted">
        {lastSentAt === null ? (
          'Nothing was sent since the app started.'
        ) : (
          <>
            Last sent <Ago at={lastSentAt} />.
          </>
        )}
      </p>
      {trouble === null ? null : (
        <Notice tone="warn">
          <div className="m-strong">
            {waiting === 0
              ? 'The last message was not delivered'
              : `${plural(waiting, 'message')} cannot be delivered now`}
          </div>
          <div className="m-wrap">{printable(trouble.sentence)}</div>
          <div className="m-small m-muted">
            <Ago at={trouble.at} />
            {waiting === 0 ? '' : '; it is tried again by itself'}
          </div>
        </Notice>
      )}
      {lost.length === 0 ? null : (
        <details>
          <summary>{plural(lost.length, 'message')} not delivered</summary>
          <ul>
            {lost.map(({ at, what, why }, index) => (
              <li key={`${at} ${index}`} className="m-wrap">
                {formatDateTime(at)}: {printable(what)} ({printable(why)})
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
