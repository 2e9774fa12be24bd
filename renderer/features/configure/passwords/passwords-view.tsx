import '../../../ui/styles/dialog.css';
import { Button, FormGroup, InputGroup } from '@blueprintjs/core';
import { EyeOffIcon, EyeOpenIcon } from '@blueprintjs/icons';
import { useId, useState } from 'react';
import { useStore } from 'zustand';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { PasswordAccount, PasswordAccounts } from '../../../../shared/model/passwords/password-account';
import {
  passwordCommands,
  passwordConsequences,
  passwordOrder,
  secondRoleSql,
  typeForPasswords,
  usesInWords,
  whyNotPassword,
  whyNotPasswords,
} from '../../../../shared/rules/passwords/password-guide';
import { useBusyJob } from '../../../actions/use-scene';
import { useOpen } from '../../../navigation/overlays';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { isUnderWay } from '../../../rpc/live/jobs';
import { Answered } from '../../../ui/answered';
import { Command } from '../../../ui/command';
import { Mark } from '../../../ui/mark';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { ReasonButton } from '../../../ui/reason-button';
import { printable } from '../../../ui/text';
import { KeptChange } from './kept-change';

/** The passwords of a cluster's accounts, and the guide that changes them everywhere. */
export function PasswordsView({ state }: { readonly state: ClusterState }) {
  const { clusterId } = state;
  const busy = useBusyJob(clusterId);
  const changing = useStore(
    usePage().jobs,
    ({ jobs }) =>
      jobs.find((job) => job.clusterId === clusterId && job.kind === 'passwords' && isUnderWay(job.status))?.title ??
      null,
  );
  const answer = useAnswer(JSON.stringify([clusterId, busy]), (client) => client.passwords.accounts({ clusterId }));
  const again = <Button size="small" text="Read again" loading={answer.loading} onClick={answer.reload} />;
  return (
    <Answered
      answer={answer}
      what="Asking every member where its passwords stand."
      tools={again}
      show={(view) => (
        <div className="m-stack">
          {changing === null ? null : <Notice tone="busy">{printable(changing)}: under way, see the jobs.</Notice>}
          {view.change === null || changing !== null ? null : (
            <KeptChange state={state} change={view.change} unread={view.unread} busy={busy} />
          )}
          {view.refused === null ? null : <Notice tone="warn">{printable(view.refused)}</Notice>}
          {[...view.unread, ...view.leftOut].map(({ server, sentence }) => (
            <Notice key={server} tone="warn">
              {printable(sentence)}
            </Notice>
          ))}
          {view.accounts.length === 0 ? null : <Guide state={state} view={view} busy={busy} />}
        </div>
      )}
    />
  );
}

/** What was chosen: by the account's id, the password that was typed; '' makes a new one. */
type Chosen = Readonly<Record<string, string>>;

