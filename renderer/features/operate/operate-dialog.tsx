import '../../ui/styles/dialog.css';
import { Button, DialogBody, DialogFooter, FormGroup, InputGroup } from '@blueprintjs/core';
import { useDeferredValue, useId, useState } from 'react';
import { useStore } from 'zustand';
import type { AppErrorData } from '../../../shared/model/app-error';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { Candidate, Operation, OperationPreview } from '../../../shared/model/operate/operation';
import { candidatesFor } from '../../../shared/rules/cluster/candidates';
import { typeToConfirm } from '../../../shared/rules/operate/confirmation';
import { consequencesOf } from '../../../shared/rules/operate/consequences';
import { endangersData } from '../../../shared/rules/operate/endangers-data';
import { changesInWords, changesSince, fingerprintOf } from '../../../shared/rules/operate/fingerprint';
import { whyNot } from '../../../shared/rules/operate/offers';
import { checkOperation, firstRefusal } from '../../../shared/rules/operate/operation-checks';
import { useBusyJob } from '../../actions/use-scene';
import { useOpen, type OperationDraft } from '../../navigation/overlays';
import { useAction, useAnswer, useClusterFeed, usePage, useSummary } from '../../rpc/hooks';
import { CheckList } from '../../ui/check-list';
import { FocusedDialog } from '../../ui/focused-dialog';
import { Command } from '../../ui/command';
import { Consequences } from '../../ui/consequences';
import { Answered } from '../../ui/answered';
import { ErrorNotice, Notice } from '../../ui/notice';
import { ReasonButton } from '../../ui/reason-button';
import { printable } from '../../ui/text';
import { fieldsOf, operationFrom, type Fields } from './fields';
import { OperationFields } from './operation-fields';
import { dialogTitle, startWord } from './operation-words';
import { clusterName } from '../../../shared/rules/citus/citus-names';

/** Asks for one operation: what is filled in, what will happen, one confirmation. It follows the cluster while it is open. */
export default function OperateDialog(props: { readonly draft: OperationDraft; readonly onClose: () => void }) {
  const { draft } = props;
  const { state } = useClusterFeed(draft.clusterId);
  const summary = useSummary(draft.clusterId);
  const [fields, setFields] = useState(() => fieldsOf(draft.operation, Date.now()));
  const [following, setFollowing] = useState(draft.suggested);
  const suggestion = useSuggestion(following ? state : null, fields.candidate);
  const filled = following ? { ...fields, candidate: suggestion.candidate } : fields;
  const made = operationFrom(draft.operation, useDeferredValue(filled));
  const title = `${dialogTitle(draft.operation, printable)}: ${printable(summary === null ? 'cluster' : clusterName(summary))}`;
  const parts: PartProps = {
    draft,
    state,
    fields: filled,
    onFields: (next) => {
      setFields(next);
      setFollowing(false);
    },
    suggestion: following ? suggestion.sentence : null,
    onClose: props.onClose,
  };
  return (
    <FocusedDialog isOpen className="m-operate" title={title} onClose={props.onClose} canOutsideClickClose={false}>
      {'operation' in made ? (
        <Previewed {...parts} operation={made.operation} onTouch={() => parts.onFields(filled)} />
      ) : (
        <Incomplete {...parts} missing={made.missing} />
      )}
    </FocusedDialog>
  );
}

/** The best candidate for a failover now, and what to say when it is another one than before. */
function useSuggestion(
  state: ClusterState | null,
  first: string | null,
): { readonly candidate: string | null; readonly sentence: string | null } {
  const [held, setHeld] = useState({ candidate: first, sentence: null as string | null });
  const best = state === null ? undefined : candidatesFor(state, 'failover').find((each) => each.verdict !== 'refuses');
  if (best === undefined || best.member === held.candidate) return held;
  const next = {
    candidate: best.member,
    sentence: `The suggestion changed from ${held.candidate ?? 'nobody'} to ${best.member}, the better candidate now.`,
  };
  setHeld(next);
  return next;
}

interface PartProps {
  readonly draft: OperationDraft;
  /** The cluster as it is now; null until it was heard of. */
  readonly state: ClusterState | null;
  readonly fields: Fields;
  readonly onFields: (fields: Fields) => void;
  readonly suggestion: string | null;
  readonly onClose: () => void;
}

