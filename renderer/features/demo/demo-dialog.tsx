import { Button, DialogBody, DialogFooter } from '@blueprintjs/core';
import '../../ui/styles/dialog.css';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { DemoClusterWish } from '../../../shared/contract/app';
import { goTo, hrefOf } from '../../navigation/route';
import { useAction, usePage } from '../../rpc/hooks';
import { FocusedDialog } from '../../ui/focused-dialog';
import { ErrorNotice, Notice } from '../../ui/notice';

interface Fleet {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  readonly clusters: readonly DemoClusterWish[];
}

const many = Array.from({ length: 24 }, (_, index) => ({
  scope: `shop-${String(index + 1).padStart(2, '0')}`,
  members: 3 + (index % 5),
}));

const fleets: readonly Fleet[] = [
  {
    id: 'one',
    label: 'One cluster',
    text: 'Three members, ready to be switched over, broken and repaired.',
    clusters: [{ scope: 'orders', members: 3 }],
  },
  {
    id: 'few',
    label: 'A small fleet',
    text: 'Three clusters with three, five and four members. One of them has a problem: find out which, and why.',
    clusters: [
      { scope: 'orders', members: 3 },
      { scope: 'billing', members: 5 },
      { scope: 'catalog', members: 4, fault: 'broken_replica' },
    ],
  },
  {
    id: 'citus',
    label: 'A Citus cluster',
    text: 'A coordinator and two workers, each a group of members with a leader of its own.',
    clusters: [{ scope: 'shop', members: 3, citusWorkers: 2 }],
  },
  {
    id: 'sites',
    label: 'Two sites',
    text: 'A cluster, and a standby cluster at another site that follows it. Let the first site lose its power, and promote the other.',
    clusters: [
      { scope: 'orders', members: 3 },
      { scope: 'orders-dr', members: 3, standbyOf: 'orders' },
    ],
  },
  {
    id: 'many',
    label: 'A large fleet',
    text: 'Twenty-four clusters of three to seven members, to see the fleet at work.',
    clusters: many,
  },
];

/** How fast the next demo lives, in a sentence. Patroni's times, such as the 30 s of a lease, keep their names and pass faster. */
function paceWords(scale: number): string {
  return scale === 1
    ? 'It runs in real time: a failover can take half a minute.'
    : `It runs ${scale} times faster than real time: what takes 30 s on servers takes ${Math.round(30 / scale)} s.`;
}

/** Starts or stops the demo. */
export default function DemoDialog({ onClose }: { readonly onClose: () => void }) {
  const page = usePage();
  const [chosen, setChosen] = useState('few');
  const pace = useStore(page.settings, (settings) => settings.value?.timeScale ?? 1);
  const running = useStore(page.fleet, (fleet) => fleet.clusters.some((cluster) => cluster.origin === 'demo'));
  const start = useAction(async () => {
    const clusters = fleets.find((fleet) => fleet.id === chosen)?.clusters ?? [];
    const { clusterIds } = await page.call((client) => client.demo.start({ clusters: [...clusters] }));
    onClose();
    const [first] = clusterIds;
    goTo(
      clusterIds.length === 1 && first !== undefined
        ? { page: 'cluster', clusterId: first, tab: 'overview' }
        : { page: 'fleet' },
    );
  });
  const stop = useAction(async () => {
    await page.call((client) => client.demo.stop());
    onClose();
    goTo({ page: 'fleet' });
  });
  const error = start.error ?? stop.error;
  return (
    <FocusedDialog isOpen title="Try the demo" onClose={onClose}>
      <DialogBody>
        <div className="m-stack">
          {error === null ? null : <ErrorNotice error={error} />}
          <p>
            The demo simulates clusters inside this app: Patroni, etcd and the servers. Three bare servers are there to
            try a set-up on. Nothing leaves this computer, and your own clusters are not affected.
          </p>
          <p className="m-muted">
            {paceWords(pace)} You can change that in{' '}
            <a href={hrefOf({ page: 'settings' })} onClick={onClose}>
              Settings
            </a>
            .
          </p>
          {running ? <Notice tone="info">A demo is running. Starting another one replaces it.</Notice> : null}
          <fieldset className="m-fieldset">
            <legend className="m-legend">How many clusters</legend>
            <div className="m-candidates">
              {fleets.map((fleet) => (
                <label key={fleet.id} className="m-candidate">
                  <input type="radio" name="fleet" checked={chosen === fleet.id} onChange={() => setChosen(fleet.id)} />
                  <span className="m-strong">{fleet.label}</span>
                  <span />
                  <span className="m-candidate-why m-muted">{fleet.text}</span>
                </label>
              ))}
            </div>
          </fieldset>
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            {running ? <Button text="Stop the demo" loading={stop.busy} onClick={() => void stop.run()} /> : null}
            <Button text="Close" onClick={onClose} />
            <Button intent="primary" text="Start the demo" loading={start.busy} onClick={() => void start.run()} />
          </>
        }
      />
    </FocusedDialog>
  );
}
