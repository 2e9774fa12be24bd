import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type {
  PasswordAccounts,
  PasswordChange,
  PasswordProgress,
  PasswordStanding,
} from '../../../../shared/model/passwords/password-account';
import {
  finishConsequences,
  typeForPasswords,
  whyNotFinish,
  whyNotUnread,
} from '../../../../shared/rules/passwords/password-guide';
import { namesInWords } from '../../../../shared/rules/words/wording';
import { useOpen } from '../../../navigation/overlays';
import { useAction, usePage } from '../../../rpc/hooks';
import { Command } from '../../../ui/command';
import { ConfirmDialog } from '../../../ui/confirm-dialog';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { ReasonButton } from '../../../ui/reason-button';
import { printable } from '../../../ui/text';
import { Ago } from '../../../ui/time';

const STANDING: Readonly<Record<PasswordStanding, string>> = {
  former: 'the former passwords',
  new: 'the new passwords',
  mixed: 'a mix of new and other passwords',
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
  readonly unread: PasswordAccounts['unread'];
  readonly busy: string | null;
}) {
  const { state, change, unread, busy } = props;
  const accounts = change.accountIds.map((id) => ({ id }));
  const why =
    whyNotFinish(state) ??
    whyNotUnread(
      accounts,
      unread.map(({ server }) => server),
    ) ??
    (busy === null ? null : `Another job is at work: ${busy}.`);
  const empty = change.accountIds.length === 0;
  return (
    <Panel title={titleOf(change)}>
      <div className="m-stack">
        {empty ? null : (
          <p>
            {printable(namesInWords(change.usernames))}, begun <Ago at={change.startedAt} />.
          </p>
        )}
        {change.ended ? <Ended state={state} change={change} /> : <Broken state={state} change={change} />}
        {empty || change.lost ? null : <Ways state={state} change={change} why={why} />}
      </div>
    </Panel>
  );
}

const WAY_WORDS = { forward: 'Continue with the new passwords', back: 'Put back the former passwords' } as const;

function Ways(props: { readonly state: ClusterState; readonly change: PasswordChange; readonly why: string | null }) {
  const { state, change, why } = props;
  const [asked, setAsked] = useState<'forward' | 'back' | null>(null);
  return (
    <div className="m-row m-row-wrap">
      {change.ended ? null : (
        <ReasonButton
          intent={change.way === 'forward' ? 'primary' : 'none'}
          text={WAY_WORDS.forward}
          why={why}
          onClick={() => setAsked('forward')}
        />
      )}
      <ReasonButton
        intent={!change.ended && change.way === 'back' ? 'primary' : 'none'}
        text={WAY_WORDS.back}
        why={why}
        onClick={() => setAsked('back')}
      />
      {asked === null ? null : (
        <FinishDialog state={state} change={change} way={asked} onClose={() => setAsked(null)} />
      )}
    </div>
  );
}

/** The one confirmation before a change goes on or is taken back. */
function FinishDialog(props: {
  readonly state: ClusterState;
  readonly change: PasswordChange;
  readonly way: 'forward' | 'back';
  readonly onClose: () => void;
}) {
  const { state, change, way, onClose } = props;
  const { clusterId } = state;
  const page = usePage();
  const open = useOpen();
  const [requestId] = useState(() => crypto.randomUUID());
  const finish = useAction(async (typed: string | null) => {
    const { startedAt } = change;
    const job = await page.call((client) => client.passwords.finish({ clusterId, way, startedAt, typed, requestId }));
    onClose();
    open.jobs(job.id);
  });
  return (
    <ConfirmDialog
      title={`${WAY_WORDS[way]} of ${namesInWords(change.usernames)}`}
      start={finish}
      confirm={{ text: WAY_WORDS[way], intent: way === 'back' ? 'danger' : 'primary' }}
      wanted={typeForPasswords(state)}
      onConfirm={(typed) => void finish.run(typed)}
      onClose={onClose}
    >
      <ul className="m-consequences">
        {finishConsequences(way).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </ConfirmDialog>
  );
}

function titleOf({ ended, accountIds }: PasswordChange): string {
  if (!ended) return 'A change that was broken off';
  return accountIds.length === 0 ? 'Passwords of earlier changes' : 'The last change';
}

function Broken({ state, change }: { readonly state: ClusterState; readonly change: PasswordChange }) {
  const members = Object.entries(change.members);
  return (
    <>
      <Notice tone="warn">
        {change.way === 'forward' ? 'The way to the new passwords' : 'The way back to the former passwords'} was broken
        off. Below is what stands where, as the servers say it
        {change.lost
          ? '. It can neither go on nor be taken back: a role or what the vault kept for it is gone. Choose the accounts anew ' +
            'below: the new change takes the place of this one.'
          : '; either way takes up from there.'}
      </Notice>
      <ul className="m-consequences" data-testid="password-progress">
        {change.postgres === null ? null : <li>PostgreSQL has {STANDING[change.postgres]}.</li>}
        {members.map(([name, progress]) => (
          <li key={name}>
            {printable(name)}: {memberInWords(progress)}.
          </li>
        ))}
        {Object.entries(change.poolers).map(([server, standing]) => (
          <li key={`pooler ${server}`}>
            PgBouncer on {printable(server)}: its list has {STANDING[standing]}.
          </li>
        ))}
        {members.length === 0 ? <li>The files of the members could not be read just now.</li> : null}
      </ul>
      {change.earlier.length === 0 ? null : (
        <KeptSecrets clusterId={state.clusterId} caption="Passwords of earlier changes" accounts={change.earlier} />
      )}
    </>
  );
}

function Ended({ state, change }: { readonly state: ClusterState; readonly change: PasswordChange }) {
  const last = change.accountIds.map((id, index) => ({ id, username: change.usernames[index] ?? id }));
  return (
    <>
      <p className="m-small">
        The vault keeps them. What else must be told, where it is used: connection strings and secrets of applications,
        passfiles, monitoring, backup programs, patronictl.yaml of other users, PgBouncers on servers that are not named
        under Load balancers.
        {last.length === 0
          ? null
          : ' The former passwords are kept until the next change, so that they can be put back.'}
      </p>
      <KeptSecrets
        clusterId={state.clusterId}
        caption="New passwords"
        accounts={[...last, ...change.earlier]}
        isHidden
      />
    </>
  );
}

function KeptSecrets(props: {
  readonly clusterId: string;
  readonly caption: string;
  readonly accounts: PasswordChange['earlier'];
  /** The words around it say the same as the caption. */
  readonly isHidden?: boolean;
}) {
  return (
    <table className="m-table m-table-dense">
      <caption className={props.isHidden === true ? 'm-hidden' : 'm-legend'}>{props.caption}</caption>
      <tbody>
        {props.accounts.map(({ id, username }) => (
          <KeptSecret key={id} clusterId={props.clusterId} account={id} username={username} />
        ))}
      </tbody>
    </table>
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
