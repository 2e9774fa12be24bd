import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { ParameterDefinition } from '../../../shared/model/configure/parameter';
import type { ServerSettings } from '../../../shared/model/configure/server-settings';
import { whyNot } from '../../../shared/rules/operate/offers';
import { neededActions, type ChangeEffect } from '../../../shared/rules/configure/change-effect';
import type { ConfigIssue } from '../../../shared/rules/configure/config-issue';
import { configChanges, patchBetween } from '../../../shared/rules/configure/config-patch';
import { writeConfigYaml } from '../../../shared/rules/configure/yaml/config-yaml';
import { useScene } from '../../actions/use-scene';
import { useOpen } from '../../navigation/overlays';
import { Mark } from '../../ui/mark';
import { Notice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { ReasonButton } from '../../ui/reason-button';
import { TableHead } from '../../ui/table-head';
import { printable } from '../../ui/text';
import { lineDiff } from './line-diff';
import { Lockouts } from './lockouts';
import { fieldText } from './setting-rows';
import type { ConfigDraft } from './use-draft';

const EFFECTS: Readonly<Record<ChangeEffect, string>> = {
  loop: 'from the next loop of Patroni on',
  reload: 'after a reload, which Patroni does itself',
  new_sessions: 'for sessions that begin afterwards',
  restart: 'after a restart of PostgreSQL',
};

/** What the draft changes, what that needs, and the way to apply it. */
export function Review(props: {
  readonly state: ClusterState;
  readonly draft: ConfigDraft;
  readonly issues: readonly ConfigIssue[];
  readonly definitions: ReadonlyMap<string, ParameterDefinition>;
  readonly settings: ServerSettings | null;
}) {
  const { state, draft } = props;
  const open = useOpen();
  const changes = configChanges(draft.base, draft.config);
  const needed = neededActions(changes, props.definitions, state);
  const why = useWhyNotApply(props, changes.length);
  return (
    <Panel
      title="Review"
      note={`${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`}
      tools={
        <ReasonButton
          intent="primary"
          size="small"
          text="Apply"
          why={why}
          onClick={() =>
            open.operation(state.clusterId, {
              kind: 'change_config',
              patch: patchBetween(draft.base, draft.config),
              base: { ...draft.base },
            })
          }
        />
      }
    >
      <div className="m-stack">
        <Lockouts state={state} draft={draft} settings={props.settings} />
        <table className="m-table m-table-dense">
          <TableHead columns={['Setting', 'Before', 'After', 'Counts']} />
          <tbody>
            {needed.effects.map(({ change, effect }) => (
              <tr key={change.path.join('.')}>
                <td className="m-mono m-wrap">{printable(change.path.join('.'))}</td>
                <td className="m-mono m-wrap">{printable(shown(change.before))}</td>
                <td className="m-mono m-wrap">{printable(shown(change.after))}</td>
                <td>{EFFECTS[effect]}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {needed.order === null ? null : (
          <Notice tone="info">
            <div>
              A restart is needed, one member after the other: {needed.order.members.map(printable).join(', then ')}.
            </div>
            <div>{needed.order.sentence} The rolling restart is offered once the change is applied.</div>
          </Notice>
        )}
        <ul className="m-consequences">
          {props.issues.map((issue) => (
            <li key={`${issue.path.join('.')} ${issue.sentence}`}>
              <Mark tone={issue.severity === 'error' ? 'crit' : 'warn'} word={`${issue.sentence} ${issue.advice}`} />
            </li>
          ))}
        </ul>
        <details className="m-details">
          <summary>As YAML</summary>
          <pre className="m-config-diff" tabIndex={0}>
            {lineDiff(writeConfigYaml(draft.base), writeConfigYaml(draft.config)).map((line, index) => (
              <div key={index} className={`m-config-diff-${line.kind}`}>
                {SIGNS[line.kind]}
                {line.text}
              </div>
            ))}
          </pre>
        </details>
      </div>
    </Panel>
  );
}

const SIGNS = { same: '  ', gone: '- ', new: '+ ' } as const;

function shown(value: unknown): string {
  return value === undefined ? 'not set' : fieldText(value);
}

function useWhyNotApply({ state, draft, issues }: Parameters<typeof Review>[0], count: number): string | null {
  const scene = useScene(state);
  if (draft.read.config === null) return draft.read.remarks[0]?.sentence ?? 'The YAML cannot be read.';
  const error = [...draft.read.remarks, ...issues].find(({ severity }) => severity === 'error');
  if (error !== undefined) return error.sentence;
  if (count === 0) return 'Nothing would change.';
  if (draft.news !== null) return 'Somebody else changed the configuration meanwhile. Merge the two first.';
  return whyNot(scene, { kind: 'change_config', patch: {} });
}
