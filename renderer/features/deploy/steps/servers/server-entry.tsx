import { Button, FormGroup, InputGroup, TextArea } from '@blueprintjs/core';
import { useState } from 'react';
import type { Server } from '../../../../../shared/model/connect/server';
import { useAction, usePage } from '../../../../rpc/hooks';
import { plural } from '../../../../ui/wording/format';
import { ErrorNotice } from '../../../../ui/notice';
import { AuthFields, JumpFields, SudoFields } from '../../../../server-editor/server-fields';
import type { ServerFields } from '../../../../server-editor/server-form';
import { readServerLines } from '../../../../deployment/form/server-lines';
import { useWizard, useWizardState } from '../../wizard/wizard-context';
import { addLines, inventoryCalls } from '../../wizard/server-calls';

/** Names several servers at once: a line each, and what they have in common. */
export function ServerEntry({ onAdded }: { readonly onAdded: (servers: readonly Server[]) => Promise<void> }) {
  const page = usePage();
  const wizard = useWizard();
  const { lines, fields } = useWizardState((state) => state.form.entry);
  const [strict, setStrict] = useState(false);
  const read = readServerLines(lines);
  const problems = entryProblems(lines, fields);
  const set = (change: Partial<ServerFields>) =>
    wizard.change((form) => ({ ...form, entry: { ...form.entry, fields: { ...form.entry.fields, ...change } } }));
  const setLines = (text: string) => wizard.change((form) => ({ ...form, entry: { ...form.entry, lines: text } }));
  const add = useAction(async () => {
    const servers = await addLines(inventoryCalls(page), read.servers, fields, wizard.store.getState().inventory);
    setLines('');
    await onAdded(servers);
  });
  const go = () => {
    setStrict(true);
    if (Object.keys(problems).length === 0) void add.run();
  };
  const sudoOfOthers = fields.sudo === 'root' ? 'passwordless' : fields.sudo;
  return (
    <form
      className="m-stack-tight"
      aria-label="New servers"
      onSubmit={(event) => {
        event.preventDefault();
        go();
      }}
    >
      {add.error === null ? null : <ErrorNotice error={add.error} />}
      <div className="d-entry">
        <FormGroup
          label="New servers, one per line"
          labelFor="entry-lines"
          helperText={
            strict && problems.lines !== undefined ? (
              <span className="m-tone-crit">{problems.lines}</span>
            ) : (
              'user@host or user@host:port. The user is optional.'
            )
          }
        >
          <TextArea
            id="entry-lines"
            className="m-textarea m-mono"
            fill
            rows={4}
            value={lines}
            placeholder={'root@10.0.0.11\nroot@10.0.0.12\nroot@10.0.0.13'}
            spellCheck={false}
            aria-invalid={strict && problems.lines !== undefined}
            onChange={(event) => setLines(event.currentTarget.value)}
          />
        </FormGroup>
        <FormGroup
          label="User"
          labelFor="entry-user"
          helperText={
            strict && problems.user !== undefined ? (
              <span className="m-tone-crit">{problems.user}</span>
            ) : (
              'For lines without a user.'
            )
          }
        >
          <InputGroup
            id="entry-user"
            value={fields.user}
            autoComplete="off"
            spellCheck={false}
            onValueChange={(user) => set({ user, sudo: user === 'root' ? 'root' : sudoOfOthers })}
          />
        </FormGroup>
      </div>
      <div className="m-form-pair">
        <AuthFields fields={fields} set={set} problem={strict ? problems.keyPath : undefined} />
        <SudoFields fields={fields} set={set} help="Packages are installed and services set up as root." />
      </div>
      <JumpFields fields={fields} set={set} ownId={null} />
      <div>
        <Button
          type="submit"
          intent={read.servers.length > 0 ? 'primary' : 'none'}
          text={
            read.servers.length < 2 ? 'Add and inspect' : `Add ${plural(read.servers.length, 'server')} and inspect`
          }
          loading={add.busy}
        />
      </div>
    </form>
  );
}

interface EntryProblems {
  readonly lines?: string;
  readonly user?: string;
  readonly keyPath?: string;
}

function entryProblems(lines: string, fields: ServerFields): EntryProblems {
  const read = readServerLines(lines);
  return {
    ...(read.problems[0] === undefined ? {} : { lines: read.problems[0] }),
    ...(read.problems.length === 0 && read.servers.length === 0 ? { lines: 'Enter at least one server.' } : {}),
    ...(fields.user.trim() === '' && read.servers.some((server) => server.user === null)
      ? { user: 'Enter a user, or name one on each line.' }
      : {}),
    ...(fields.auth === 'key' && fields.keyPath.trim() === '' ? { keyPath: 'Enter the path of the private key.' } : {}),
  };
}
