import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { AdoptedCluster } from '../../../../shared/model/deploy/day2';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { hrefOf } from '../../../navigation/route';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { Answered } from '../../../ui/answered';
import { Mark } from '../../../ui/mark';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';

type Keep = (spec: ClusterSpec) => Promise<void>;

/** A cluster that was not set up here: it can be described as it is, and then changed like any other. */
export function Adopt({ state, onKeep }: { readonly state: ClusterState; readonly onKeep: Keep }) {
  const page = usePage();
  const [found, setFound] = useState<AdoptedCluster | null>(null);
  const read = useAction(async () =>
    setFound(await page.call((client) => client.deploy.day2.adopt({ clusterId: state.clusterId }))),
  );
  return (
    <>
      <Panel title="This cluster was not set up by Matriarch">
        <div className="m-stack">
          <p className="d-lead">
            Matriarch shows and operates it all the same. To add or remove servers it needs a description of what is
            there: it reads each member&rsquo;s Patroni configuration and the dynamic one over SSH. Nothing on the
            servers is changed. Passwords that stand in the configuration are kept in the vault, because a new member
            needs them.
          </p>
          {state.origin === 'demo' ? (
            <p className="m-muted">
              In the demo you can try this as far as the review: the simulated servers answer, and nothing can be
              installed on them.
            </p>
          ) : null}
          {read.error === null ? null : <ErrorNotice error={read.error} />}
          <div className="m-row m-row-wrap">
            <Button
              intent={found === null ? 'primary' : 'none'}
              text={found === null ? 'Describe it as it is' : 'Read it again'}
              loading={read.busy}
              onClick={() => void read.run()}
            />
            <a href={hrefOf({ page: 'cluster', clusterId: state.clusterId, tab: 'access' })}>
              How its members are reached
            </a>
          </div>
        </div>
      </Panel>
      {found === null ? null : <Described found={found} onKeep={onKeep} />}
    </>
  );
}

function Described({ found, onKeep }: { readonly found: AdoptedCluster; readonly onKeep: Keep }) {
  const keep = useAction(() => onKeep(found.spec));
  const text = useAnswer(JSON.stringify(found.spec), (client) => client.deploy.print({ spec: found.spec }));
  return (
    <Panel title="What was read" note="nothing was changed">
      <div className="m-stack">
        {found.notes.length === 0 ? (
          <Notice tone="good">The description is whole.</Notice>
        ) : (
          <Notice tone="warn">
            <ul className="d-list">
              {found.notes.map((note) => (
                <li key={note} className="m-wrap">
                  {printable(note)}
                </li>
              ))}
            </ul>
          </Notice>
        )}
        <ul className="d-checks" aria-label="Which changes work">
          {found.works.map((each) => (
            <li key={each.change} className="m-row">
              <Mark tone={each.works ? 'good' : 'unknown'} word={each.works ? 'Works' : 'Not here'} />
              <span className="m-wrap">{printable(each.sentence)}</span>
            </li>
          ))}
        </ul>
        <Answered
          answer={text}
          what="Writing it down."
          show={(value) => (
            <details className="d-details">
              <summary>The description as a file</summary>
              <pre className="day2-file" tabIndex={0} aria-label="The description">
                {printableLines(value.text)}
              </pre>
            </details>
          )}
        />
        {keep.error === null ? null : <ErrorNotice error={keep.error} />}
        <div className="m-row m-row-wrap">
          <Button intent="primary" text="Keep this description" loading={keep.busy} onClick={() => void keep.run()} />
          <span className="m-muted">
            From then on servers can be added and removed here. Each change is shown before it is made.
          </span>
        </div>
      </div>
    </Panel>
  );
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
