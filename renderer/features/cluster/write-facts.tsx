import type { ReactNode } from 'react';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { takeOverInWords, takeOverOf, type TakeOver } from '../../../shared/rules/cluster/take-over';
import { writesInWords, writeStatusOf, type WriteStatus } from '../../../shared/rules/cluster/write-status';
import { ToneIcon } from '../../ui/mark';
import { printable } from '../../ui/text';
import { Ago, useNow } from '../../ui/time';
import type { Tone } from '../../ui/wording/words';

const WRITE_TONES: Readonly<Record<WriteStatus['kind'], Tone>> = { yes: 'good', no: 'crit', not_known: 'unknown' };

const TAKE_OVER_TONES: Readonly<Record<TakeOver['kind'], Tone>> = {
  ready: 'good',
  unsure: 'unknown',
  nobody: 'crit',
  alone: 'warn',
  not_known: 'unknown',
};

/** The two facts a DBA needs first: whether the cluster takes writes, and who can take over if its leader fails. */
export function WriteFacts({ state }: { readonly state: ClusterState }) {
  const now = useNow();
  const writes = writeStatusOf(state);
  const takeOver = takeOverOf(state);
  const asOf = writes.kind === 'not_known' ? null : writes.asOf;
  return (
    <div className="m-row m-row-wrap m-cluster-facts">
      <Fact tone={WRITE_TONES[writes.kind]} testId="takes-writes">
        <span className="m-muted">Takes writes</span> {printable(writesInWords(writes, now))}
        {asOf === null ? null : (
          <span className="m-muted m-small">
            {' '}
            (<Ago at={asOf} />)
          </span>
        )}
      </Fact>
      <Fact tone={takeOverTone(takeOver, state.paused)} testId="take-over">
        {printable(takeOverInWords(takeOver, state.leader.holder, state.paused))}
      </Fact>
    </div>
  );
}

/** While Patroni is paused nobody takes over by itself, however many could. */
function takeOverTone(takeOver: TakeOver, paused: boolean | null): Tone {
  return takeOver.kind === 'ready' && paused === true ? 'warn' : TAKE_OVER_TONES[takeOver.kind];
}

function Fact(props: { readonly tone: Tone; readonly testId: string; readonly children: ReactNode }) {
  return (
    <span className={`m-row m-tone-${props.tone}`} data-testid={props.testId}>
      <ToneIcon tone={props.tone} />
      <span className="m-fact-words m-wrap">{props.children}</span>
    </span>
  );
}
