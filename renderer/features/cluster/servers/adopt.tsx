import { Button } from '@blueprintjs/core';
import { Fragment, useState } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { AdoptedCluster, Day2Change } from '../../../../shared/model/deploy/day2';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { serviceWords } from '../../../../shared/rules/operate/service-rules';
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
            You can monitor and operate it as it is. To add or remove servers, Matriarch must know how the cluster is
            set up: it reads the Patroni configuration of every member and the dynamic configuration over SSH. Nothing
            on the servers is changed. Passwords found in the configuration are stored in the vault, because new members
            need them.
          </p>
          {state.origin === 'demo' ? (
            <p className="m-muted">
              In the demo you can go as far as the review: the simulated servers answer, but nothing can be installed on
              them.
            </p>
          ) : null}
          {read.error === null ? null : <ErrorNotice error={read.error} />}
          <div className="m-row m-row-wrap">
            <Button
              intent={found === null ? 'primary' : 'none'}
              text={found === null ? 'Scan this cluster' : 'Scan again'}
              loading={read.busy}
              onClick={() => void read.run()}
            />
            <a href={hrefOf({ page: 'cluster', clusterId: state.clusterId, tab: 'access' })}>How members are reached</a>
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
    <Panel title="Scan result" note="nothing was changed">
      <div className="m-stack">
        {found.notes.length === 0 ? (
          <Notice tone="good">The scan is complete.</Notice>
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
        <FoundServices found={found.found} />
        <ul className="d-checks" aria-label="Available changes">
          {found.works.map((each) => (
            <li key={each.change} className="m-row">
              <Mark tone={each.works ? 'good' : 'idle'} word={each.works ? 'Available' : 'Not available'} />
              <span className="m-wrap">
                <span className="m-strong">{changeNames[each.change]}.</span> {printable(each.sentence)}
              </span>
            </li>
          ))}
        </ul>
        <Answered
          answer={text}
          what="Writing the cluster file."
          show={(value) => (
            <details className="d-details">
              <summary>Cluster file</summary>
              <pre className="day2-file" tabIndex={0} aria-label="Cluster file">
                {printableLines(value.text)}
              </pre>
            </details>
          )}
        />
        {keep.error === null ? null : <ErrorNotice error={keep.error} />}
        <div className="m-row m-row-wrap">
          <Button intent="primary" text="Save and manage" loading={keep.busy} onClick={() => void keep.run()} />
          <span className="m-muted">
            You can then add and remove servers here. You review each change before it is made.
          </span>
        </div>
      </div>
    </Panel>
  );
}

const changeNames: Readonly<Record<Day2Change['kind'], string>> = {
  add_server: 'Add a replica',
  remove_server: 'Remove a replica',
  remove_etcd: 'Remove an etcd member',
  replace_etcd: 'Replace an etcd member',
  convert: 'Convert a standalone PostgreSQL',
  add_monitoring: 'Set up Prometheus',
};

/** What was found on which member, and what was found on none, by name. */
function FoundServices({ found }: Pick<AdoptedCluster, 'found'>) {
  return (
    <dl className="m-facts" aria-label="Services on the members">
      {found.map(({ service, on }) => (
        <Fragment key={service}>
          <dt>{serviceWords[service]}</dt>
          <dd className="m-wrap">
            {on.length === 0 ? <span className="m-muted">not found on the members</span> : printable(on.join(', '))}
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
