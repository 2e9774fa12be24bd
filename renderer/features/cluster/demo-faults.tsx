import { Button, MenuDivider, MenuItem, PopoverNext } from '@blueprintjs/core';
import { ChevronDownIcon, FlameIcon } from '@blueprintjs/icons';
import type { DemoFault } from '../../../shared/contract/app';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { useAction, useAnswer, usePage } from '../../rpc/hooks';
import { KeyMenu } from '../../ui/key-menu';
import { printable } from '../../ui/text';

/** The demo's menu of faults, on the page of a simulated cluster. */
export function DemoFaults({ state }: { readonly state: ClusterState }) {
  const page = usePage();
  const faults = useAnswer('faults', (client) => client.demo.faults());
  const inject = useAction((faultId: string, member: string | null) =>
    page.call((client) => client.demo.inject({ clusterId: state.clusterId, faultId, member })),
  );
  const heal = useAction(() => page.call((client) => client.demo.heal({ clusterId: state.clusterId })));
  const menu = (
    <KeyMenu label="Faults of the demo">
      {(faults.value ?? []).map((fault) => (
        <FaultItem key={fault.id} fault={fault} state={state} inject={(member) => void inject.run(fault.id, member)} />
      ))}
      {faults.value === null ? <MenuItem disabled text="Asking the demo for its faults" /> : null}
      <MenuDivider />
      <MenuItem text="Repair everything" onClick={() => void heal.run()} />
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
      <PopoverNext content={menu} placement="bottom-end" arrow={false} animation="minimal" shouldReturnFocusOnClose>
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

function FaultItem(props: {
  readonly fault: DemoFault;
  readonly state: ClusterState;
  readonly inject: (member: string | null) => void;
}) {
  const { fault, state } = props;
  const text = (
    <>
      <div>{fault.label}</div>
      <div className="m-actions-why">{fault.description}</div>
    </>
  );
  if (fault.target === 'cluster') return <MenuItem multiline text={text} onClick={() => props.inject(null)} />;
  return (
    <MenuItem multiline text={text} popoverProps={{ placement: 'left-start' }}>
      {state.members.map((member) => (
        <MenuItem
          key={member.name}
          text={printable(member.name)}
          label={member.name === state.leader.holder ? 'leader' : ''}
          onClick={() => props.inject(member.name)}
        />
      ))}
    </MenuItem>
  );
}
