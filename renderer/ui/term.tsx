import { PopoverNext } from '@blueprintjs/core';
import type { ReactNode } from 'react';
import { glossary, type GlossaryTerm } from './wording/glossary';

/** A word of the field, explained when the mouse or the focus is on it. */
export function Term(props: { readonly name: GlossaryTerm; readonly children: ReactNode }) {
  return (
    <PopoverNext
      content={<p className="m-term-text">{glossary[props.name]}</p>}
      interactionKind="hover-target"
      placement="top"
      animation="minimal"
      openOnTargetFocus
      targetTagName="span"
    >
      <dfn className="m-term" tabIndex={0}>
        {props.children}
      </dfn>
    </PopoverNext>
  );
}
