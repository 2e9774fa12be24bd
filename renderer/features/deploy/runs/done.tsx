import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { DeployOutcome, DeployRun } from '../../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { PasswordName } from '../../../../shared/model/deploy/secret-name';
import { outcomeOf } from '../../../../shared/rules/deploy/review/outcome';
import { neededSecrets } from '../../../../shared/rules/deploy/secrets';
import { goTo, hrefOf } from '../../../navigation/route';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { Command } from '../../../ui/command';
import { Loading } from '../../../ui/loading';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { useSaveSpec } from '../../../deployment/save-spec';

/** The end: how to reach the cluster, what was made, what to do next. */
export function Done({ run }: { readonly run: DeployRun }) {
  const spec = useAnswer(`spec ${run.id}`, (client) => client.deploy.runs.spec({ runId: run.id }));
  const clusters = useAnswer(`clusters ${run.outcome?.clusterId ?? ''}`, (client) => client.clusters.list());
  if (spec.error !== null) return <ErrorNotice error={spec.error} />;
  if (spec.value === null) return <Loading what="Loading the result." />;
  // A run of an earlier session knows its spec, from which the rest follows.
  const outcome = run.outcome ?? outcomeOf(spec.value, (run.endedAt ?? run.startedAt) - run.startedAt, 1);
  const clusterId = outcome.clusterId ?? clusters.value?.find((cluster) => cluster.id === run.clusterId)?.id ?? null;
  return (
    <>
      <Notice
        tone="good"
        tools={
          clusterId === null ? undefined : (
            <Button
              intent="primary"
              text="Open the cluster"
              onClick={() => goTo({ page: 'cluster', clusterId, tab: 'overview' })}
            />
          )
        }
      >
        <span className="m-strong">{printable(outcome.sentence)}</span>
      </Notice>
      <Panel title="How applications connect" note="without passwords">
        <Connections outcome={outcome} />
      </Panel>
      <div className="d-pair">
        <Made outcome={outcome} />
        <Next outcome={outcome} spec={spec.value} runId={run.id} />
      </div>
      <Secrets spec={spec.value} />
    </>
  );
}

function Connections({ outcome }: { readonly outcome: DeployOutcome }) {
  return (
    <div className="m-stack">
      {outcome.connections.map((connection) => (
        <div key={connection.label} className="m-stack-tight">
          <h3>{printable(connection.label)}</h3>
          <Command text={connection.text} label={`Copy: ${connection.label}`} />
        </div>
      ))}
    </div>
  );
}

function Made({ outcome }: { readonly outcome: DeployOutcome }) {
  return (
    <Panel title="What was set up">
      <ul className="d-list">
        {outcome.made.map((line) => (
          <li key={line} className="m-wrap">
            {printable(line)}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Next({
  outcome,
  spec,
  runId,
}: {
  readonly outcome: DeployOutcome;
  readonly spec: ClusterSpec;
  readonly runId: string;
}) {
  const save = useSaveSpec(spec);
  return (
    <Panel title="Next steps">
      <div className="m-stack">
        <ul className="d-list">
          {outcome.next.map((line) => (
            <li key={line} className="m-wrap">
              {printable(line)}
            </li>
          ))}
        </ul>
        <div className="m-row m-row-wrap">
          <Button size="small" text="Save the cluster file" loading={save.busy} onClick={() => void save.run()} />
          <a href={hrefOf({ page: 'deploy', at: ['check', runId] })}>Compare with the servers</a>
        </div>
        {save.error === null ? null : <ErrorNotice error={save.error} />}
      </div>
    </Panel>
  );
}

function Secrets({ spec }: { readonly spec: ClusterSpec }) {
  return (
    <Panel title="Passwords" note="kept in the vault" flush>
      <table className="m-table">
        <tbody>
          {neededSecrets(spec).map((secret) => (
            <Secret key={secret.name} clusterId={spec.id} name={secret.name} label={secret.label} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Secret({
  clusterId,
  name,
  label,
}: {
  readonly clusterId: string;
  readonly name: PasswordName;
  readonly label: string;
}) {
  const page = usePage();
  const [value, setValue] = useState<string | null>(null);
  const show = useAction(async () =>
    setValue((await page.call((client) => client.deploy.revealSecret({ clusterId, name }))).value),
  );
  return (
    <tr>
      <td>{printable(label)}</td>
      <td>
        {value === null ? (
          <span className="m-muted">hidden</span>
        ) : (
          <Command text={value} label={`Copy the password: ${label}`} />
        )}
        {show.error === null ? null : <ErrorNotice error={show.error} />}
      </td>
      <td className="d-row-tools">
        <Button
          size="small"
          text={value === null ? 'Show' : 'Hide'}
          aria-label={`${value === null ? 'Show' : 'Hide'} the password: ${label}`}
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
