import { MenuDivider, MenuItem, PopoverNext } from '@blueprintjs/core';
import type { ReactElement } from 'react';
import type { TerminalKind } from '../../shared/model/terminal/terminal';
import { terminalTitle } from '../navigation/terminal-tabs';
import { useOpen } from '../navigation/overlays';
import { KeyMenu } from '../ui/key-menu';
import type { ClusterState } from '../../shared/model/cluster/cluster-state';
import type { Member } from '../../shared/model/cluster/member';
import type { Offer, Scene } from '../../shared/rules/operate/offers';
import { useScene } from './use-scene';

/** A menu of actions; one that is not offered stays in it with the reason. */
export function ActionMenu(props: {
  readonly state: ClusterState;
  readonly label: string;
  readonly offers: (scene: Scene) => readonly Offer[];
  /** The member that the menu is about, whose services and logs it opens; without it the menu is the cluster's. */
  readonly member?: Member;
  readonly children: ReactElement;
}) {
  const { state, label, offers, member = null } = props;
  const items = <ActionItems state={state} label={label} offers={offers} member={member} />;
  return (
    <PopoverNext content={items} placement="bottom-end" arrow={false} animation="minimal" shouldReturnFocusOnClose>
      {props.children}
    </PopoverNext>
  );
}

function ActionItems(props: {
  readonly state: ClusterState;
  readonly label: string;
  readonly offers: (scene: Scene) => readonly Offer[];
  readonly member: Member | null;
}) {
  const open = useOpen();
  const scene = useScene(props.state);
  return (
    <KeyMenu label={props.label}>
      {props.offers(scene).map((offer) => (
        <MenuItem
          key={offer.label}
          role="menuitem"
          disabled={offer.why !== null}
          multiline
          intent={offer.danger && offer.why === null ? 'danger' : 'none'}
          text={
            offer.why === null ? (
              offer.label
            ) : (
              <>
                <div>{offer.label}</div>
                <div className="m-actions-why">{offer.why}</div>
              </>
            )
          }
          onClick={() => open.operation(props.state.clusterId, offer.operation, offer.suggested)}
        />
      ))}
      {props.member === null ? null : <ServicesItem clusterId={props.state.clusterId} member={props.member} />}
    </KeyMenu>
  );
}

/** Opens the services of a member over SSH, also when its Patroni is down. */
function ServicesItem({ clusterId, member }: { readonly clusterId: string; readonly member: Member }) {
  const open = useOpen();
  const why = member.serverId === null ? 'This member is reached without SSH.' : null;
  return (
    <>
      <MenuDivider />
      <MenuItem
        role="menuitem"
        multiline
        disabled={why !== null}
        text={
          why === null ? (
            'Services and logs'
          ) : (
            <>
              <div>Services and logs</div>
              <div className="m-actions-why">{why}</div>
            </>
          )
        }
        onClick={() => open.services({ clusterId, member: member.name, log: 'patroni' })}
      />
      {member.serverId === null ? null : <TerminalItems clusterId={clusterId} member={member.name} />}
    </>
  );
}

const terminalItems: readonly { readonly kind: TerminalKind; readonly text: string }[] = [
  { kind: 'shell', text: 'Terminal' },
  { kind: 'psql', text: 'Terminal with psql' },
  { kind: 'patronictl', text: 'Terminal with patronictl' },
];

/** Opens a terminal on a member's server, with a shell or a ready-made program in it. */
function TerminalItems({ clusterId, member }: { readonly clusterId: string; readonly member: string }) {
  const open = useOpen();
  return terminalItems.map(({ kind, text }) => (
    <MenuItem
      key={kind}
      role="menuitem"
      text={text}
      onClick={() => open.terminal({ at: 'member', clusterId, member, kind }, terminalTitle(member, kind))}
    />
  ));
}
