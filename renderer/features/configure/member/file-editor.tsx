import { Button } from '@blueprintjs/core';
import { lazy, Suspense, useMemo, useState } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { MemberFileText, MemberFileView } from '../../../../shared/model/configure/member-file';
import type { ConfigIssue } from '../../../../shared/rules/configure/config-issue';
import { isJsonObject } from '../../../../shared/rules/configure/config-patch';
import type { ConfigContext } from '../../../../shared/rules/configure/judge-config';
import { setTag } from '../../../../shared/rules/configure/member-file/edit-tags';
import { judgeMemberFile } from '../../../../shared/rules/configure/member-file/judge-member-file';
import {
  whyNotMemberFile,
  type MemberFileChange,
} from '../../../../shared/rules/configure/member-file/member-file-commands';
import { readConfigYaml, type ReadConfigYaml } from '../../../../shared/rules/configure/yaml/config-yaml';
import { useBusyJob } from '../../../actions/use-scene';
import { Loading } from '../../../ui/loading';
import { Mark } from '../../../ui/mark';
import { Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { ReasonButton } from '../../../ui/reason-button';
import { printable } from '../../../ui/text';
import { YamlRemarks } from '../yaml-remarks';
import { FileDialog } from './file-dialog';
import { TagSwitches } from './tag-switches';
import type { FileDraft } from './use-file-drafts';

const YamlEditor = lazy(() => import('../yaml-editor'));

type Json = Readonly<Record<string, unknown>>;

interface FileProps {
  readonly state: ClusterState;
  readonly context: ConfigContext;
  readonly member: string;
  readonly view: MemberFileView;
  readonly file: MemberFileText;
  readonly draft: FileDraft;
}

/** One file of a member's own configuration: its tags as switches, its text, and the way to put it in place. */
export function FileEditor(props: FileProps) {
  const { state, member, file, draft } = props;
  const [asked, setAsked] = useState<MemberFileChange | null>(null);
  const read = useMemo(() => readConfigYaml(draft.text), [draft.text]);
  const before = useMemo(() => readConfigYaml(file.text ?? '').config ?? {}, [file.text]);
  const issues = useFileIssues(props, read, before);
  const busy = useBusyJob(state.clusterId);
  const why = file.locked ?? whyNotMemberFile(state) ?? (busy === null ? null : `Another job is at work: ${busy}.`);
  const after = read.config ?? before;
  return (
    <>
      {draft.isOld ? <ChangedMeanwhile draft={draft} path={file.path} /> : null}
      <TagSwitches
        state={state}
        member={member}
        tags={tagsIn(after)}
        why={why ?? (read.config === null ? 'The text cannot be read: correct it first.' : null)}
        onTag={(name, value) => draft.setText(setTag(draft.text, name, value) ?? draft.text)}
      />
      <Panel
        title={printable(file.path)}
        note={file.placement === null ? undefined : printable(file.placement)}
        flush
        tools={
          <FileTools file={file} draft={draft} why={why} whyNot={whyNotApply(draft, read, issues)} onAsk={setAsked} />
        }
      >
        {file.locked === null ? null : <p className="m-panel-body m-tone-crit">{file.locked}</p>}
        {file.text === null ? null : (
          <Suspense fallback={<Loading what="Loading the editor." />}>
            <YamlEditor
              text={draft.text}
              label={`patroni.yml of ${printable(member)}`}
              remarks={read.remarks}
              readOnly={why !== null && busy === null}
              onText={draft.setText}
            />
          </Suspense>
        )}
        <YamlRemarks remarks={read.remarks} />
        <Issues issues={issues} />
        <p className="m-panel-body m-small m-muted">
          Secrets are shown as •••••• with a mark behind it, the same for the same secret. What is left as it is stays
          what it was; write over one to change it.
        </p>
      </Panel>
      {asked === null ? null : (
        <FileDialog
          {...props}
          change={asked}
          issues={issues}
          before={tagsIn(before)}
          after={tagsIn(after)}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}

function FileTools(props: {
  readonly file: MemberFileText;
  readonly draft: FileDraft;
  /** Why the file may not be changed now, and why the draft may not be applied; null where they may. */
  readonly why: string | null;
  readonly whyNot: string | null;
  readonly onAsk: (change: MemberFileChange) => void;
}) {
  const { file, draft, why, onAsk } = props;
  return (
    <div className="m-row">
      <ReasonButton
        size="small"
        text="Put back the former text"
        why={file.hasBackup ? why : 'There is none: it is kept with the first change that is made here.'}
        onClick={() => onAsk('restore')}
      />
      {draft.isEdited ? <Button size="small" text="Discard" onClick={draft.discard} /> : null}
      <ReasonButton
        size="small"
        intent="primary"
        text="Review and apply"
        why={why ?? props.whyNot}
        onClick={() => onAsk('edit')}
      />
    </div>
  );
}

function tagsIn(config: Json): Json {
  return isJsonObject(config['tags']) ? config['tags'] : {};
}

function useFileIssues(
  { state, member, context }: FileProps,
  read: ReadConfigYaml,
  before: Json,
): readonly ConfigIssue[] {
  const { members } = state;
  return useMemo(() => {
    if (read.config === null) return [];
    const version = members.find(({ name }) => name === member)?.patroniVersion ?? null;
    return judgeMemberFile(before, read.config, { ...context, version, tags: { member, version, members } });
  }, [read, before, context, member, members]);
}

function whyNotApply(draft: FileDraft, read: ReadConfigYaml, issues: readonly ConfigIssue[]): string | null {
  if (!draft.isEdited) return 'Nothing was changed.';
  if (draft.isOld) return 'The file was changed meanwhile. Decide that first.';
  return [...read.remarks, ...issues].find(({ severity }) => severity === 'error')?.sentence ?? null;
}

function ChangedMeanwhile({ draft, path }: { readonly draft: FileDraft; readonly path: string }) {
  return (
    <Notice
      tone="warn"
      alert
      tools={
        <>
          <Button size="small" text="Keep mine" onClick={draft.takeOver} />
          <Button size="small" text="Show what is there" onClick={draft.discard} />
        </>
      }
    >
      {printable(path)} was changed on the server since this draft was begun.
    </Notice>
  );
}

function Issues({ issues }: { readonly issues: readonly ConfigIssue[] }) {
  if (issues.length === 0) return null;
  return (
    <ul className="m-consequences m-panel-body" aria-label="Checks of the file">
      {issues.map((issue) => (
        <li key={`${issue.path.join('.')} ${issue.sentence}`}>
          <Mark
            tone={issue.severity === 'error' ? 'crit' : 'warn'}
            word={printable(`${issue.sentence} ${issue.advice}`)}
          />
        </li>
      ))}
    </ul>
  );
}
