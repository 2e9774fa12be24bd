import { Button, FormGroup, HTMLSelect, NumericInput } from '@blueprintjs/core';
import { useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { Settings } from '../../../shared/model/app/settings';
import { useAction, usePage } from '../../rpc/hooks';
import { downloadText } from '../../ui/download';
import { plural } from '../../ui/wording/format';
import { Loading } from '../../ui/loading';
import { ErrorNotice, Notice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { printable } from '../../ui/text';
import { ReadOnlyPanel } from './read-only-panel';
import { TerminalPanel } from './terminal-panel';
import { VaultPanel } from './vault-panel';

/** What the user can choose for the app, the inventory as a file, and the vault. */
export default function SettingsPage() {
  const page = usePage();
  const settings = useStore(page.settings, (each) => each.value);
  const info = useStore(page.info, (each) => each.value);
  return (
    <div className="m-page m-page-narrow">
      <div className="m-page-head">
        <h1>Settings</h1>
      </div>
      {(info?.problems ?? []).map((problem) => (
        <ErrorNotice key={problem.code} error={problem} />
      ))}
      {settings === null ? (
        <Loading what="Reading the settings." />
      ) : (
        <Choices key={JSON.stringify(settings)} settings={settings} />
      )}
      {settings === null ? null : <ReadOnlyPanel settings={settings} />}
      {settings === null ? null : <TerminalPanel settings={settings} />}
      <VaultPanel />
      <Inventory />
      {info === null ? null : (
        <Panel title="About">
          <dl className="m-facts">
            <dt>Version</dt>
            <dd>
              {info.version}, {info.shell === 'electron' ? 'desktop app' : 'in a browser'}, {info.platform}
            </dd>
            <dt>User</dt>
            <dd>{printable(info.user)}</dd>
            <dt>Data directory</dt>
            <dd className="m-mono m-wrap">{printable(info.dataDirectory)}</dd>
          </dl>
        </Panel>
      )}
    </div>
  );
}

const densities: readonly { readonly value: Settings['density']; readonly label: string }[] = [
  { value: 'compact', label: 'Compact' },
  { value: 'comfortable', label: 'Comfortable' },
];
const paces = [1, 2, 3, 4, 5].map((value) => ({
  value: String(value),
  label: value === 1 ? 'Real time' : `${value} times faster`,
}));

const themes: readonly { readonly value: Settings['theme']; readonly label: string }[] = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

function Choices({ settings }: { readonly settings: Settings }) {
  const page = usePage();
  const [visible, setVisible] = useState(settings.pollVisibleMs / 1000);
  const [hidden, setHidden] = useState(settings.pollHiddenMs / 1000);
  const save = useAction((change: Partial<Settings>) =>
    page.call((client) => client.app.saveSettings({ ...settings, ...change })),
  );
  const good = visible >= 1 && visible <= 60 && hidden >= 2 && hidden <= 600;
  return (
    <Panel title="Appearance">
      {save.error === null ? null : <ErrorNotice error={save.error} />}
      <div className="m-form-row">
        <FormGroup label="Theme" labelFor="theme">
          <HTMLSelect
            id="theme"
            fill
            value={settings.theme}
            options={[...themes]}
            onChange={(event) =>
              void save.run({
                theme: themes.find((each) => each.value === event.currentTarget.value)?.value ?? 'system',
              })
            }
          />
        </FormGroup>
        <FormGroup label="Rows" labelFor="density">
          <HTMLSelect
            id="density"
            fill
            value={settings.density}
            options={[...densities]}
            onChange={(event) =>
              void save.run({
                density: densities.find((each) => each.value === event.currentTarget.value)?.value ?? 'compact',
              })
            }
          />
        </FormGroup>
        <FormGroup label="Demo speed" labelFor="demo-pace" helperText="Applies when the next demo starts">
          <HTMLSelect
            id="demo-pace"
            fill
            value={String(settings.timeScale)}
            options={paces}
            onChange={(event) => void save.run({ timeScale: Number(event.currentTarget.value) })}
          />
        </FormGroup>
      </div>
      <div className="m-form-row">
        <FormGroup label="Refresh the open cluster every (seconds)" labelFor="poll-visible" helperText="1 to 60">
          <NumericInput
            id="poll-visible"
            fill
            min={1}
            max={60}
            value={visible}
            buttonPosition="none"
            onValueChange={setVisible}
          />
        </FormGroup>
        <FormGroup label="Refresh other clusters every (seconds)" labelFor="poll-hidden" helperText="2 to 600">
          <NumericInput
            id="poll-hidden"
            fill
            min={2}
            max={600}
            value={hidden}
            buttonPosition="none"
            onValueChange={setHidden}
          />
        </FormGroup>
      </div>
      <Button
        text="Save the intervals"
        disabled={!good}
        loading={save.busy}
        onClick={() =>
          void save.run({ pollVisibleMs: Math.round(visible * 1000), pollHiddenMs: Math.round(hidden * 1000) })
        }
      />
    </Panel>
  );
}

const LARGEST_FILE = 5_000_000;

function Inventory() {
  const page = usePage();
  const input = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState<string | null>(null);
  const save = useAction(async () => {
    const file = await page.call((client) => client.app.exportInventory());
    downloadText(file.fileName, file.text);
  });
  const load = useAction(async (file: File) => {
    setSaid(null);
    if (file.size > LARGEST_FILE) {
      setSaid('The file is too large for an inventory; nothing was imported.');
      return;
    }
    const text = await file.text();
    const done = await page.call((client) => client.app.importInventory({ text }));
    const skipped = done.skipped.length === 0 ? '' : ` Skipped: ${done.skipped.map(printable).join(', ')}.`;
    setSaid(`Added ${plural(done.servers, 'server')} and ${plural(done.clusters, 'cluster')}.${skipped}`);
  });
  const error = save.error ?? load.error;
  return (
    <Panel title="Inventory" note="your servers and clusters as a file, without secrets">
      <div className="m-stack">
        {error === null ? null : <ErrorNotice error={error} />}
        {said === null ? null : <Notice tone="good">{said}</Notice>}
        <div className="m-row">
          <Button text="Export" loading={save.busy} onClick={() => void save.run()} />
          <Button text="Import a file" loading={load.busy} onClick={() => input.current?.click()} />
          <input
            ref={input}
            type="file"
            hidden
            aria-label="Inventory file"
            accept=".json,.yaml,.yml"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              event.currentTarget.value = '';
              if (file !== undefined) void load.run(file);
            }}
          />
        </div>
      </div>
    </Panel>
  );
}
