import { Button, FormGroup, HTMLSelect } from '@blueprintjs/core';
import { useId, useState } from 'react';
import { useStore } from 'zustand';
import type { FollowedWay } from '../../../../../shared/model/deploy/followed-cluster';
import type { StandbySpec } from '../../../../../shared/model/deploy/spec/standby-spec';
import { clusterName } from '../../../../../shared/rules/citus/citus-names';
import { serversWith } from '../../../../../shared/rules/deploy/layout';
import { prepareSource } from '../../../../../shared/rules/deploy/standby/prepare-source';
import { asOwnCluster, asStandby, firstStandby, withFollowed, withWay } from '../../../../deployment/form/standby-form';
import { useOpen } from '../../../../navigation/overlays';
import { useAction, useClusterFeed, usePage } from '../../../../rpc/hooks';
import { Choices, type Choice } from '../../../../ui/choices';
import { Command } from '../../../../ui/command';
import { Mark } from '../../../../ui/mark';
import { ErrorNotice, Notice } from '../../../../ui/notice';
import { Panel } from '../../../../ui/panel';
import { printable } from '../../../../ui/text';
import { LinesField, NumberField, TextField } from '../../wizard/spec-fields';
import { useSpec, useWizard } from '../../wizard/wizard-context';

type Kind = 'own' | 'standby';

const kinds: readonly Choice<Kind>[] = [
  { value: 'own', label: 'A cluster of its own', explain: 'It begins empty and takes writes.' },
  {
    value: 'standby',
    label: 'A standby cluster of another one',
    explain:
      'It copies a cluster at another site, follows it without taking writes, and can take over when that site is lost.',
  },
];

/** Whether the cluster follows another one, which, and by which way. */
export function StandbyPanel() {
  const wizard = useWizard();
  const { standby } = useSpec();
  const choose = (kind: Kind) =>
    wizard.change((form) => (kind === 'own' ? asOwnCluster(form) : asStandby(form, firstStandby(form.spec))));
  return (
    <Panel title="Another site">
      <Choices
        legend="What is this cluster?"
        value={standby === undefined ? 'own' : 'standby'}
        choices={kinds}
        onValue={choose}
      />
      {standby === undefined ? null : <Followed standby={standby} />}
    </Panel>
  );
}

function Followed({ standby }: { readonly standby: StandbySpec }) {
  const wizard = useWizard();
  const page = usePage();
  const spec = useSpec();
  const [ways, setWays] = useState<readonly FollowedWay[]>([]);
  const set = (change: Partial<StandbySpec>) =>
    wizard.changeSpec((before) => ({ ...before, standby: { ...(before.standby ?? firstStandby(before)), ...change } }));
  const take = useAction(async (followed: string) => {
    const found = await page.call((client) => client.deploy.follow({ clusterId: spec.id, followed }));
    setWays(found.ways);
    wizard.changeSpec((before) => withFollowed(before, found));
  });
  const setSlot = (text: string) =>
    wizard.changeSpec((before) => {
      const { slot: _old, ...rest } = before.standby ?? standby;
      return { ...before, standby: text.trim() === '' ? rest : { ...rest, slot: text.trim() } };
    });
  return (
    <div className="d-indent m-stack">
      <ClusterChoice chosen={standby.cluster ?? ''} busy={take.busy} onChoose={(id) => void take.run(id)} />
      {take.error === null ? null : <ErrorNotice error={take.error} />}
      <Ways ways={ways} standby={standby} onWay={(way) => wizard.changeSpec((before) => withWay(before, way))} />
      <div className="m-form-row">
        <LinesField
          label="Addresses to follow"
          path="standby.hosts"
          value={standby.hosts}
          placeholder="10.0.0.11"
          help="One per line: its members, or an address that leads to its primary."
          onValue={(hosts) => set({ hosts })}
        />
        <NumberField label="Port there" path="standby.port" value={standby.port} onValue={(port) => set({ port })} />
        <TextField
          label="Slot there"
          path="standby.slot"
          value={standby.slot ?? ''}
          help="Keeps WAL for this site while it is interrupted."
          onValue={setSlot}
        />
      </div>
      {standby.cluster === undefined ? (
        <Notice tone="info">
          Set the passwords of the superuser, replication and rewind roles below: they are those of the followed
          cluster.
        </Notice>
      ) : (
        <Preparation key={standby.cluster} clusterId={standby.cluster} standby={standby} />
      )}
    </div>
  );
}

