import { DataConnectionIcon, NewLayersIcon, PlayIcon } from '@blueprintjs/icons';
import type { ReactNode } from 'react';
import { Logo } from '../../ui/logo';
import { hrefOf } from '../../navigation/route';
import { useOpen } from '../../navigation/overlays';

/** The first screen of an empty app: three doors. */
export function Welcome() {
  const open = useOpen();
  return (
    <div className="m-welcome">
      <div className="m-welcome-head">
        <Logo size={44} />
        <h1>Your PostgreSQL clusters, watched over</h1>
        <p className="m-muted">
          Matriarch shows and operates Patroni clusters from this computer, over SSH. Nothing is installed on your
          servers to do so.
        </p>
      </div>
      <ul className="m-doors">
        <li>
          <a className="m-door" href={hrefOf({ page: 'connect', serverId: null })}>
            <DoorText
              icon={<DataConnectionIcon size={20} />}
              title="Connect to a cluster"
              text="Name one server of a cluster that runs. The other members are found from there; nothing is changed."
            />
          </a>
        </li>
        <li>
          <a className="m-door" href={hrefOf({ page: 'deploy' })}>
            <DoorText
              icon={<NewLayersIcon size={20} />}
              title="Set up a cluster"
              text="From bare servers to etcd, PostgreSQL and Patroni, with a review of every file and command before anything happens."
            />
          </a>
        </li>
        <li>
          <button type="button" className="m-door" onClick={open.demo}>
            <DoorText
              icon={<PlayIcon size={20} />}
              title="Try the demo"
              text="A simulated fleet inside this app, faults included. No server and no network needed."
            />
          </button>
        </li>
      </ul>
    </div>
  );
}

function DoorText(props: { readonly icon: ReactNode; readonly title: string; readonly text: string }) {
  return (
    <>
      <span className="m-door-icon" aria-hidden>
        {props.icon}
      </span>
      <span className="m-door-title">{props.title}</span>
      <span className="m-door-text">{props.text}</span>
    </>
  );
}
