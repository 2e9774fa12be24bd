import type { Page } from 'playwright-core';

/** Texts on the page that are cut and cannot be read whole by resting the pointer on them, each with where it stands. */
export function unreadableTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const hides = (element: Element): boolean => /hidden|clip/.test(getComputedStyle(element).overflowX);
    const isShown = (element: Element): boolean =>
      element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible';
    const found: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      if (element.closest('.m-hidden, svg, input, textarea, select') !== null || !hides(element)) continue;
      const own = [...element.querySelectorAll('*'), element].flatMap((one) =>
        [...one.childNodes].filter(
          (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim() !== '',
        ),
      );
      const right = element.getBoundingClientRect().right;
      const cut = own.filter((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect();
        const parent = node.parentElement;
        if (parent === null || parent.closest('.m-hidden, svg') !== null) return false;
        let nearest: Element | null = parent;
        while (nearest !== null && !hides(nearest) && !/auto|scroll/.test(getComputedStyle(nearest).overflowX))
          nearest = nearest.parentElement;
        return nearest === element && box.width > 0 && box.right > right + 1;
      });
      if (cut.length === 0 || element.clientWidth <= 1 || !isShown(element)) continue;
      element.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
      const text = element.textContent.trim();
      let titled: Element | null = element;
      while (titled !== null && !(titled.getAttribute('title') ?? '').includes(text)) titled = titled.parentElement;
      if (titled === null && element.querySelector('[title]') === null)
        found.push(`"${text.slice(0, 80)}" in ${element.tagName}.${element.className}`);
    }
    return [...new Set(found)];
  });
}
