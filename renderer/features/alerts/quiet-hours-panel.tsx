import { Button, FormGroup, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import type { QuietHours } from '../../../shared/model/alerts/alert';
import { useAction, usePage } from '../../rpc/hooks';
import { ErrorNotice } from '../../ui/notice';
import { Panel } from '../../ui/panel';

const two = (value: number): string => String(value).padStart(2, '0');
const clockOf = (minutes: number): string => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;

/** Minutes since midnight of "22:30"; null where it is no time of day. */
function minutesOf(clock: string): number | null {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(clock.trim()) ?? [];
  return hours === undefined || minutes === undefined ? null : Number(hours) * 60 + Number(minutes);
}

/** When warnings are not notified. */
export function QuietHoursPanel({ hours }: { readonly hours: QuietHours | null }) {
  const page = usePage();
  const [from, setFrom] = useState(clockOf(hours?.from ?? 22 * 60));
  const [to, setTo] = useState(clockOf(hours?.to ?? 7 * 60));
  const save = useAction((next: QuietHours | null) =>
    page.call((client) => client.alerts.setQuietHours({ hours: next })),
  );
  const [first, last] = [minutesOf(from), minutesOf(to)];
  return (
    <Panel title="Quiet hours">
      <p>
        Warnings are always shown here. In quiet hours no notifications are sent for them until the hours are over;
        critical alerts are notified at any time, unless the cluster is muted. The clock is that of this computer.
      </p>
      <div className="m-row m-quiet-hours">
        <FormGroup label="From" labelFor="quiet-from">
          <InputGroup id="quiet-from" value={from} placeholder="22:00" onValueChange={setFrom} />
        </FormGroup>
        <FormGroup label="To" labelFor="quiet-to">
          <InputGroup id="quiet-to" value={to} placeholder="07:00" onValueChange={setTo} />
        </FormGroup>
      </div>
      <div className="m-row">
        <Button
          text={hours === null ? 'Set quiet hours' : 'Change quiet hours'}
          disabled={first === null || last === null}
          title={first === null || last === null ? 'Write times as 22:00.' : undefined}
          loading={save.busy}
          onClick={() => {
            if (first !== null && last !== null) void save.run({ from: first, to: last });
          }}
        />
        {hours === null ? null : <Button text="No quiet hours" onClick={() => void save.run(null)} />}
        <span className="m-muted" data-testid="quiet-hours">
          {hours === null ? 'None are set.' : `Every day from ${clockOf(hours.from)} to ${clockOf(hours.to)}.`}
        </span>
      </div>
      {save.error === null ? null : <ErrorNotice error={save.error} />}
    </Panel>
  );
}
