import { Button, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import type { PasswordName } from '../../../../../shared/model/deploy/secret-name';
import { useAction, useAnswer, usePage } from '../../../../rpc/hooks';
import { Answered } from '../../../../ui/answered';
import { Mark } from '../../../../ui/mark';
import { ErrorNotice } from '../../../../ui/notice';
import { Panel } from '../../../../ui/panel';
import { printable } from '../../../../ui/text';
import { problemsOf } from '../../../../deployment/form/problems';
import { useSpec } from '../../wizard/wizard-context';

/** The passwords of the cluster: generated unless given here. They go to the vault and never into the form. */
export function Passwords() {
  const spec = useSpec();
  const ready = problemsOf(spec).every(
    (problem) => problem.code !== 'form' && problem.code !== 'no_server' && problem.code !== 'scope_invalid',
  );
  const has = (role: 'pgbouncer' | 'prometheus') => spec.servers.some((server) => server.roles.includes(role));
  const asked = JSON.stringify([
    ready,
    spec.id,
    spec.users,
    spec.accounts,
    spec.standby,
    has('pgbouncer'),
    has('prometheus'),
  ]);
  const names = useAnswer(asked, (client) => (ready ? client.deploy.secretNames({ spec }) : Promise.resolve([])));
  return (
    <Panel title="Passwords" note="stored in the vault, shown on request" flush>
      {ready ? (
        <Answered
          answer={names}
          what="Reading the vault."
          flush
          show={(all) => (
            <table className="m-table">
              <tbody>
                {all.map((one) => (
                  <Password
                    key={`${spec.id} ${one.name}`}
                    clusterId={spec.id}
                    {...one}
                    isCopied={spec.standby !== undefined && copied.has(one.name)}
                    onSet={names.reload}
                  />
                ))}
              </tbody>
            </table>
          )}
        />
      ) : (
        <p className="m-muted d-pad">Correct the errors above first.</p>
      )}
    </Panel>
  );
}

const copied: ReadonlySet<PasswordName> = new Set<PasswordName>(['superuser', 'replication', 'rewind']);

function Missing({ isCopied }: { readonly isCopied: boolean }) {
  return isCopied ? (
    <Mark tone="warn" word="Missing: that of the followed cluster" />
  ) : (
    <Mark tone="info" word="Generated when the cluster is set up" />
  );
}

function Password(props: {
  readonly clusterId: string;
  readonly name: PasswordName;
  readonly label: string;
  readonly present: boolean;
  /** It is that of a role of the followed cluster, and cannot be made here. */
  readonly isCopied: boolean;
  readonly onSet: () => void;
}) {
  const page = usePage();
  const [typed, setTyped] = useState<string | null>(null);
  const save = useAction(async (value: string) => {
    await page.call((client) => client.deploy.setSecret({ clusterId: props.clusterId, name: props.name, value }));
    setTyped(null);
    props.onSet();
  });
  return (
    <tr>
      <td>{printable(props.label)}</td>
      <td>{props.present ? <Mark tone="good" word="In the vault" /> : <Missing isCopied={props.isCopied} />}</td>
      <td className="d-password">
        {typed === null ? (
          <Button
            size="small"
            text={props.present ? 'Replace' : 'Set'}
            aria-label={`${props.present ? 'Replace' : 'Set'}: password of ${props.label}`}
            onClick={() => setTyped('')}
          />
        ) : (
          <form
            className="m-row"
            onSubmit={(event) => {
              event.preventDefault();
              if (typed !== '') void save.run(typed);
            }}
          >
            <InputGroup
              size="small"
              type="password"
              autoComplete="new-password"
              aria-label={`Password: ${props.label}`}
              autoFocus
              value={typed}
              onValueChange={setTyped}
            />
            <Button size="small" type="submit" text="Save" disabled={typed === ''} loading={save.busy} />
            <Button size="small" variant="minimal" text="Cancel" onClick={() => setTyped(null)} />
          </form>
        )}
        {save.error === null ? null : <ErrorNotice error={save.error} />}
      </td>
    </tr>
  );
}
