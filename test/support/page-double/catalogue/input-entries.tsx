import { Button, DialogBody, DialogFooter, MenuItem } from '@blueprintjs/core';
import { useState } from 'react';
import { Choices, Switch } from '../../../../renderer/ui/choices';
import { Command } from '../../../../renderer/ui/command';
import { ColumnMenu } from '../../../../renderer/ui/column-menu';
import { ConfirmDialog } from '../../../../renderer/ui/confirm-dialog';
import { CheckList } from '../../../../renderer/ui/check-list';
import { Consequences } from '../../../../renderer/ui/consequences';
import { FocusedDialog } from '../../../../renderer/ui/focused-dialog';
import { KeyMenu } from '../../../../renderer/ui/key-menu';
import { TypedName } from '../../../../renderer/ui/typed-name';
import { longName, refusedLogin, type Entry } from './entry';

/** What is filled in, chosen and confirmed. */
export function inputEntries(): readonly Entry[] {
  return [
    { component: 'Choices', states: { 'one of three': <ModeChoices /> } },
    { component: 'Switch', states: { 'on or off': <RewindSwitch /> } },
    {
      component: 'CheckList',
      states: {
        'each verdict': (
          <CheckList
            checks={[
              { code: 'a.ok', verdict: 'ok', sentence: 'etcd has a quorum.' },
              { code: 'a.warns', verdict: 'warns', sentence: `${longName} is 2 MB behind.` },
              { code: 'a.refuses', verdict: 'refuses', sentence: 'Automatic failover is paused.' },
            ]}
          />
        ),
      },
    },
    {
      component: 'Consequences',
      states: {
        'two sentences': (
          <Consequences consequences={[`${longName} takes over.`, 'Connections to the old leader are closed.']} />
        ),
      },
    },
    { component: 'ConfirmDialog', states: { 'opened by its button': <ConfirmationByButton /> } },
    { component: 'TypedName', states: { 'a name that is too long': <NameToType /> } },
    { component: 'FocusedDialog', states: { 'opened by its button': <DialogByButton /> } },
    {
      component: 'KeyMenu',
      states: {
        'with an item that is not offered': (
          <KeyMenu label="Actions of db2">
            <MenuItem text="Restart" label="pending" />
            <MenuItem text="Switch over to it" disabled labelElement="lags 12 MB" />
            <MenuItem text="Reinitialize" intent="danger" />
          </KeyMenu>
        ),
      },
    },
    { component: 'ColumnMenu', states: { 'opened by its button': <ColumnsByButton /> } },
  ];
}

function ColumnsByButton() {
  const [hidden, setHidden] = useState<readonly ('lag' | 'timeline')[]>(['lag']);
  return (
    <ColumnMenu
      what="the members"
      choice={{
        columns: [
          ['timeline', 'Timeline'],
          ['lag', 'Replay lag'],
        ],
        hidden: new Set(hidden),
        onHidden: setHidden,
      }}
    />
  );
}

function ModeChoices() {
  const [mode, setMode] = useState<'off' | 'on' | 'quorum'>('on');
  return (
    <Choices
      legend="Synchronous replication"
      value={mode}
      onValue={setMode}
      choices={[
        { value: 'off', label: 'Off', explain: 'A commit waits for the leader alone.' },
        { value: 'on', label: 'On', explain: 'A commit waits for a synchronous standby as well.' },
        { value: 'quorum', label: 'Quorum', explain: 'A commit waits for any of several standbys.' },
      ]}
    />
  );
}

function RewindSwitch() {
  const [on, setOn] = useState(true);
  return (
    <Switch
      label="Use pg_rewind"
      explain="A former leader returns without a new copy of all its data."
      checked={on}
      onValue={setOn}
    />
  );
}

function DialogByButton() {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button text="Open the dialog" onClick={() => setOpen(true)} />
      <FocusedDialog isOpen={open} title="Remove the cluster?" onClose={close}>
        <DialogBody>Nothing on the servers changes.</DialogBody>
        <DialogFooter actions={<Button text="Cancel" onClick={close} />} />
      </FocusedDialog>
    </>
  );
}

function ConfirmationByButton() {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button text="Restart db2" onClick={() => setOpen(true)} />
      {open ? (
        <ConfirmDialog
          title="Restart db2?"
          start={{ busy: false, error: refusedLogin }}
          confirm={{ text: 'Restart', intent: 'danger' }}
          wanted="orders"
          equivalent={{ summary: 'Equivalent command', content: <Command text="patronictl restart orders db2" /> }}
          onConfirm={close}
          onClose={close}
        >
          <Consequences consequences={['Connections to db2 are closed.']} />
        </ConfirmDialog>
      ) : null}
    </>
  );
}

function NameToType() {
  const [typed, setTyped] = useState('');
  return <TypedName wanted={longName} typed={typed} onTyped={setTyped} />;
}