function Suggestion({ sentence }: { readonly sentence: string | null }) {
  return sentence === null ? null : <Notice tone="info">{printable(sentence)}</Notice>;
}

function Incomplete(props: PartProps & { readonly missing: string }) {
  return (
    <>
      <DialogBody>
        <div className="m-stack">
          <Suggestion sentence={props.suggestion} />
          <OperationFields
            operation={props.draft.operation}
            candidates={liveCandidates(props.state, props.draft.operation) ?? []}
            state={props.state}
            fields={props.fields}
            onFields={props.onFields}
          />
          <p className="m-muted">{props.missing}</p>
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={props.onClose} />
            <ReasonButton intent="primary" why={props.missing} text={startWord(props.draft.operation)} />
          </>
        }
      />
    </>
  );
}

/** Who may take over by what is known now; null while nothing is. */
function liveCandidates(state: ClusterState | null, operation: Operation): readonly Candidate[] | null {
  return state === null ? null : candidatesFor(state, operation.kind === 'failover' ? 'failover' : 'switchover');
}

function Previewed(props: PartProps & { readonly operation: Operation; readonly onTouch: () => void }) {
  const page = usePage();
  const open = useOpen();
  const { draft, operation, state } = props;
  const [typed, setTyped] = useState('');
  const news = useNews(state, operation, () => setTyped(''));
  const answer = useAnswer(JSON.stringify([operation, news.key]), (client) =>
    client.operations.preview({ clusterId: draft.clusterId, operation }),
  );
  const [requestId] = useState(() => crypto.randomUUID());
  const live = useLive(answer.value, state, operation);
  const start = useAction(async (shown: OperationPreview) => {
    const job = await page.call((client) =>
      client.operations.start({
        clusterId: draft.clusterId,
        operation: shown.operation,
        fingerprint: shown.fingerprint,
        typed: shown.typeToConfirm === null ? null : typed,
        requestId,
      }),
    );
    props.onClose();
    open.jobs(job.id);
  });
  const again = () => {
    start.clear();
    setTyped('');
    news.acknowledge();
    answer.reload();
  };
  const isFresh =
    live !== null && !answer.loading && JSON.stringify(live.preview.operation) === JSON.stringify(operation);
  const why = useWhyNotNow({ live, isFresh, typed, news: news.changes, failed: start.error !== null });
  const confirm = () => {
    if (live !== null && why === null) void start.run(live.preview);
  };
  return (
    <>
      <DialogBody>
        <div className="m-stack">
          <StartError error={start.error} again={again} />
          {start.error === null ? <News changes={news.changes} onSeen={news.acknowledge} /> : null}
          <Suggestion sentence={props.suggestion} />
          <OperationFields
            operation={draft.operation}
            candidates={liveCandidates(state, operation) ?? answer.value?.candidates ?? []}
            state={state}
            fields={props.fields}
            onFields={props.onFields}
          />
          <Answered
            answer={{ value: live, error: answer.error }}
            what="Reading the current state of the cluster."
            tools={<Button size="small" text="Try again" onClick={again} />}
            show={({ preview }) => (
              <Shown
                preview={preview}
                typed={typed}
                onTyped={(text) => {
                  setTyped(text);
                  props.onTouch();
                }}
                busy={answer.loading}
                onEnter={confirm}
              />
            )}
          />
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={props.onClose} />
            <ReasonButton
              intent={endangersData(operation) ? 'danger' : 'primary'}
              autoFocus={false}
              data-testid="confirm"
              text={startWord(operation, printable)}
              loading={start.busy}
              why={why}
              onClick={confirm}
            />
          </>
        }
      />
    </>
  );
}

/** A preview of the core brought up to the state that the page sees, and why it cannot be started by that state. */
interface LivePreview {
  readonly preview: OperationPreview;
  readonly why: string | null;
}

/**
 * The preview with what the live state says now. Its fingerprint stays: the core compares it with what is so when it starts.
 */
function useLive(
  preview: OperationPreview | null,
  state: ClusterState | null,
  operation: Operation,
): LivePreview | null {
  const busy = useBusyJob(state?.clusterId ?? null);
  if (preview === null) return null;
  if (!preview.allowed) return { preview, why: firstRefusal(preview.checks)?.sentence ?? null };
  if (state === null) return { preview, why: null };
  return {
    preview: {
      ...preview,
      checks: checkOperation(state, operation, state.at),
      consequences: consequencesOf(state, operation),
      typeToConfirm: typeToConfirm(state, operation),
    },
    why: whyNot({ state, busy, now: state.at }, operation),
  };
}

