import { Menu } from '@blueprintjs/core';
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';

/** What takes the focus: actions and choices. */
const ITEM = '[role^="menuitem"]';

/**
 * A menu for the arrow keys: its first item has the focus when it opens. Disabled items take the focus, too, so that a
 * screen reader reads their reasons.
 */
export function KeyMenu(props: { readonly label: string; readonly children: ReactNode }) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (list.current !== null) itemsOf(list.current)[0]?.focus();
  }, []);
  return (
    <Menu ulRef={list} aria-label={props.label} className="m-actions" onKeyDown={onKeyDown}>
      {props.children}
    </Menu>
  );
}

function onKeyDown(event: KeyboardEvent): void {
  const here = event.target instanceof Element ? event.target.closest<HTMLElement>(ITEM) : null;
  const to = here === null ? undefined : target(here, event.key);
  if (to === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  to.focus();
}

/** Where a key leads from an item; undefined where it leads nowhere. */
function target(here: HTMLElement, key: string): HTMLElement | undefined {
  const list = here.closest('ul');
  const items = list === null ? [] : itemsOf(list);
  const at = items.indexOf(here);
  switch (key) {
    case 'ArrowDown':
      return items[(at + 1) % items.length];
    case 'ArrowUp':
      return items.at(at - 1);
    case 'Home':
      return items[0];
    case 'End':
      return items.at(-1);
    case 'ArrowRight':
      return here.closest('li')?.querySelector<HTMLElement>(`ul ${ITEM}`) ?? undefined;
    case 'ArrowLeft':
      return list?.parentElement?.closest('li')?.querySelector<HTMLElement>(ITEM) ?? undefined;
    default:
      return undefined;
  }
}

/** A menu's own items, without those of the menus inside it. */
function itemsOf(list: Element): readonly HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>(ITEM)].filter((item) => item.closest('ul') === list);
}
