import { DataConnectionIcon, NewLayersIcon, PlayIcon } from '@blueprintjs/icons';
import type { ReactNode } from 'react';
import { Logo } from '../../ui/logo';
import { hrefOf } from '../../navigation/route';
import { useOpen } from '../../navigation/overlays';

/** The first screen of an empty app: three ways to start. */
export function Welcome() {
  const open = useOpen();
  return (
    <div className="m-welcome">
      <div className="m-welcome-head">
        <Logo size={44} />
        <h1>Monitor and operate your PostgreSQL clusters</h1>
        <p className="m-muted">
          Matriarch works with Patroni clusters from this computer, over SSH. It installs nothing on your servers.
        </p>
      </div>
      <ul className="m-starts">
        <li>
          <a className="m-start" href={hrefOf({ page: 'connect', serverId: null })}>
            <StartText
              icon={<DataConnectionIcon size={20} />}
              title="Connect to a cluster"
              text="Enter one server of a running cluster. Matriarch finds the other members; nothing is changed."
            />
          </a>
        </li>
        <li>
          <a className="m-start" href={hrefOf({ page: 'deploy' })}>
            <StartText
              icon={<NewLayersIcon size={20} />}
              title="Set up a cluster"
              text="Install etcd, PostgreSQL and Patroni on new servers. You review every file and command first."
            />
          </a>
        </li>
        <li>
          <button type="button" className="m-start" onClick={open.demo}>
            <StartText
              icon={<PlayIcon size={20} />}
              title="Try the demo"
              text="A simulated fleet inside this app, including faults. It needs no servers and no network."
            />
          </button>
        </li>
      </ul>
    </div>
  );
}

function StartText(props: { readonly icon: ReactNode; readonly title: string; readonly text: string }) {
  return (
    <>
      <span className="m-start-icon" aria-hidden>
        {props.icon}
      </span>
      <span className="m-start-title">{props.title}</span>
      <span className="m-start-text">{props.text}</span>
    </>
  );
}
