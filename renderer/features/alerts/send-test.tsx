import { useState } from 'react';
import type { DeliveryChannel } from '../../../shared/model/alerts/deliveries';
import { useAction, usePage } from '../../rpc/hooks';
import { Mark } from '../../ui/mark';
import { ErrorNotice } from '../../ui/notice';
import { ReasonButton } from '../../ui/reason-button';

/** Sends a test by one way, and says how it went. */
export function SendTest(props: {
  readonly channel: DeliveryChannel;
  /** Why no test can be sent now; null: it can. */
  readonly why: string | null;
  readonly onSent: () => void;
}) {
  const { channel, why, onSent } = props;
  const page = usePage();
  const [sent, setSent] = useState(false);
  const test = useAction(async () => {
    setSent(false);
    await page.call((client) => client.alerts.testDelivery({ channel }));
    setSent(true);
    onSent();
  });
  return (
    <>
      <ReasonButton text="Send a test" why={why} loading={test.busy} onClick={() => void test.run()} />
      <span role="status">{sent && test.error === null ? <Mark tone="good" word="The test was taken" /> : null}</span>
      {test.error === null ? null : <ErrorNotice error={test.error} />}
    </>
  );
}
