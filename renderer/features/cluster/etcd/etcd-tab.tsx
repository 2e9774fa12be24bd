import './etcd.css';
import { Button, MenuItem, PopoverNext } from '@blueprintjs/core';
import { useState, type ReactNode } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import type { EtcdAction } from '../../../../shared/model/etcd/etcd-action';
import type { EtcdView } from '../../../../shared/model/etcd/etcd-view';
import { findEtcdTrouble } from '../../../../shared/rules/etcd/etcd-findings';
import { etcdLeader, etcdMemberName, newestRevision } from '../../../../shared/rules/etcd/etcd-members';
import { quorumInWords, quorumNow } from '../../../../shared/rules/etcd/etcd-quorum';
import { goTo } from '../../../navigation/route';
import { isViewOf, tabViews, viewsOf, type TabView } from '../../../navigation/tab-views';
import { useAnswer } from '../../../rpc/hooks';
import { Answered } from '../../../ui/answered';
import { KeyMenu } from '../../../ui/key-menu';
import { Chip } from '../../../ui/mark';
import { Notice } from '../../../ui/notice';
import { Empty, Panel } from '../../../ui/panel';
import { Term } from '../../../ui/term';
import { printable } from '../../../ui/text';
import { Ago, useNow } from '../../../ui/time';
import { plural } from '../../../ui/wording/format';
import { EtcdDialog } from './etcd-dialog';
import { EtcdKeysPanel } from './etcd-keys';
import { EtcdMemberTable } from './etcd-member-table';

const tones = { critical: 'crit', warning: 'warn', info: 'info' } as const;
/** How many revisions are kept unless the user says otherwise. */
const KEEP = 10_000;
/** What is older is said to be old, ms. */
const OLD_MS = 120_000;

/** The etcd of a cluster: its members, its keys, and what is done with them. Asked when shown and on request. */
export default function EtcdTab({ state, view }: { readonly state: ClusterState; readonly view: string | null }) {
  const { clusterId } = state;
  const look = useAnswer(`etcd ${clusterId}`, (client) => client.etcd.look({ clusterId }));
  const [chosen, setChosen] = useState<EtcdAction | null>(() => actionOf(view));
  const [came, setCame] = useState(view);
  if (came !== view) {
    setCame(view);
    setChosen(actionOf(view));
  }
  if (state.dcs.kind === 'not_configured')
    return (
      <Empty title="No access to the etcd of this cluster">
        <p>
          Matriarch knows only what the members report. Add the addresses of the etcd members under Cluster settings.
        </p>
      </Empty>
    );
  const again = <Button size="small" text="Ask again" loading={look.loading} onClick={look.reload} />;
  return (
    <div className="m-stack" data-testid="etcd-tab">
      <Answered
        answer={look}
        what="Asking every member of etcd."
        tools={again}
        show={(view) => (
          <>
            <Troubles view={view} onChoose={setChosen} />
            <Members view={view} again={again} onChoose={setChosen} />
          </>
        )}
      />
      <EtcdKeysPanel clusterId={clusterId} />
      {chosen === null ? null : (
        <EtcdDialog
          clusterId={clusterId}
          first={chosen}
          view={look.value}
          onClose={() => {
            setChosen(null);
            if (view !== null) goTo({ page: 'cluster', clusterId, tab: 'etcd' });
            look.reload();
          }}
        />
      )}
    </div>
  );
}

function Troubles(props: { readonly view: EtcdView; readonly onChoose: (action: EtcdAction) => void }) {
  const free = () => props.onChoose({ kind: 'free_space', keep: KEEP });
  return findEtcdTrouble(props.view).map(({ code, severity, sentence, evidence, advice }) => (
    <Notice
      key={code + sentence}
      tone={tones[severity]}
      tools={
        code === 'etcd.nospace' || code === 'etcd.nearly_full' ? (
          <Button size="small" text="Free space" onClick={free} />
        ) : undefined
      }
    >
      <div className="m-strong">{printable(sentence)}</div>
      <div>{printable(advice)}</div>
      <div className="m-small m-muted">{printable(evidence)}</div>
    </Notice>
  ));
}

function Members(props: {
  readonly view: EtcdView;
  readonly again: ReactNode;
  readonly onChoose: (action: EtcdAction) => void;
}) {
  const { view } = props;
  const isOld = useNow() - view.asOf > OLD_MS;
  const leader = etcdLeader(view);
  const term = Math.max(0, ...view.members.map(({ status }) => status?.raftTerm ?? 0));
  return (
    <Panel
      title="etcd members"
      note={
        <>
          asked <Ago at={view.asOf} /> {isOld ? <Chip tone="old" word="old" /> : null}
        </>
      }
      tools={
        <>
          {props.again}
          <ClusterMenu onChoose={props.onChoose} />
        </>
      }
      flush
    >
      <div className="m-panel-body m-stack-tight">
        <p data-testid="etcd-quorum">{quorumInWords(quorumNow(view))}</p>
        <p className="m-small m-muted">
          {leader === undefined ? 'Nobody is known to lead.' : `${printable(etcdMemberName(leader))} leads`}
          {' in '}
          <Term name="raft term">raft term</Term> {term}. <Term name="revision">Revision</Term> {newestRevision(view)}.{' '}
          <Scopes view={view} />
        </p>
      </div>
      <EtcdMemberTable view={view} onChoose={props.onChoose} />
    </Panel>
  );
}

function Scopes({ view }: { readonly view: EtcdView }) {
  const names = view.scopes.map(({ scope }) => printable(scope)).join(', ');
  if (view.scopes.length < 2) return <>Its only cluster of Patroni is {names}.</>;
  return (
    <>
      {plural(view.scopes.length, 'cluster')} of Patroni keep their keys in it, and every action touches all of them:{' '}
      {names}.
    </>
  );
}

/** What is done with all of etcd, as its form begins. */
const wholeActions: Readonly<Record<TabView<'etcd'>, EtcdAction>> = {
  snapshot: { kind: 'snapshot', member: null, file: null },
  defragment: { kind: 'defragment', member: null },
  compact: { kind: 'compact', keep: KEEP },
  free_space: { kind: 'free_space', keep: KEEP },
  disarm: { kind: 'disarm' },
  add_member: { kind: 'add_member', peerUrl: '' },
};

function actionOf(view: string | null): EtcdAction | null {
  return isViewOf('etcd', view) ? wholeActions[view] : null;
}

function ClusterMenu({ onChoose }: { readonly onChoose: (action: EtcdAction) => void }) {
  return (
    <PopoverNext
      content={
        <KeyMenu label="Actions on etcd">
          {viewsOf('etcd').map((action) => (
            <MenuItem
              key={action}
              role="menuitem"
              text={tabViews.etcd[action]}
              onClick={() => onChoose(wholeActions[action])}
            />
          ))}
        </KeyMenu>
      }
      placement="bottom-end"
      arrow={false}
      animation="minimal"
      shouldReturnFocusOnClose
    >
      <Button size="small" text="Actions" aria-label="Actions on all of etcd" />
    </PopoverNext>
  );
}
