import { hrefOf } from '../../app/route';
import { Empty, Panel } from '../../ui/panel';

/** The guided set-up of a cluster on bare servers. */
export default function DeployPage() {
  return (
    <div className="m-page">
      <Panel title="Set up a cluster">
        <Empty title="The guided set-up is not in this version"><p>You can <a href={hrefOf({ page: 'connect', serverId: null })}>connect to a cluster</a> that runs already.</p></Empty>
      </Panel>
    </div>
  );
}
