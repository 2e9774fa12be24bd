import { useEffect } from 'react';

const REMEMBERED = 24;
const ABOVE = '[role="dialog"], .bp6-portal, .m-drawer';

/** What had the focus, whether it lay above the page (in a dialog, a menu or a drawer), and which page was shown then. */
interface Had {
  readonly element: HTMLElement;
  readonly above: boolean;
  readonly address: string;
}

/**
 * Gives the focus back when its element is removed: after a dialog to what had it before, else to the page's content, which it also
 * gets when another page was opened meanwhile. Without it the keyboard would start at the top of the page after each dialog.
 */
export function useKeptFocus(): void {
  useEffect(() => keepFocus(document), []);
}

/** Watches a document as `useKeptFocus` says; answers how to stop. */
export function keepFocus(page: Document): () => void {
  let had: readonly Had[] = [];
  const remember = ({ target }: FocusEvent) => {
    if (target instanceof HTMLElement)
      had = [
        ...had.filter(({ element }) => element !== target).slice(1 - REMEMBERED),
        { element: target, above: target.closest(ABOVE) !== null, address: page.location.hash },
      ];
  };
  const look = () => {
    const last = had.at(-1);
    if (last === undefined || last.element.isConnected || page.activeElement !== page.body) return;
    giveBack(page, last.above ? candidates(had, page.location.hash) : []);
  };
  const observer = new MutationObserver(look);
  page.addEventListener('focusin', remember);
  observer.observe(page.body, { childList: true, subtree: true });
  return () => {
    observer.disconnect();
    page.removeEventListener('focusin', remember);
  };
}

/** Who had the focus before, newest first, down to the last on the page itself. */
function candidates(had: readonly Had[], address: string): readonly HTMLElement[] {
  const onPage = had.findLastIndex(({ above }) => !above);
  return had
    .slice(Math.max(0, onPage))
    .filter((one) => one.above || one.address === address)
    .map(({ element }) => element)
    .filter((element) => element.isConnected)
    .reverse();
}

/** Tries one after the other: what is hidden or disabled does not take the focus. While a dialog is open the focus stays in it. */
function giveBack(page: Document, to: readonly HTMLElement[]): void {
  const dialog = [...page.querySelectorAll('[role="dialog"]')].at(-1);
  for (const element of to) {
    if (dialog !== undefined && !dialog.contains(element)) continue;
    element.focus({ preventScroll: true });
    if (page.activeElement === element) return;
  }
  if (dialog === undefined) page.getElementById('main')?.focus({ preventScroll: true });
}
