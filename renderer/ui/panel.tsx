import { useId, type ReactNode } from 'react';

/** A titled surface. `note` is a short text beside the title, `tools` are at its right. */
export function Panel(props: {
  readonly title: ReactNode;
  readonly note?: ReactNode;
  readonly tools?: ReactNode;
  readonly flush?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={`m-panel ${props.className ?? ''}`} aria-labelledby={id}>
      <div className="m-panel-head">
        <h2 id={id}>{props.title}</h2>
        {props.note === undefined ? null : <span className="m-panel-note">{props.note}</span>}
        {props.tools === undefined ? null : <div className="m-panel-tools">{props.tools}</div>}
      </div>
      <div className={props.flush === true ? 'm-panel-flush' : 'm-panel-body'}>{props.children}</div>
    </section>
  );
}

/** Shown in place of an empty list: why it is empty, and what to do. */
export function Empty(props: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="m-empty">
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}
