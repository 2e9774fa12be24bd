import { Checkbox } from '@blueprintjs/core';
import type { Settings } from '../../../shared/model/app/settings';
import { useAction, usePage } from '../../rpc/hooks';
import { ErrorNotice } from '../../ui/notice';
import { Panel } from '../../ui/panel';

/** Whether this app may change anything at all. */
export function ReadOnlyPanel({ settings }: { readonly settings: Settings }) {
  const page = usePage();
  const save = useAction((readOnly: boolean) =>
    page.call((client) => client.app.saveSettings({ ...settings, readOnly })),
  );
  return (
    <Panel title="Read-only mode">
      {save.error === null ? null : <ErrorNotice error={save.error} />}
      <Checkbox
        checked={settings.readOnly}
        disabled={save.busy}
        label="Only watch: change nothing on any server or cluster"
        onChange={(event) => void save.run(event.currentTarget.checked)}
      />
      <p className="m-small m-muted">
        Every switchover, restart, set-up and other change is refused until you switch it off. To protect one cluster
        alone, use its Cluster settings.
      </p>
    </Panel>
  );
}