function ClusterChoice(props: {
  readonly chosen: string;
  readonly busy: boolean;
  readonly onChoose: (clusterId: string) => void;
}) {
  const id = useId();
  const clusters = useStore(usePage().fleet, (fleet) => fleet.clusters);
  return (
    <FormGroup
      label="Cluster to follow"
      labelFor={id}
      helperText={
        props.busy ? 'Reading its addresses, roles and passwords.' : 'Its roles and their passwords are taken over.'
      }
    >
      <HTMLSelect
        id={id}
        value={props.chosen}
        disabled={props.busy}
        onChange={(event) => {
          if (event.currentTarget.value !== '') props.onChoose(event.currentTarget.value);
        }}
      >
        <option value="">Not in this app</option>
        {clusters.map((cluster) => (
          <option key={cluster.clusterId} value={cluster.clusterId}>
            {printable(clusterName(cluster))}
          </option>
        ))}
      </HTMLSelect>
    </FormGroup>
  );
}

const wayWords: Readonly<Record<FollowedWay['by'], string>> = {
  member: 'Its members',
  virtual_address: 'Its virtual address',
  load_balancer: 'A load balancer',
};

function Ways(props: {
  readonly ways: readonly FollowedWay[];
  readonly standby: StandbySpec;
  readonly onWay: (way: FollowedWay) => void;
}) {
  if (props.ways.length < 2) return null;
  const keyOf = ({ hosts, port }: Pick<FollowedWay, 'hosts' | 'port'>) => `${hosts.join(',')} ${port}`;
  return (
    <Choices
      legend="By which way?"
      value={keyOf(props.standby)}
      choices={props.ways.map((way) => ({
        value: keyOf(way),
        label: wayWords[way.by],
        explain: `${way.hosts.join(', ')}, port ${way.port}`,
      }))}
      onValue={(key) => {
        const way = props.ways.find((one) => keyOf(one) === key);
        if (way !== undefined) props.onWay(way);
      }}
    />
  );
}

/** What the followed cluster needs before: nothing of it is changed but by an operation of its own, with its preview. */
function Preparation({ clusterId, standby }: { readonly clusterId: string; readonly standby: StandbySpec }) {
  const { state } = useClusterFeed(clusterId);
  const spec = useSpec();
  const open = useOpen();
  if (state === null) return <p className="m-muted">Reading the configuration of the followed cluster.</p>;
  const title = printable(clusterName(state));
  if (state.config === null)
    return (
      <Notice tone="unknown">The configuration of {title} is not known now, so neither is what it still needs.</Notice>
    );
  const base = state.config.raw;
  const addresses = serversWith(spec, 'postgres').map(({ address }) => address);
  const need = prepareSource(base, {
    slot: standby.slot ?? null,
    accounts: spec.accounts,
    addresses,
    tls: standby.authority !== undefined,
  });
  return (
    <section className="m-stack" aria-label={`What ${title} needs`} data-testid="standby-preparation">
      <h3>What {title} needs</h3>
      {need.slot === 'not_wanted' ? null : (
        <Mark
          tone={need.slot === 'there' ? 'good' : 'warn'}
          word={`Slot ${printable(standby.slot ?? '')}: ${need.slot === 'there' ? 'there' : 'missing'}`}
        />
      )}
      {addresses.length === 0 ? (
        <Mark tone="unknown" word="Add servers to see whether its rules let them in" />
      ) : (
        <Mark tone={toneOfRules(need)} word={rulesInWords(need)} />
      )}
      {need.lines.length === 0 ? null : <Command text={need.lines.join('\n')} />}
      {need.isKeptHere ? null : (
        <p className="m-muted m-small">
          pg_hba of {title} stands in files of its servers: add these lines there, above any line that refuses, and
          reload. The review tries them.
        </p>
      )}
      {need.patch === null ? null : (
        <div>
          <Button
            text={`Prepare ${title}`}
            onClick={() =>
              open.operation(clusterId, { kind: 'change_config', patch: { ...need.patch }, base: { ...base } })
            }
          />
          <span className="m-small m-muted">
            {' '}
            Shows the change first. Nothing of {title} is changed by the set-up itself.
          </span>
        </div>
      )}
    </section>
  );
}

type Need = ReturnType<typeof prepareSource>;

function toneOfRules({ isKeptHere, lines }: Need): 'good' | 'warn' | 'unknown' {
  if (!isKeptHere) return 'unknown';
  return lines.length === 0 ? 'good' : 'warn';
}

function rulesInWords({ isKeptHere, lines }: Need): string {
  if (!isKeptHere) return 'Whether its rules let these servers in is not known';
  return lines.length === 0 ? 'Its rules let these servers in' : 'Its rules do not let these servers in yet';
}
