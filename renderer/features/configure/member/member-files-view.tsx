import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { MemberFileText, MemberFileView } from '../../../../shared/model/configure/member-file';
import type { ConfigContext } from '../../../../shared/rules/configure/judge-config';
import { useBusyJob } from '../../../actions/use-scene';
import { useAnswer } from '../../../rpc/hooks';
import { Answered } from '../../../ui/answered';
import { Empty, Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { Ago } from '../../../ui/time';
import { FileEditor } from './file-editor';
import { useFileDrafts, type FileDraft } from './use-file-drafts';

/** What each member's Patroni is configured with on its own server: its files, its tags, its environment. */
export function MemberFilesView(props: { readonly state: ClusterState; readonly context: ConfigContext }) {
  const { state } = props;
  const [chosen, setChosen] = useState<string | null>(null);
  const drafts = useFileDrafts();
  const member = state.members.find(({ name }) => name === chosen) ?? state.members[0];
  if (member === undefined)
    return (
      <Panel title="patroni.yml">
        <Empty title="No members">
          <p>A member is listed here once it has reported itself.</p>
        </Empty>
      </Panel>
    );
  return (
    <div className="m-stack">
      <div className="m-row m-row-wrap" role="group" aria-label="Members">
        {state.members.map(({ name }) => (
          <Button
            key={name}
            size="small"
            text={printable(name)}
            aria-pressed={name === member.name}
            onClick={() => setChosen(name)}
          />
        ))}
      </div>
      <OfMember key={member.name} {...props} member={member.name} drafts={drafts} />
    </div>
  );
}

type Drafts = ReturnType<typeof useFileDrafts>;

function OfMember(props: {
  readonly state: ClusterState;
  readonly context: ConfigContext;
  readonly member: string;
  readonly drafts: Drafts;
}) {
  const { state, member } = props;
  const { clusterId } = state;
  const busy = useBusyJob(clusterId);
  // A job that ends may have changed a file.
  const answer = useAnswer(JSON.stringify([clusterId, member, busy]), (client) =>
    client.configure.memberFile({ clusterId, member }),
  );
  const again = <Button size="small" text="Read again" loading={answer.loading} onClick={answer.reload} />;
  return (
    <Answered
      answer={answer}
      what={`Asking Patroni of ${printable(member)} over SSH.`}
      tools={again}
      show={(view) => (
        <div className="m-stack">
          <div className="m-row m-small m-muted">
            <span>
              Read on {printable(view.server)} <Ago at={view.asOf} />
              {view.user === null ? '' : `, where Patroni runs as ${printable(view.user)}`}.
            </span>
            <span className="m-grow" />
            {again}
          </div>
          <Files {...props} view={view} />
          <AsRead view={view} />
        </div>
      )}
    />
  );
}

function Files(props: {
  readonly state: ClusterState;
  readonly context: ConfigContext;
  readonly member: string;
  readonly drafts: Drafts;
  readonly view: MemberFileView;
}) {
  const { view, member } = props;
  const [path, setPath] = useState<string | null>(null);
  const file = view.files.find((one) => one.path === path) ?? fileWithTags(view.files);
  if (file === undefined)
    return (
      <Panel title="patroni.yml">
        <Empty title="No file">
          <p>
            The environment of the service alone configures this Patroni. It is changed where the service is defined.
          </p>
        </Empty>
      </Panel>
    );
  const draft: FileDraft = props.drafts(member, file);
  return (
    <>
      {view.files.length === 1 ? null : (
        <div className="m-row m-row-wrap" role="group" aria-label="Files">
          {view.files.map((one) => (
            <Button
              key={one.path}
              size="small"
              text={printable(one.path)}
              aria-pressed={one === file}
              onClick={() => setPath(one.path)}
            />
          ))}
          <span className="m-small m-muted">A later file wins over an earlier one.</span>
        </div>
      )}
      <FileEditor key={file.path} {...props} file={file} draft={draft} />
    </>
  );
}

/** The file that is shown first: the last one with tags, since a later file wins. */
function fileWithTags(files: readonly MemberFileText[]): MemberFileText | undefined {
  return files.findLast(({ text }) => /^tags:/m.test(text ?? '')) ?? files.at(-1);
}

function AsRead({ view }: { readonly view: MemberFileView }) {
  return (
    <>
      {view.environment.length === 0 ? null : (
        <Panel
          title="Environment of the service"
          note="wins over every file; it is changed where the service is defined"
          flush
        >
          <table className="m-table m-table-dense">
            <thead>
              <tr>
                <th>Variable</th>
                <th>Value</th>
              </tr>
            </thead>
            <tbody>
              {view.environment.map(({ name, value }) => (
                <tr key={name}>
                  <td className="m-mono">{printable(name)}</td>
                  <td className="m-mono m-wrap">{printable(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
      )}
      <details className="m-details">
        <summary>
          {view.mergedBy === 'patroni' ? 'As Patroni itself reads it' : "As it reads by Patroni's rules"}
        </summary>
        {view.merged === null ? (
          <p className="m-tone-crit">{printable(view.refused ?? 'It does not read.')}</p>
        ) : (
          <pre className="m-config-diff" tabIndex={0} aria-label="The configuration as Patroni reads it">
            {view.merged}
          </pre>
        )}
      </details>
    </>
  );
}
