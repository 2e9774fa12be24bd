import type { ReactNode } from 'react';
import type { AppErrorData } from '../../shared/model/app-error';
import { Loading } from './loading';
import { ErrorNotice } from './notice';

/**
 * What is shown of an answer of the core: its error, then its value, or what is waited for until one of them is there.
 * `what` says what is done meanwhile; `flush` is for a panel without a margin of its own; `tools` stand beside the error.
 */
export function Answered<T>(props: {
  readonly answer: { readonly value: T | null; readonly error: AppErrorData | null };
  readonly what: string;
  readonly flush?: boolean;
  readonly tools?: ReactNode;
  readonly show: (value: T) => ReactNode;
}) {
  const { value, error } = props.answer;
  if (value === null && error === null) return <Loading what={props.what} />;
  if (error === null) return value === null ? null : props.show(value);
  const notice = <ErrorNotice error={error} tools={props.tools} />;
  return (
    <div className={props.flush === true ? '' : 'm-stack'}>
      {props.flush === true ? <div className="m-panel-body">{notice}</div> : notice}
      {value === null ? null : props.show(value)}
    </div>
  );
}
