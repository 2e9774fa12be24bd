import { Button, MenuDivider, MenuItem, PopoverNext } from '@blueprintjs/core';
import { ChevronDownIcon, FlameIcon } from '@blueprintjs/icons';
import { useState } from 'react';
import type { DemoFault } from '../../../shared/contract/app';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { useAction, useAnswer, usePage } from '../../rpc/hooks';
import { KeyMenu } from '../../ui/key-menu';
import { Chip } from '../../ui/mark';
import { printable } from '../../ui/text';
import { useNow } from '../../ui/time';

const LOOK_EVERY_MS = 3_000;

/** Which faults of the demo are at work on this cluster; that "Repair everything" worked is seen here, too. */
export function ActiveFaults({ state }: { readonly state: ClusterState }) {
  const look = Math.floor(useNow() / LOOK_EVERY_MS);
  const active = useAnswer(`${state.clusterId} ${look}`, (client) =>
    client.demo.active({ clusterId: state.clusterId }),
  );
  const [wasBroken, setWasBroken] = useState(false);
  const count = active.value?.length ?? 0;
  if (count > 0 && !wasBroken) setWasBroken(true);
  if (active.value === null) return null;
  if (count === 0)
    return (
      <span className="m-small m-muted" role="status" data-testid="active-faults">
        {wasBroken ? 'Everything is repaired.' : 'Nothing is broken in the demo now.'} Try &quot;Break something&quot;.
      </span>
    );
  return (
    <span className="m-row m-row-wrap m-small" data-testid="active-faults">
      <span className="m-muted">Broken in the demo:</span>
      {active.value.map((fault) => (
        <Chip
          key={`${fault.id} ${fault.member ?? ''}`}
          tone="warn"
          word={fault.member === null ? fault.label : `${fault.label}: ${printable(fault.member)}`}
        />
      ))}
    </span>
  );
}

/** The demo's menu of faults, on the page of a simulated cluster. */
export function DemoFaults({ state }: { readonly state: ClusterState }) {
  const page = usePage();
  const faults = useAnswer('faults', (client) => client.demo.faults());
  const inject = useAction((faultId: string, member: string | null) =>
    page.call((client) => client.demo.inject({ clusterId: state.clusterId, faultId, member })),
  );
  const heal = useAction(() => page.call((client) => client.demo.heal({ clusterId: state.clusterId })));
  const [asked, setAsked] = useState<DemoFault | null>(null);
  const menu =
    asked === null ? (
      <KeyMenu key="faults" label="Faults of the demo">
        {(faults.value ?? []).map((fault) => (
          <MenuItem
            key={fault.id}
            multiline
            shouldDismissPopover={fault.target === 'cluster'}
            text={<FaultText fault={fault} />}
            onClick={() => (fault.target === 'cluster' ? void inject.run(fault.id, null) : setAsked(fault))}
          />
        ))}
        {faults.value === null ? <MenuItem disabled text="Asking the demo for its faults" /> : null}
        <MenuDivider />
        <MenuItem text="Repair everything" onClick={() => void heal.run()} />
      </KeyMenu>
    ) : (
      <KeyMenu key={asked.id} label={`${asked.label}: which member`}>
        {state.members.map((member) => (
          <MenuItem
            key={member.name}
            text={printable(member.name)}
            label={member.name === state.leader.holder ? 'leader' : ''}
            onClick={() => void inject.run(asked.id, member.name)}
          />
        ))}
        <MenuDivider />
        <MenuItem text="Back to the faults" shouldDismissPopover={false} onClick={() => setAsked(null)} />
      </KeyMenu>
    );
  const error = inject.error ?? heal.error;
  return (
    <>
      {error === null ? null : (
        <span className="m-small m-tone-crit m-clip" role="alert" title={error.hint}>
          {error.message}
        </span>
      )}
      <PopoverNext
        content={menu}
        placement="bottom-end"
        arrow={false}
        animation="minimal"
        shouldReturnFocusOnClose
        onClosed={() => setAsked(null)}
      >
        <Button
          icon={<FlameIcon />}
          endIcon={<ChevronDownIcon />}
          text="Break something"
          loading={inject.busy || heal.busy}
        />
      </PopoverNext>
    </>
  );
}

function FaultText({ fault }: { readonly fault: DemoFault }) {
  return (
    <>
      <div>{fault.label}</div>
      <div className="m-actions-why">{fault.description}</div>
    </>
  );
}
