import { Button, Checkbox } from '@blueprintjs/core';
import { useState } from 'react';
import type { Server } from '../../../../../shared/model/connect/server';
import { useAction } from '../../../../rpc/hooks';
import { plural } from '../../../../ui/wording/format';
import { ErrorNotice } from '../../../../ui/notice';
import { printable } from '../../../../ui/text';
import { serverKey } from '../../../../deployment/form/server-key';
import { useWizardState } from '../../wizard/wizard-context';

/** A server of the demo on which nothing is set up at its start. */
const isBare = ({ tags }: Server): boolean => tags.includes('demo') && tags.includes('bare');

/** Servers of the inventory that are not in this cluster yet, to choose from. Shown only when there are any. */
export function ServerPick({ onPicked }: { readonly onPicked: (servers: readonly Server[]) => Promise<void> }) {
  const inventory = useWizardState((state) => state.inventory);
  const taken = useWizardState((state) => state.form.spec.servers);
  const [picked, setPicked] = useState<readonly string[]>([]);
  const add = useAction(() => onPicked(inventory.filter((server) => picked.includes(server.id))));
  const free = inventory
    .filter((server) => !taken.some((one) => serverKey(one) === server.id))
    .sort((a, b) => Number(isBare(b)) - Number(isBare(a)));
  if (free.length === 0) return null;
  const toggle = (id: string) =>
    setPicked((before) => (before.includes(id) ? before.filter((one) => one !== id) : [...before, id]));
  return (
    <fieldset className="m-fieldset d-pick">
      <legend className="m-strong">From your servers</legend>
      {free.some(isBare) ? (
        <p className="m-small m-muted">
          The servers named bare are simulated and empty: a set-up of all three can be tried out to its end.
        </p>
      ) : null}
      {add.error === null ? null : <ErrorNotice error={add.error} />}
      <div className="d-pick-list">
        {free.map((server) => (
          <Checkbox
            key={server.id}
            checked={picked.includes(server.id)}
            label={`${printable(server.name)} (${printable(server.user)}@${printable(server.host)})`}
            onChange={() => toggle(server.id)}
          />
        ))}
      </div>
      <Button
        text={picked.length === 0 ? 'Add selected servers' : `Add ${plural(picked.length, 'server')}`}
        disabled={picked.length === 0}
        loading={add.busy}
        onClick={() => void add.run()}
      />
    </fieldset>
  );
}
