import { Button, MenuItem, PopoverNext } from '@blueprintjs/core';
import type { EtcdAction } from '../../../../shared/model/etcd/etcd-action';
import type { EtcdMemberStatus, EtcdMemberView, EtcdView } from '../../../../shared/model/etcd/etcd-view';
import { etcdMemberName } from '../../../../shared/rules/etcd/etcd-members';
import { indexLag, quotaOf, shareOfQuota, sizeInWords } from '../../../../shared/rules/etcd/etcd-sizes';
import { Copyable } from '../../../ui/copyable';
import { KeyMenu } from '../../../ui/key-menu';
import { Chip, Mark } from '../../../ui/mark';
import { UnseenHead } from '../../../ui/table-head';
import { Term } from '../../../ui/term';
import { Name, printable } from '../../../ui/text';
import { formatBytes } from '../../../ui/wording/format';
import type { Tone } from '../../../ui/wording/words';

interface RowProps {
  readonly view: EtcdView;
  readonly member: EtcdMemberView;
  readonly onChoose: (action: EtcdAction) => void;
}

/** Every member of etcd with what it answered. */
export function EtcdMemberTable(props: Omit<RowProps, 'member'>) {
  return (
    <div className="m-etcd-scroll" tabIndex={0} role="region" aria-label="Table of the etcd members">
      <table className="m-table m-table-dense">
        <thead>
          <tr>
            <th>Member</th>
            <th>State</th>
            <th>Version</th>
            <th>
              Database of <Term name="quota">quota</Term>
            </th>
            <th className="m-num">Behind the log</th>
            <th className="m-num">Answered in</th>
            <UnseenHead name="Actions" />
          </tr>
        </thead>
        <tbody>
          {props.view.members.map((member) => (
            <MemberRow key={member.id} {...props} member={member} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MemberRow({ view, member, onChoose }: RowProps) {
  const { status } = member;
  const { tone, word } = conditionOf(member);
  const lag = indexLag(view, member.id);
  const alarms = (view.alarms ?? []).filter(({ memberId }) => memberId === member.id);
  const name = etcdMemberName(member);
  return (
    <tr data-testid={`etcd-member-${member.name}`}>
      <td>
        <Name text={name} strong />
        <div className="m-small m-muted">
          <Copyable text={member.id} what={`the id of ${name}`} />
        </div>
        {member.clientUrls.map((url) => (
          <div key={url} className="m-small m-muted m-wrap">
            <Copyable text={url} what={`an address of ${name}`} />
          </div>
        ))}
      </td>
      <td>
        <Mark tone={tone} word={word} />
        {alarms.map(({ kind }) => (
          <div key={kind}>
            <Term name="alarm">
              <Chip tone="crit" word={kind.toUpperCase()} />
            </Term>
          </div>
        ))}
        <div className="m-small m-muted m-wrap">
          {printable([...(status?.errors ?? []), member.error?.message ?? ''].join(' ').trim())}
        </div>
      </td>
      <td>{status?.version ?? '–'}</td>
      <td>{status === null ? '–' : <Database status={status} />}</td>
      <td className="m-num">{lag === null ? '–' : `${lag} entries`}</td>
      <td className="m-num">{status === null ? '–' : `${status.latencyMs.toFixed(1)} ms`}</td>
      <td>
        <MemberMenu member={member} onChoose={onChoose} />
      </td>
    </tr>
  );
}

function conditionOf(member: EtcdMemberView): { readonly tone: Tone; readonly word: string } {
  if (member.name === '') return { tone: 'busy', word: 'not started yet' };
  if (member.status === null)
    return member.error === null ? { tone: 'unknown', word: 'not asked' } : { tone: 'crit', word: 'no answer' };
  if (member.leader === null) return { tone: 'crit', word: 'sees no leader' };
  if (member.learner) return { tone: 'info', word: 'learner' };
  return { tone: 'good', word: member.leader ? 'leader' : 'follower' };
}

function Database({ status }: { readonly status: EtcdMemberStatus }) {
  const words =
    sizeInWords(status) + (status.quota === null ? " (etcd's quota without a setting; it did not say its own)" : '');
  return (
    <div title={words}>
      <meter
        className="m-etcd-meter"
        min={0}
        max={1}
        high={0.8}
        value={Math.min(1, shareOfQuota(status))}
        aria-label={words}
      />
      <div className="m-small">
        {formatBytes(status.dbSize)} of {formatBytes(quotaOf(status))}
      </div>
      <div className="m-small m-muted">{formatBytes(status.dbInUse)} in use</div>
    </div>
  );
}

function MemberMenu({ member, onChoose }: Omit<RowProps, 'view'>) {
  const items: readonly { readonly text: string; readonly action: EtcdAction; readonly shown: boolean }[] = [
    { text: 'Move the leader here', action: { kind: 'move_leader', to: member.id }, shown: !member.learner },
    { text: 'Defragment', action: { kind: 'defragment', member: member.id }, shown: true },
    { text: 'Save a snapshot of it', action: { kind: 'snapshot', member: member.id, file: null }, shown: true },
    {
      text: 'Promote to a voting member',
      action: { kind: 'promote_member', member: member.id },
      shown: member.learner,
    },
    {
      text: 'Replace by another server',
      action: { kind: 'replace_member', member: member.id, peerUrl: '' },
      shown: member.status === null,
    },
    { text: 'Remove', action: { kind: 'remove_member', member: member.id }, shown: true },
  ];
  const label = `Actions on ${printable(etcdMemberName(member))}`;
  return (
    <PopoverNext
      content={
        <KeyMenu label={label}>
          {items
            .filter(({ shown }) => shown)
            .map(({ text, action }) => (
              <MenuItem key={text} role="menuitem" text={text} onClick={() => onChoose(action)} />
            ))}
        </KeyMenu>
      }
      placement="bottom-end"
      arrow={false}
      animation="minimal"
      shouldReturnFocusOnClose
    >
      <Button size="small" text="Actions" aria-label={label} />
    </PopoverNext>
  );
}
