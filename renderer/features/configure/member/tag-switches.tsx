import { HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useId, type ReactNode } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { isPatroniAtLeast } from '../../../../shared/rules/cluster/patroni-version';
import type { TagValue } from '../../../../shared/rules/configure/member-file/edit-tags';
import { isTagOn } from '../../../../shared/rules/configure/member-file/judge-tags';
import { tagFacts, type TagFacts } from '../../../../shared/rules/configure/member-file/tag-facts';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';

interface TagProps {
  readonly state: ClusterState;
  readonly member: string;
  readonly tags: Readonly<Record<string, unknown>>;
  /** Why no tag may be changed now; null when they may. */
  readonly why: string | null;
  readonly onTag: (name: string, value: TagValue) => void;
}

/** The tags of a member that Patroni acts upon, each with what it does. They change the draft of its file. */
export function TagSwitches(props: TagProps) {
  const { tags } = props;
  const others = Object.keys(tags).filter((name) => !tagFacts.some((one) => one.name === name));
  return (
    <Panel title="Tags" note="they stand in the file below, and count after a reload">
      {props.why === null ? null : <p className="m-muted">{printable(props.why)}</p>}
      <div className="m-config-tags">
        {tagFacts.map((facts) => (
          <Tag key={facts.name} {...props} facts={facts} />
        ))}
      </div>
      {others.length === 0 ? null : (
        <p className="m-small m-muted">
          Others, which Patroni only passes on:{' '}
          {others.map((name) => printable(`${name}: ${String(tags[name])}`)).join(', ')}.
        </p>
      )}
    </Panel>
  );
}

function Tag(props: TagProps & { readonly facts: TagFacts }) {
  const { facts, state, member } = props;
  const id = useId();
  const version = state.members.find(({ name }) => name === member)?.patroniVersion ?? null;
  const isTooOld = facts.since !== null && isPatroniAtLeast(version, facts.since) === false;
  const isOff = props.why !== null || (isTooOld && props.tags[facts.name] === undefined);
  return (
    <label className="m-choice" htmlFor={id}>
      <TagControl {...props} id={id} isOff={isOff} />
      <span>
        <span className="m-choice-label m-mono">{facts.name}</span>
        <span className="m-small m-muted">
          {facts.explain}
          {isTooOld ? ` Needs Patroni ${facts.since}; this member runs ${printable(version ?? '')}.` : ''}
        </span>
      </span>
    </label>
  );
}

function TagControl(
  props: TagProps & { readonly facts: TagFacts; readonly id: string; readonly isOff: boolean },
): ReactNode {
  const { facts, id, isOff, onTag } = props;
  const value = props.tags[facts.name];
  switch (facts.kind) {
    case 'switch':
      return (
        <input
          id={id}
          type="checkbox"
          checked={isTagOn(value)}
          disabled={isOff}
          onChange={(event) => onTag(facts.name, event.currentTarget.checked ? true : undefined)}
        />
      );
    case 'number':
      return (
        <InputGroup
          id={id}
          size="small"
          inputMode="numeric"
          placeholder="1"
          disabled={isOff}
          value={value === undefined ? '' : String(value)}
          onValueChange={(text) => onTag(facts.name, numberOrText(text))}
        />
      );
    case 'member':
      return (
        <HTMLSelect
          id={id}
          disabled={isOff}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) =>
            onTag(facts.name, event.currentTarget.value === '' ? undefined : event.currentTarget.value)
          }
        >
          <option value="">the leader</option>
          {sourcesOf(props, value).map((name) => (
            <option key={name} value={name}>
              {printable(name)}
            </option>
          ))}
        </HTMLSelect>
      );
  }
}

function sourcesOf({ state, member }: TagProps, value: unknown): readonly string[] {
  const others = state.members.flatMap(({ name }) => (name === member ? [] : [name]));
  return typeof value !== 'string' || value === '' || others.includes(value) ? others : [...others, value];
}

function numberOrText(text: string): TagValue {
  const value = text.trim();
  if (value === '') return undefined;
  return /^\d{1,9}$/.test(value) ? Number(value) : value;
}
