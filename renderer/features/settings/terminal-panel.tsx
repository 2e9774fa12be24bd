import { Checkbox, FormGroup, HTMLSelect } from '@blueprintjs/core';
import type { Settings } from '../../../shared/model/app/settings';
import { useAction, usePage } from '../../rpc/hooks';
import { ErrorNotice } from '../../ui/notice';
import { Panel } from '../../ui/panel';

const sizes = [10, 11, 12, 13, 14, 15, 16, 18, 20, 24].map((value) => ({ value: String(value), label: `${value} px` }));

/** How terminals look, and whether a screen reader can read them. */
export function TerminalPanel({ settings }: { readonly settings: Settings }) {
  const page = usePage();
  const save = useAction((change: Partial<Settings>) =>
    page.call((client) => client.app.saveSettings({ ...settings, ...change })),
  );
  return (
    <Panel title="Terminals">
      {save.error === null ? null : <ErrorNotice error={save.error} />}
      <FormGroup label="Text size" labelFor="terminal-size">
        <HTMLSelect
          id="terminal-size"
          value={String(settings.terminalFontSize)}
          options={sizes}
          onChange={(event) => void save.run({ terminalFontSize: Number(event.currentTarget.value) })}
        />
      </FormGroup>
      <Checkbox
        checked={settings.terminalScreenReader}
        label="Make the terminals readable for a screen reader (slower)"
        onChange={(event) => void save.run({ terminalScreenReader: event.currentTarget.checked })}
      />
    </Panel>
  );
}
