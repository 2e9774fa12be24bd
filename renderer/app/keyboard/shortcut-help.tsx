import { DialogBody } from '@blueprintjs/core';
import { Fragment } from 'react';
import { useOverlays } from '../../navigation/overlays';
import { shortcuts } from './shortcuts';
import { FocusedDialog } from '../../ui/focused-dialog';

/** The list of shortcuts. */
export default function ShortcutHelp() {
  const overlays = useOverlays();
  const mod = navigator.userAgent.includes('Mac') ? 'Cmd' : 'Ctrl';
  return (
    <FocusedDialog isOpen title="Keyboard shortcuts" onClose={() => overlays.setState({ help: false })}>
      <DialogBody>
        <dl className="m-facts">
          {shortcuts.map((each) => (
            <Fragment key={each.text}>
              <dt className="m-row">
                {each.keys.map((key) => (
                  <kbd className="m-kbd" key={key}>
                    {key === 'Mod' ? mod : key}
                  </kbd>
                ))}
              </dt>
              <dd>{each.text}</dd>
            </Fragment>
          ))}
          <dt>
            <kbd className="m-kbd">Esc</kbd>
          </dt>
          <dd>Close dialog or panel</dd>
        </dl>
      </DialogBody>
    </FocusedDialog>
  );
}
