import { useState } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { MemberFileText, MemberFileView } from '../../../../shared/model/configure/member-file';
import type { ConfigIssue } from '../../../../shared/rules/configure/config-issue';
import {
  memberFileCommands,
  memberFileTitle,
  typeForMemberFile,
  type MemberFileChange,
} from '../../../../shared/rules/configure/member-file/member-file-commands';
import { tagConsequences } from '../../../../shared/rules/configure/member-file/tag-consequences';
import { useOpen } from '../../../navigation/overlays';
import { useAction, usePage } from '../../../rpc/hooks';
import { Command } from '../../../ui/command';
import { ConfirmDialog } from '../../../ui/confirm-dialog';
import { Mark } from '../../../ui/mark';
import { printable } from '../../../ui/text';
import { TextDiff } from '../text-diff';
import type { FileDraft } from './use-file-drafts';

type Json = Readonly<Record<string, unknown>>;

interface DialogProps {
  readonly state: ClusterState;
  readonly member: string;
  readonly view: MemberFileView;
  readonly file: MemberFileText;
  readonly draft: FileDraft;
  readonly change: MemberFileChange;
  readonly issues: readonly ConfigIssue[];
  /** The tags before and after. */
  readonly before: Json;
  readonly after: Json;
  readonly onClose: () => void;
}

/** Shows what a member's own file becomes and what follows, and asks once. */
export function FileDialog(props: DialogProps) {
  const { state, member, file, draft, change } = props;
  const page = usePage();
  const open = useOpen();
  const [requestId] = useState(() => crypto.randomUUID());
  const start = useAction(async (typed: string | null) => {
    const job = await page.call((client) =>
      client.configure.changeMemberFile({
        clusterId: state.clusterId,
        member,
        path: file.path,
        sha: file.sha,
        text: change === 'edit' ? draft.text : null,
        typed,
        requestId,
      }),
    );
    props.onClose();
    open.jobs(job.id);
  });
  return (
    <ConfirmDialog
      title={memberFileTitle(change, member)}
      start={start}
      confirm={{ text: change === 'edit' ? 'Validate and apply' : 'Put it back', intent: 'primary' }}
      wanted={typeForMemberFile(state)}
      equivalent={{
        summary: 'Equivalent commands',
        content: memberFileCommands(
          change,
          { path: file.path, startedWith: props.view.startedWith, user: props.view.user },
          { scope: state.scope, member },
        )
          .split('\n')
          .map((line) => <Command key={line} text={line} label={`Copy ${line.split(' ').slice(0, 4).join(' ')}`} />),
      }}
      onConfirm={(typed) => void start.run(typed)}
      onClose={props.onClose}
    >
      <FileConsequences {...props} />
      {change === 'restore' ? null : <TextDiff before={file.text ?? ''} after={draft.text} around={3} />}
    </ConfirmDialog>
  );
}

function FileConsequences({ state, member, change, issues, before, after }: DialogProps) {
  const sentences =
    change === 'restore'
      ? ['The text from before the last change takes the place of the present one, which is kept in its place.']
      : tagConsequences(state, member, before, after);
  return (
    <ul className="m-consequences">
      <li>Patroni validates it on the server first; it is put in place only when Patroni finds nothing new in it.</li>
      <li>Patroni then reloads. PostgreSQL is not restarted.</li>
      {sentences.map((sentence) => (
        <li key={sentence} className="m-wrap m-strong">
          {printable(sentence)}
        </li>
      ))}
      {change === 'restore'
        ? null
        : issues.map((issue) => (
            <li key={`${issue.path.join('.')} ${issue.sentence}`}>
              <Mark tone="warn" word={printable(`${issue.sentence} ${issue.advice}`)} />
            </li>
          ))}
    </ul>
  );
}