function Guide(props: { readonly state: ClusterState; readonly view: PasswordAccounts; readonly busy: string | null }) {
  const { state, view, busy } = props;
  const [chosen, setChosen] = useState<Chosen>({});
  const accounts = view.accounts.filter(({ id }) => chosen[id] !== undefined);
  const halfway = view.change !== null && !view.change.ended && !view.change.lost;
  const why =
    whyNotPasswords(state) ??
    (halfway ? 'A change was broken off. Go on with it, or put back the former passwords, first.' : null) ??
    (busy === null ? null : `Another job is at work: ${busy}.`) ??
    whyNotChosen(chosen);
  return (
    <>
      <Panel title="Accounts" note="choose whose passwords are changed together" flush>
        <div className="m-scroll-x">
          <table className="m-table" data-testid="password-accounts">
            <thead>
              <tr>
                <th scope="col">Account</th>
                <th scope="col">Used for</th>
                <th scope="col">Stands in</th>
                <th scope="col">New password</th>
              </tr>
            </thead>
            <tbody>
              {view.accounts.map((account) => (
                <Account key={account.id} account={account} chosen={chosen} onChosen={setChosen} />
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
      {accounts.length === 0 ? (
        <p className="m-muted">Choose at least one account to see what happens, and in which order.</p>
      ) : (
        <Plan
          state={state}
          accounts={accounts}
          chosen={chosen}
          configPath={view.configPath}
          why={why}
          onStarted={() => setChosen({})}
        />
      )}
    </>
  );
}

function whyNotChosen(chosen: Chosen): string | null {
  const typed = Object.values(chosen).filter((password) => password !== '');
  return typed.map(whyNotPassword).find((why) => why !== null) ?? null;
}

function Account(props: {
  readonly account: PasswordAccount;
  readonly chosen: Chosen;
  readonly onChosen: (chosen: Chosen) => void;
}) {
  const { account, chosen, onChosen } = props;
  const password = chosen[account.id];
  const name = printable(account.username);
  const files = [...new Set(account.places.map(({ path }) => path))];
  const toggle = () =>
    onChosen(
      password === undefined
        ? { ...chosen, [account.id]: '' }
        : Object.fromEntries(Object.entries(chosen).filter(([id]) => id !== account.id)),
    );
  return (
    <tr>
      <td>
        <label className="m-row">
          <input
            type="checkbox"
            checked={password !== undefined}
            disabled={account.refused !== null}
            aria-label={`Change the password of ${name}${account.id === 'rest' ? ' (REST API)' : ''}`}
            onChange={toggle}
          />
          <span>{name}</span>
        </label>
      </td>
      <td className="m-wrap">{usesInWords(account.uses)}</td>
      <td className="m-wrap m-small">
        {files.length === 0
          ? 'PostgreSQL alone'
          : `${files.map(printable).join(', ')} on ${new Set(account.places.map(({ server }) => server)).size} servers`}
        {account.refused === null ? null : (
          <div>
            <Mark tone="warn" word={printable(account.refused)} />
          </div>
        )}
      </td>
      <td>
        {password === undefined ? null : (
          <NewPassword
            name={name}
            password={password}
            onPassword={(text) => onChosen({ ...chosen, [account.id]: text })}
          />
        )}
      </td>
    </tr>
  );
}

/** A field for a password of one's own, hidden until it is asked for, with what is wrong with it below. */
function NewPassword(props: {
  readonly name: string;
  readonly password: string;
  readonly onPassword: (password: string) => void;
}) {
  const { name, password } = props;
  const id = useId();
  const [shown, setShown] = useState(false);
  const why = password === '' ? null : whyNotPassword(password);
  const eye = (
    <Button
      variant="minimal"
      size="small"
      icon={shown ? <EyeOffIcon /> : <EyeOpenIcon />}
      aria-label={`${shown ? 'Hide' : 'Show'} the new password of ${name}`}
      onClick={() => setShown(!shown)}
    />
  );
  return (
    <>
      <InputGroup
        type={shown ? 'text' : 'password'}
        value={password}
        placeholder="made by the app"
        aria-label={`New password of ${name}; empty: made by the app`}
        aria-describedby={why === null ? undefined : id}
        aria-invalid={why !== null}
        intent={why === null ? 'none' : 'danger'}
        autoComplete="new-password"
        spellCheck={false}
        rightElement={eye}
        onValueChange={props.onPassword}
      />
      {why === null ? null : (
        <div id={id} className="m-small m-wrap">
          <Mark tone="crit" word={why} />
        </div>
      )}
    </>
  );
}

function Plan(props: {
  readonly state: ClusterState;
  readonly accounts: readonly PasswordAccount[];
  readonly chosen: Chosen;
  readonly configPath: string;
  readonly why: string | null;
  readonly onStarted: () => void;
}) {
  const { state, accounts, chosen } = props;
  const page = usePage();
  const open = useOpen();
  const id = useId();
  const [typed, setTyped] = useState('');
  const vault = useStore(page.vault, ({ status }) =>
    status?.kind === 'open' && status.method === 'session' ? 'session' : 'kept',
  );
  const wanted = typeForPasswords(state);
  const start = useAction(async () => {
    const job = await page.call((client) =>
      client.passwords.change({
        clusterId: state.clusterId,
        accounts: accounts.map((account) => ({
          id: account.id,
          password: chosen[account.id] === '' ? null : (chosen[account.id] ?? null),
        })),
        typed: wanted === null ? null : typed,
        requestId: crypto.randomUUID(),
      }),
    );
    props.onStarted();
    open.jobs(job.id);
  });
  const why =
    props.why ?? (wanted === null || typed.trim() === wanted.trim() ? null : `Type ${printable(wanted)} to confirm.`);
  return (
    <Panel title="What happens, in this order" note="nothing is changed before all of it was found possible">
      <div className="m-stack">
        {start.error === null ? null : <ErrorNotice error={start.error} />}
        <ol className="m-consequences m-numbered" data-testid="password-order">
          {passwordOrder(accounts).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ol>
        <Consequences sentences={passwordConsequences(accounts, state.config?.loopWait ?? 10, vault)} />
        <Statements accounts={accounts} />
        <SecondRole accounts={accounts} />
        <details className="m-details">
          <summary>Equivalent commands</summary>
          {passwordCommands(accounts, { scope: state.scope, configPath: props.configPath })
            .split('\n')
            .map((line) => (
              <Command key={line} text={line} label={`Copy ${printable(line)}`} />
            ))}
        </details>
        {wanted === null ? null : (
          <FormGroup label={`Type ${printable(wanted)} to confirm`} labelFor={id}>
            <InputGroup id={id} value={typed} autoComplete="off" spellCheck={false} onValueChange={setTyped} />
          </FormGroup>
        )}
        <div>
          <ReasonButton
            intent="primary"
            text="Change the passwords"
            data-testid="change-passwords"
            loading={start.busy}
            why={why}
            onClick={() => void start.run()}
          />
        </div>
      </div>
    </Panel>
  );
}

function Consequences({ sentences }: { readonly sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <section>
      <h3 className="m-legend">What to expect</h3>
      <ul className="m-consequences">
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}

/** Which file of which server is written, and which statement PostgreSQL gets; no password is in either. */
function Statements({ accounts }: { readonly accounts: readonly PasswordAccount[] }) {
  const places = accounts.flatMap((account) => account.places);
  const lines = [
    ...places.map(({ server, path, keys }) => `${server}: ${path}${keys.length === 0 ? '' : ` (${keys.join(', ')})`}`),
    ...accounts
      .filter(({ id }) => id !== 'rest')
      .map(({ username }) => `ALTER ROLE "${username.replaceAll('"', '""')}" PASSWORD 'SCRAM-SHA-256$••••••'`),
  ];
  return (
    <details className="m-details">
      <summary>Files and statements</summary>
      <ul className="m-consequences m-small">
        {[...new Set(lines)].map((line) => (
          <li key={line} className="m-wrap">
            <code>{printable(line)}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}

function SecondRole({ accounts }: { readonly accounts: readonly PasswordAccount[] }) {
  const [first] = accounts.filter(({ uses }) => uses.includes('application'));
  if (first === undefined) return null;
  return (
    <details className="m-details">
      <summary>Without a refused login: a second role for {printable(first.username)}</summary>
      <p className="m-small">
        Both roles do the same under the same name, each with a password of its own. Move the applications to the second
        one, then change or drop the first.
      </p>
      {secondRoleSql(first.username).map((line) => (
        <Command key={line} text={line} label={`Copy ${printable(line)}`} />
      ))}
    </details>
  );
}