interface News {
  /** What is different from when the dialog opened or the user last looked, as sentences. */
  readonly changes: readonly string[];
  /** Another one for each change that matters to the operation. */
  readonly key: string;
  readonly acknowledge: () => void;
}

/** Watches for what would make the decision another one; `onNews` is called when something did. */
function useNews(state: ClusterState | null, operation: Operation, onNews: () => void): News {
  const [seen, setSeen] = useState<{ readonly state: ClusterState; readonly times: number } | null>(null);
  const [told, setTold] = useState('');
  if (seen === null && state !== null) setSeen({ state, times: 0 });
  const changes =
    state === null || seen === null ? [] : changesSince(fingerprintOf(seen.state, operation), state, operation);
  const sentences = changes.join('\n');
  if (sentences !== told) {
    setTold(sentences);
    if (sentences !== '') onNews();
  }
  const times = seen?.times ?? 0;
  return {
    changes,
    key: `${times} ${sentences}`,
    acknowledge: () => setSeen(state === null ? null : { state, times: times + 1 }),
  };
}

function News({ changes, onSeen }: { readonly changes: readonly string[]; readonly onSeen: () => void }) {
  if (changes.length === 0) return null;
  return (
    <Notice tone="warn" alert tools={<Button size="small" text="I have seen it" onClick={onSeen} />}>
      <div className="m-strong">The cluster changed while this was open. Nothing was sent.</div>
      <div>{printable(changesInWords(changes))}</div>
    </Notice>
  );
}

/** Why the operation cannot be confirmed now; null when it can. */
function useWhyNotNow(now: {
  readonly live: LivePreview | null;
  readonly isFresh: boolean;
  readonly typed: string;
  readonly news: readonly string[];
  readonly failed: boolean;
}): string | null {
  const isCoreOpen = useStore(usePage().core.status, ({ kind }) => kind === 'open');
  const { live, typed } = now;
  if (!isCoreOpen) return "Matriarch's background process does not answer, so nothing can be sent.";
  if (now.failed) return 'Refresh first: the last attempt was refused.';
  if (live?.why != null) return live.why;
  if (live === null || !now.isFresh) return 'The current state of the cluster is being read.';
  if (now.news.length > 0) return 'The cluster changed while this was open. Say above that you have seen it.';
  const wanted = live.preview.typeToConfirm;
  return wanted === null || typed === wanted ? null : `Type ${wanted} to confirm.`;
}

function StartError({ error, again }: { readonly error: AppErrorData | null; readonly again: () => void }) {
  if (error === null) return null;
  const tools = <Button size="small" text="Refresh" onClick={again} />;
  if (error.code !== 'operation.state_changed') return <ErrorNotice error={error} tools={tools} />;
  return (
    <Notice tone="warn" alert tools={tools}>
      <div className="m-strong">The cluster changed while this was open. Nothing was sent.</div>
      <div>{error.message} Check the current state, then confirm again.</div>
      <div className="m-notice-code">{error.code}</div>
    </Notice>
  );
}

function Shown(props: {
  readonly preview: OperationPreview;
  readonly typed: string;
  readonly onTyped: (typed: string) => void;
  readonly busy: boolean;
  readonly onEnter: () => void;
}) {
  const { preview } = props;
  const id = useId();
  return (
    <div className={`m-stack ${props.busy ? 'm-busy' : ''}`} aria-busy={props.busy}>
      <CheckList checks={preview.checks} />
      <Consequences consequences={preview.consequences} />
      {preview.typeToConfirm === null || !preview.allowed ? null : (
        <FormGroup
          label={
            <>
              Type <strong className="m-wrap">{printable(preview.typeToConfirm)}</strong> to confirm
            </>
          }
          labelFor={id}
        >
          <InputGroup
            id={id}
            value={props.typed}
            autoComplete="off"
            spellCheck={false}
            onValueChange={props.onTyped}
            onKeyDown={(event) => {
              if (event.key === 'Enter') props.onEnter();
            }}
          />
        </FormGroup>
      )}
      <details className="m-details">
        <summary>Equivalent command</summary>
        <Command text={preview.command} />
      </details>
    </div>
  );
}
