import type { UpgradeChoice } from '../../../../../shared/model/upgrade/upgrade-run';
import { CheckList } from '../../../../ui/check-list';
import { Consequences } from '../../../../ui/consequences';
import { PreviewedJobDialog } from '../previewed-job-dialog';
import { UpgradeSteps } from './upgrade-steps';

/** Reads everything again and asks once: what speaks against it, what will happen, every step with its commands. */
export function UpgradeDialog(props: {
  readonly clusterId: string;
  readonly choice: UpgradeChoice;
  readonly onClose: () => void;
}) {
  const { clusterId, choice } = props;
  return (
    <PreviewedJobDialog
      title={() => 'Upgrade, one server after another'}
      testId="upgrade-dialog"
      action="Upgrade"
      words={{
        looking: 'Asking every server, PostgreSQL, etcd, and apt what it would do.',
        waiting: 'The servers are being asked.',
        unread: 'The servers could not be asked.',
      }}
      wish={{ clusterId, choice }}
      ask={(client) => client.upgrades.preview({ clusterId, choice })}
      start={(client, { fingerprint }, confirmed) =>
        client.upgrades.start({ clusterId, choice, fingerprint, ...confirmed })
      }
      show={(preview, name) => (
        <>
          <CheckList checks={preview.checks} />
          <Consequences consequences={preview.consequences} />
          {name}
          <details className="m-details">
            <summary>The steps and their commands</summary>
            <UpgradeSteps steps={preview.steps} />
          </details>
        </>
      )}
      onClose={props.onClose}
    />
  );
}
