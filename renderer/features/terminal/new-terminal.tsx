import { Button, MenuItem, PopoverNext } from '@blueprintjs/core';
import { PlusIcon } from '@blueprintjs/icons';
import { useOpen } from '../../navigation/overlays';
import { useAnswer } from '../../rpc/hooks';
import { Answered } from '../../ui/answered';
import { KeyMenu } from '../../ui/key-menu';
import { printable } from '../../ui/text';

/** Opens a terminal on any server of the inventory. */
export function NewTerminalButton() {
  return (
    <PopoverNext
      content={<ServerMenu />}
      placement="top-start"
      arrow={false}
      animation="minimal"
      shouldReturnFocusOnClose
    >
      <Button variant="minimal" icon={<PlusIcon />} aria-label="New terminal" />
    </PopoverNext>
  );
}

function ServerMenu() {
  const servers = useAnswer('terminal-servers', (client) => client.servers.list());
  const open = useOpen();
  return (
    <Answered
      answer={servers}
      what="Reading your servers."
      show={(all) => (
        <KeyMenu label="Servers">
          {all.length === 0 ? <MenuItem role="menuitem" disabled text="No servers yet" /> : null}
          {all.map((server) => (
            <MenuItem
              key={server.id}
              role="menuitem"
              text={printable(server.name)}
              onClick={() => open.terminal({ at: 'server', serverId: server.id }, server.name)}
            />
          ))}
        </KeyMenu>
      )}
    />
  );
}
