import { Spinner } from '@blueprintjs/core';

/** A wait that says what it waits for. */
export function Loading(props: { readonly what: string }) {
  return (
    <div className="m-loading" role="status">
      <Spinner size={16} aria-hidden />
      <span>{props.what}</span>
    </div>
  );
}
