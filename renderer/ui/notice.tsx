import type { ReactNode } from 'react';
import type { AppErrorData } from '../../shared/model/app-error';
import { ToneIcon } from './mark';
import type { Tone } from './wording/words';

/** A sentence with a tone, and tools at its right. `alert` is read out at once. */
export function Notice(props: {
  readonly tone: Tone;
  readonly children: ReactNode;
  readonly tools?: ReactNode;
  readonly alert?: boolean;
}) {
  return (
    <div className={`m-notice m-notice-${props.tone}`} role={props.alert === true ? 'alert' : 'status'}>
      <span className={`m-tone-${props.tone}`}>
        <ToneIcon tone={props.tone} size={16} />
      </span>
      <div className="m-notice-body">{props.children}</div>
      {props.tools === undefined ? null : <div className="m-notice-tools">{props.tools}</div>}
    </div>
  );
}

/** An error as data: what happened, where, what to do next, its code, and what it came from. */
export function ErrorNotice(props: { readonly error: AppErrorData; readonly tools?: ReactNode }) {
  const { error } = props;
  return (
    <Notice tone="crit" alert tools={props.tools}>
      <div className="m-strong">{error.message}</div>
      {error.hint === undefined ? null : <div>{error.hint}</div>}
      <div className="m-notice-code">
        {error.code}
        {error.target === undefined ? '' : ` · ${error.target}`}
      </div>
      {error.cause === undefined ? null : <Causes error={error.cause} depth={0} />}
    </Notice>
  );
}

const DEEPEST_CAUSE = 5;

function Causes(props: { readonly error: AppErrorData; readonly depth: number }) {
  const { error, depth } = props;
  return (
    <>
      <div className="m-small">
        Because: {error.message} <span className="m-notice-code">{error.code}</span>
      </div>
      {error.cause === undefined || depth >= DEEPEST_CAUSE ? null : <Causes error={error.cause} depth={depth + 1} />}
    </>
  );
}
