import { MenuItem, PopoverNext } from '@blueprintjs/core';
import type { ReactElement } from 'react';
import { useOpen } from '../navigation/overlays';
import { KeyMenu } from '../ui/key-menu';
import type { ClusterState } from '../../shared/model/cluster/cluster-state';
import type { Offer, Scene } from '../../shared/rules/operate/offers';
import { useScene } from './use-scene';

/** A menu of actions; one that is not offered stays in it with the reason. */
export function ActionMenu(props: {
  readonly state: ClusterState;
  readonly label: string;
  readonly offers: (scene: Scene) => readonly Offer[];
  readonly children: ReactElement;
}) {
  const items = <ActionItems state={props.state} label={props.label} offers={props.offers} />;
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
    </KeyMenu>
  );
}
