import { Button, FormGroup, InputGroup } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type {
  PasswordChange,
  PasswordProgress,
  PasswordStanding,
} from '../../../../shared/model/passwords/password-account';
import { typeForPasswords, whyNotFinish } from '../../../../shared/rules/passwords/password-guide';
import { namesInWords } from '../../../../shared/rules/words/wording';
import { useOpen } from '../../../navigation/overlays';
import { useAction, usePage } from '../../../rpc/hooks';
import { Command } from '../../../ui/command';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { ReasonButton } from '../../../ui/reason-button';
import { printable } from '../../../ui/text';
import { Ago } from '../../../ui/time';

const STANDING: Readonly<Record<PasswordStanding, string>> = {
  former: 'the former passwords',
  new: 'the new passwords',
  mixed: 'some of the new passwords and some of others',
  unknown: 'what could not be read just now',
};

function memberInWords({ files, reloaded }: PasswordProgress): string {
  const told = reloaded ? 'Patroni was told to read them again' : 'Patroni was not told to read them again';
  return files === null ? 'nothing of this stands in its files' : `its files have ${STANDING[files]}, ${told}`;
}

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
    whyNotFinish(state) ??
    (busy === null ? null : `Another job is at work: ${busy}.`) ??
    (wanted === null || typed.trim() === wanted.trim() ? null : `Type ${printable(wanted)} to confirm.`);
  return (
    <Panel title={change.ended ? 'The last change' : 'A change that was broken off'}>
      <div className="m-stack">
        <p>
          {printable(namesInWords(change.usernames))}, begun <Ago at={change.startedAt} />.
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
              intent={change.way === 'forward' ? 'primary' : 'none'}
              text="Go on to the new passwords"
              why={why}
              loading={finish.busy}
              onClick={() => void finish.run('forward')}
            />
          )}
          <ReasonButton
            intent={!change.ended && change.way === 'back' ? 'primary' : 'none'}
            text="Put back the former passwords"
            why={why}
            loading={finish.busy}
            onClick={() => void finish.run('back')}
          />
        </div>
      </div>
    </Panel>
  );
}

function Broken({ change }: { readonly change: PasswordChange }) {
  const members = Object.entries(change.members);
  return (
    <>
      <Notice tone="warn">
        {change.way === 'forward' ? 'The way to the new passwords' : 'The way back to the former passwords'} was broken
        off. Below is what stands where, as the servers say it; either way takes up from there.
      </Notice>
      <ul className="m-consequences" data-testid="password-progress">
        {change.postgres === null ? null : <li>PostgreSQL has {STANDING[change.postgres]}.</li>}
        {members.map(([name, progress]) => (
          <li key={name}>
            {printable(name)}: {memberInWords(progress)}.
          </li>
        ))}
        {members.length === 0 ? <li>The files of the members could not be read just now.</li> : null}
      </ul>
    </>
  );
}

function Ended({ state, change }: { readonly state: ClusterState; readonly change: PasswordChange }) {
  return (
    <>
      <p className="m-small">
        The vault keeps them. What else must be told, where it is used: connection strings and secrets of applications,
        passfiles, monitoring, backup programs, patronictl.yaml of other users, PgBouncers on other servers. The former
        passwords are kept until the next change, so that they can be put back.
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
