import { Button, Checkbox } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { Server } from '../../../../shared/model/connect/server';
import { prometheusPlaceSchema, type PrometheusPlace } from '../../../../shared/model/statistics/prometheus';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { ErrorNotice } from '../../../ui/notice';
import { printable } from '../../../ui/text';

const USUAL_PORT = '9090';

interface PlaceProps {
  readonly state: ClusterState;
  readonly place: PrometheusPlace | null;
  /** Asked for the place again. */
  readonly onChanged: () => void;
}

/** Whether the charts are read from a Prometheus, and which one. */
export function PrometheusChoice(
  props: PlaceProps & { readonly isShown: boolean; readonly onShown: (isShown: boolean) => void },
) {
  const { state, place, isShown, onShown, onChanged } = props;
  const { clusterId } = state;
  const page = usePage();
  const [names, setNames] = useState(false);
  const servers = useAnswer(`servers ${place?.serverId ?? ''}`, (client) => client.servers.list());
  const forget = useAction(() =>
    page.call((client) => client.statistics.usePrometheus({ clusterId, place: null })).then(onChanged),
  );
  if (place === null)
    return (
      <>
        <div className="m-row">
          <Button
            size="small"
            text="Read from a Prometheus"
            aria-expanded={names}
            onClick={() => setNames((before) => !before)}
          />
        </div>
        {names ? <PlaceForm {...props} onDone={() => setNames(false)} /> : null}
      </>
    );
  const seenFrom = printable(nameOf(state, place, servers.value));
  return (
    <>
      {forget.error === null ? null : <ErrorNotice error={forget.error} />}
      <div className="m-row m-row-wrap m-small m-muted">
        <Checkbox
          className="m-chart-keep"
          checked={isShown}
          label={`From the Prometheus at ${place.host}:${String(place.port)}, as seen from ${seenFrom}`}
          onChange={(event) => onShown(event.currentTarget.checked)}
        />
        <Button
          size="small"
          text="Forget it"
          disabled={forget.busy}
          onClick={() => {
            onShown(false);
            void forget.run();
          }}
        />
      </div>
    </>
  );
}

/** The server that a Prometheus is seen from: a member, or any other of the inventory. */
function nameOf({ members }: ClusterState, { serverId }: PrometheusPlace, servers: readonly Server[] | null): string {
  const member = members.find((one) => one.serverId === serverId)?.name;
  return member ?? servers?.find(({ id }) => id === serverId)?.name ?? serverId;
}

function PlaceForm({ state, onChanged, onDone }: PlaceProps & { readonly onDone: () => void }) {
  const { clusterId } = state;
  const page = usePage();
  const reached = state.members.flatMap(({ name, serverId }) => (serverId === null ? [] : [{ name, serverId }]));
  const [texts, setTexts] = useState({ serverId: reached[0]?.serverId ?? '', host: '127.0.0.1', port: USUAL_PORT });
  const place = prometheusPlaceSchema.safeParse({ ...texts, port: Number(texts.port) }).data ?? null;
  const use = useAction(() => page.call((client) => client.statistics.usePrometheus({ clusterId, place })));
  const submit = async (): Promise<void> => {
    if (place === null || !(await use.run())) return;
    onDone();
    onChanged();
  };
  return (
    <form
      className="m-stack"
      aria-label="A Prometheus for these charts"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {use.error === null ? null : <ErrorNotice error={use.error} />}
      <div className="m-row m-row-wrap">
        <label className="m-small">
          Seen from{' '}
          <select
            value={texts.serverId}
            onChange={({ currentTarget }) => setTexts({ ...texts, serverId: currentTarget.value })}
          >
            {reached.map(({ name, serverId }) => (
              <option key={serverId} value={serverId}>
                {printable(name)}
              </option>
            ))}
          </select>
        </label>
        <label className="m-small">
          Host{' '}
          <input
            value={texts.host}
            onChange={({ currentTarget }) => setTexts({ ...texts, host: currentTarget.value })}
          />
        </label>
        <label className="m-small">
          Port{' '}
          <input
            inputMode="numeric"
            value={texts.port}
            onChange={({ currentTarget }) => setTexts({ ...texts, port: currentTarget.value })}
          />
        </label>
        <Button size="small" type="submit" text="Use it" disabled={place === null} loading={use.busy} />
      </div>
      <p className="m-small m-muted">
        It is read through the SSH tunnel of that server, over HTTP and without a login.
      </p>
    </form>
  );
}
