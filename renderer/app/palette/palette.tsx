import { Dialog } from '@blueprintjs/core';
import { useId, useState, type KeyboardEvent } from 'react';
import { useStore } from 'zustand';
import type { Settings } from '../../../shared/model/app/settings';
import { usePage } from '../../rpc/hooks';
import { printable } from '../../ui/text';
import { allCommands, matching, type PaletteCommand } from './commands';
import { useRoute } from '../../navigation/route';
import { useOpen, useOverlays } from '../../navigation/overlays';

/** The command palette: every page, cluster and action by typing a few letters. */
export default function Palette() {
  const overlays = useOverlays();
  const commands = useCommands();
  const close = () => overlays.setState({ palette: false });
  const id = useId();
  return (
    <Dialog isOpen className="m-palette" onClose={close} aria-labelledby={id}>
      <h2 id={id} className="m-hidden">
        Command palette
      </h2>
      <PaletteList
        commands={commands}
        run={(command) => {
          close();
          command.run();
        }}
      />
    </Dialog>
  );
}

function useCommands(): readonly PaletteCommand[] {
  const page = usePage();
  const overlays = useOverlays();
  const open = useOpen();
  const route = useRoute();
  const clusters = useStore(page.fleet, (fleet) => fleet.clusters);
  const readOnly = useStore(page.settings, ({ value }) => value?.readOnly === true);
  const save = (change: Partial<Settings>) => {
    const value = page.settings.getState().value;
    if (value !== null)
      void page.call((client) => client.app.saveSettings({ ...value, ...change })).catch(() => undefined);
  };
  return allCommands({
    route,
    clusters,
    openOperation: open.operation,
    openJobs: () => open.jobs(),
    openHelp: () => overlays.setState({ help: true }),
    openDemo: open.demo,
    openTerminal: open.terminal,
    showTerminals: () => overlays.setState(({ terminals }) => ({ terminals: { ...terminals, shown: true } })),
    readOnly,
    save,
  });
}

function PaletteList(props: {
  readonly commands: readonly PaletteCommand[];
  readonly run: (command: PaletteCommand) => void;
}) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const found = matching(props.commands, typed);
  const chosen = Math.min(at, Math.max(0, found.length - 1));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(found.length - 1, chosen + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(0, chosen - 1));
    else if (event.key === 'Enter') {
      const command = found[chosen];
      if (command !== undefined) props.run(command);
    } else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        className="m-palette-input"
        autoFocus
        placeholder="Type a cluster, a page or an action"
        aria-label="Type a cluster, a page or an action"
        role="combobox"
        aria-expanded
        aria-controls={id}
        aria-activedescendant={found.length === 0 ? undefined : `${id}-${chosen}`}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul className="m-palette-list" role="listbox" id={id} aria-label="Commands">
        {found.map((command, index) => (
          <li
            key={command.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosen}
            ref={index === chosen ? intoView : undefined}
            onMouseMove={() => setAt(index)}
            onClick={() => props.run(command)}
          >
            <span className="m-clip">{printable(command.text)}</span>
            <span className="m-muted m-clip">{printable(command.where)}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p className="m-loading">No results. Try another word.</p> : null}
    </>
  );
}

function intoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}
