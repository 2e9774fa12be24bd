import { Button, FormGroup, InputGroup } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { PasswordChange, PasswordProgress } from '../../../../shared/model/passwords/password-account';
import { typeForPasswords, whyNotPasswords } from '../../../../shared/rules/passwords/password-guide';
import { useOpen } from '../../../navigation/overlays';
import { useAction, usePage } from '../../../rpc/hooks';
import { Command } from '../../../ui/command';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { ReasonButton } from '../../../ui/reason-button';
import { printable } from '../../../ui/text';
import { Ago } from '../../../ui/time';

const PROGRESS: Readonly<Record<PasswordProgress, string>> = {
  before: 'not written yet',
  placed: 'file written, Patroni not reloaded',
  reloaded: 'file written, Patroni reloaded',
};

/** A change that was broken off, with the ways on and back; or the last one, with its passwords and what else must be told. */
export function KeptChange(props: {
  readonly state: ClusterState;
  readonly change: PasswordChange;
  readonly busy: string | null;
}) {
  const { state, change, busy } = props;
  const page = usePage();
  const open = useOpen();
  const id = useId();
  const [typed, setTyped] = useState('');
  const wanted = typeForPasswords(state);
  const finish = useAction(async (way: 'forward' | 'back') => {
    const job = await page.call((client) =>
      client.passwords.finish({
        clusterId: state.clusterId,
        way,
        typed: wanted === null ? null : typed,
        requestId: crypto.randomUUID(),
      }),
    );
    open.jobs(job.id);
  });
  const why =
    whyNotPasswords(state) ??
    (busy === null ? null : `Another job is at work: ${busy}.`) ??
    (wanted === null || typed.trim() === wanted.trim() ? null : `Type ${printable(wanted)} to confirm.`);
  return (
    <Panel title={change.ended ? 'The last change' : 'A change that was broken off'}>
      <div className="m-stack">
        <p>
          Passwords of {change.usernames.map(printable).join(', ')}, begun <Ago at={change.startedAt} />.
        </p>
        {change.ended ? <Ended state={state} change={change} /> : <Broken change={change} />}
        {finish.error === null ? null : <ErrorNotice error={finish.error} />}
        {wanted === null ? null : (
          <FormGroup label={`Type ${printable(wanted)} to confirm`} labelFor={id}>
            <InputGroup id={id} value={typed} autoComplete="off" spellCheck={false} onValueChange={setTyped} />
          </FormGroup>
        )}
        <div className="m-row m-row-wrap">
          {change.ended ? null : (
            <ReasonButton
              intent="primary"
              text="Go on"
              why={why}
              loading={finish.busy}
              onClick={() => void finish.run('forward')}
            />
          )}
          <ReasonButton text="Take it back" why={why} loading={finish.busy} onClick={() => void finish.run('back')} />
        </div>
      </div>
    </Panel>
  );
}

function Broken({ change }: { readonly change: PasswordChange }) {
  return (
    <>
      <Notice tone="warn">
        {change.inPostgres ? 'PostgreSQL has the new passwords.' : 'PostgreSQL has the former passwords.'} Going on, or
        back, takes up where it stopped.
      </Notice>
      <ul className="m-consequences" data-testid="password-progress">
        {Object.entries(change.members).map(([name, progress]) => (
          <li key={name}>
            {printable(name)}: {PROGRESS[progress]}
          </li>
        ))}
      </ul>
    </>
  );
}

function Ended({ state, change }: { readonly state: ClusterState; readonly change: PasswordChange }) {
  return (
    <>
      <p className="m-small">
        The vault keeps them. What else must be told, where it is used: connection strings and secrets of applications,
        passfiles, monitoring, backup programs, patronictl.yaml of other users, PgBouncers on other servers.
      </p>
      <table className="m-table m-table-dense">
        <caption className="m-hidden">New passwords</caption>
        <tbody>
          {change.accountIds.map((account, index) => (
            <KeptSecret
              key={account}
              clusterId={state.clusterId}
              account={account}
              username={change.usernames[index] ?? account}
            />
          ))}
        </tbody>
      </table>
    </>
  );
}

function KeptSecret(props: { readonly clusterId: string; readonly account: string; readonly username: string }) {
  const { clusterId, account } = props;
  const page = usePage();
  const name = printable(props.username);
  const [value, setValue] = useState<string | null>(null);
  const show = useAction(async () =>
    setValue((await page.call((client) => client.passwords.reveal({ clusterId, account }))).password),
  );
  return (
    <tr>
      <td>{name}</td>
      <td>
        {value === null ? (
          <span className="m-muted">hidden</span>
        ) : (
          <Command text={value} label={`Copy the password of ${name}`} />
        )}
        {show.error === null ? null : <ErrorNotice error={show.error} />}
      </td>
      <td>
        <Button
          size="small"
          text={value === null ? 'Show' : 'Hide'}
          aria-label={`${value === null ? 'Show' : 'Hide'} the password of ${name}`}
          loading={show.busy}
          onClick={() => {
            if (value === null) void show.run();
            else setValue(null);
          }}
        />
      </td>
    </tr>
  );
}
