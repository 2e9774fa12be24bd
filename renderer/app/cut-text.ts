import type { Undo } from '../../shared/model/undo';

/** How far up from the pointer an element that cuts its text is looked for. */
const MOST_LEVELS = 4;

/**
 * Where text does not fit and ends in an ellipsis, the whole of it is shown when the pointer rests on it or the keyboard comes to it.
 * Elements that explain themselves by a title of their own, or whose text fits again, are left as they are. Returns the undo.
 */
export function explainCutText(document: Document): Undo {
  const explain = ({ target }: Event): void => {
    let element = target instanceof HTMLElement ? target : null;
    for (let level = 0; element !== null && level < MOST_LEVELS; level += 1) {
      for (const each of [element, ...element.querySelectorAll<HTMLElement>('.m-clip')]) update(each);
      element = element.parentElement;
    }
  };
  document.addEventListener('pointerover', explain, { passive: true });
  document.addEventListener('focusin', explain);
  return () => {
    document.removeEventListener('pointerover', explain);
    document.removeEventListener('focusin', explain);
  };
}

function update(element: HTMLElement): void {
  const isOurs = element.dataset['cut'] === 'yes';
  if (!isCut(element)) {
    if (!isOurs) return;
    element.removeAttribute('title');
    delete element.dataset['cut'];
  } else if (isOurs || element.title === '') {
    element.title = element.textContent.trim();
    element.dataset['cut'] = 'yes';
  }
}

/** Whether an element ends its text in an ellipsis now. */
function isCut(element: HTMLElement): boolean {
  return element.scrollWidth > element.clientWidth && getComputedStyle(element).textOverflow === 'ellipsis';
}
